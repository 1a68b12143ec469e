"""A REST API and a live WebSocket around the recognizer, for this machine or behind a proxy.

    request -> guard (host, origin, token, size) -> routes -> RecognitionService -> Result -> JSON

`create_app` returns the ASGI application; `mien serve` runs it with uvicorn.
"""
