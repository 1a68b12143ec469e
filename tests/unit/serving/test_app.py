import pytest

from mien.errors import BundleError


def test_the_document_describes_each_route_and_its_problems(server):
    document = server().get("/openapi.json").json()
    assert document["openapi"].startswith("3.1")
    assert {
        "/v1/faces",
        "/v1/crops",
        "/v1/bundles",
        "/v1/live",
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
