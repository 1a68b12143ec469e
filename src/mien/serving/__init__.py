"""A web page, a REST API and a live WebSocket around the recognizer, for this machine or behind a proxy.

    request -> guard (host, origin, token, size) -> routes -> RecognitionService -> Result -> JSON

The page (`page/`) is plain HTML, CSS and JavaScript modules; it uses the same API.
`create_app` returns the ASGI application; `mien serve` runs it with uvicorn.
"""
