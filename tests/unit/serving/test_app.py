import pytest

from mien.errors import BundleError
from mien.explanation.registry import BLACK_BOX


def test_the_document_describes_each_route_and_its_problems(server):
    document = server().get("/openapi.json").json()
    assert document["openapi"].startswith("3.1")
    assert {
        "/v1/faces",
        "/v1/crops",
        "/v1/explain",
        "/v1/bundles",
        "/v1/videos",
        "/v1/jobs",
        "/v1/jobs/{job}",
        "/v1/jobs/{job}/events",
        "/v1/jobs/{job}/result",
        "/healthz",
        "/readyz",
        "/metrics",
    } == set(document["paths"])
    responses = document["paths"]["/v1/faces"]["post"]["responses"]
    own = {"200", "400", "401", "403", "408", "413", "415", "421", "422", "429", "431", "500", "503"}
    assert own == set(responses)
    for status, response in responses.items():
        kind = "application/json" if status == "200" else "application/problem+json"
        assert set(response["content"]) == {kind}
    body = document["paths"]["/v1/faces"]["post"]["requestBody"]["content"]["multipart/form-data"]
    assert body["schema"]["required"] == ["files"]


def test_all_references_of_the_document_exist(server):
    document = server().get("/openapi.json").json()
    missing = []

    def follow(node):
        if isinstance(node, dict):
            reference = node.get("$ref", "")
            if reference.startswith("#/"):
                found = document
                for key in reference[2:].split("/"):
                    found = found.get(key, {})
                if not found:
                    missing.append(reference)
            for value in node.values():
                follow(value)
        elif isinstance(node, list):
            for value in node:
                follow(value)

    follow(document)
    assert missing == []
    assert "HTTPValidationError" not in str(document)


@pytest.mark.parametrize(("method", "path", "status"), [("GET", "/nothing", 404), ("GET", "/v1/faces", 405)])
def test_unknown_routes_are_problems(server, method, path, status):
    answer = server().request(method, path)
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
    assert answer.json()["status"] == status


def test_no_page_loads_scripts_of_other_hosts(server):
    assert server().get("/docs").status_code == 404


def test_a_missing_bundle_is_an_error_before_the_server_starts(server):
    with pytest.raises(BundleError, match="no such bundle"):
        server(bundles=("/no/such.onnx",))


def test_each_answer_has_an_example_and_each_problem_its_kind(server):
    document = server().get("/openapi.json").json()
    for path, item in document["paths"].items():
        for operation in item.values():
            for status, response in operation["responses"].items():
                for kind, content in response.get("content", {}).items():
                    examples = content.get("examples") or {"": {"value": content["example"]}}
                    assert examples, (path, status, kind)
                    if kind == "application/problem+json":
                        assert all(
                            one["value"]["type"] == f"urn:mien:problem:{name}"
                            and one["value"]["status"] == int(status)
                            for name, one in examples.items()
                        )
    assert "text message" in document["x-websockets"]["/v1/live"]["description"]


def test_the_document_lists_the_names_and_the_token(server):
    paths = server().get("/openapi.json").json()["paths"]
    found = {one["name"]: one["schema"] for one in paths["/v1/explain"]["post"]["parameters"]}
    assert found["bundle"]["enum"] == ["tiny"]
    assert found["detector"]["enum"] == ["levels", "whole"]
    assert found["method"]["enum"] == list(BLACK_BOX)
    token = "correct-horse-battery"
    headers = {"Authorization": f"Bearer {token}"}
    document = server(token=token).get("/openapi.json", headers=headers).json()
    assert document["paths"]["/v1/faces"]["post"]["security"] == [{"token": []}, {"cookie": []}]
    assert "security" not in document["paths"]["/healthz"]["get"]


@pytest.mark.parametrize(
    ("path", "allowed"), [("/v1/jobs/x", "DELETE, GET"), ("/v1/faces", "POST"), ("/", "GET, HEAD")]
)
def test_other_methods_get_the_allowed_ones(server, path, allowed):
    answer = server().request("PATCH", path)
    assert (answer.status_code, answer.headers["allow"]) == (405, allowed)


def test_an_internal_error_is_a_problem_without_its_text(server, monkeypatch):
    client = server()
    monkeypatch.setattr(client.app.state.service, "images", lambda *_: 1 / 0)
    answer = client.post("/v1/crops", files={"files": ("a.png", b"x")})
    assert (answer.status_code, answer.json()["detail"]) == (500, "an internal error (ZeroDivisionError)")
    assert answer.headers["x-content-type-options"] == "nosniff"
