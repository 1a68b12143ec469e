"""Videos in the background: jobs that survive a restart of the server.

upload -> JobStore (SQLite) -> JobWorker (a thread) -> results.jsonl
"""
