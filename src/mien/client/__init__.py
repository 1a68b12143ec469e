"""The Python client of `mien serve`: `mien.Client` and `mien.AsyncClient`.

    images -> calls (requests) -> connection (httpx) -> answers -> Result, Job, ...

Requests are built and answers are read by pure functions; the clients send them, and share all else.
"""
