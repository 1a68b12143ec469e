"""Parameters in the query of a request: each one that is known, and once unless it is a list."""

from collections import Counter
from typing import Any

from fastapi import Request

from mien.serving.problems import Problem


def require_known_parameters(request: Request) -> None:
    """Refuse a request with a parameter that its route lacks, such as a typo, or with a single one twice.

    Raises:
        Problem: There is such a parameter.
    """
    counts = Counter(name for name, _ in request.query_params.multi_items())
    if not counts:
        return
    known = _parameters(request)
    wrong = [f"{name!r}: unknown" for name in counts if name not in known]
    wrong += [
        f"{name!r}: given {count} times"
        for name, count in counts.items()
        if count > 1 and not known.get(name)
    ]
    if wrong:
        raise Problem("invalid-request", f"parameter {wrong[0]}; expected {_expected(known)}")


def _expected(known: dict[str, bool]) -> str:
    once = ", ".join(name for name, is_list in known.items() if not is_list)
    lists = ", ".join(name for name, is_list in known.items() if is_list)
    return ", and ".join(filter(None, (once and f"{once}, each once", lists))) or "none"


def _parameters(request: Request) -> dict[str, bool]:
    """Return whether each parameter of the route is a list, as the OpenAPI document states it."""
    operations = request.app.openapi()["paths"][request.scope["route"].path]
    parameters = operations[request.method.lower()].get("parameters", [])
    return {one["name"]: _is_list(one["schema"]) for one in parameters if one["in"] == "query"}


def _is_list(schema: dict[str, Any]) -> bool:
    return any(one.get("type") == "array" for one in schema.get("anyOf", [schema]))
