"""Parameters in the query of a request: each one that is known, once."""

from collections import Counter

from fastapi import Request

from mien.serving.problems import Problem


def require_known_parameters(request: Request) -> None:
    """Refuse a request with a parameter that its route lacks, such as a typo, or with one twice.

    Raises:
        Problem: There is such a parameter.
    """
    counts = Counter(name for name, _ in request.query_params.multi_items())
    if not counts:
        return
    known = _names(request)
    wrong = [f"{name!r}: unknown" for name in counts if name not in known]
    wrong += [f"{name!r}: given {count} times" for name, count in counts.items() if count > 1]
    if wrong:
        expected = f"{', '.join(known)}, each once" if known else "none"
        raise Problem("invalid-request", f"parameter {wrong[0]}; expected {expected}")


def _names(request: Request) -> list[str]:
    """Return the parameters of the route, as the OpenAPI document states them."""
    operations = request.app.openapi()["paths"][request.scope["route"].path]
    parameters = operations[request.method.lower()].get("parameters", [])
    return [one["name"] for one in parameters if one["in"] == "query"]
