"""A small fuzzer over the OpenAPI document: each answer is a documented one of the documented type."""

import random

import pytest

ODD = ["", "0", "-1", "1e999", "nan", "null", "true", "é", "a" * 2000, "../../etc/passwd", "[]", "%00", "{}"]
BODIES = [
    b"", b"x", b"--b\r\n", b"--b--\r\n", b"\xff" * 300,
    b'--b\r\nContent-Disposition: form-data; name="files"\r\n\r\nx\r\n--b--\r\n',
    b'--b\r\nContent-Disposition: form-data; name="files"; filename="../a"\r\n\r\n\x89PNG\r\n--b--\r\n',
    b'--b\r\nContent-Disposition: form-data; name="boxes"\r\n\r\n[[[\r\n--b--\r\n',
]  # fmt: skip
KINDS = ["multipart/form-data; boundary=b", "multipart/form-data", "application/json", "", "x" * 300]


def requests(document, rng):
    """Yield method, address, options and documented responses of random requests."""
    for path, item in document["paths"].items():
        if path.endswith("/events"):
            continue
        for method, operation in item.items():
            parameters = operation.get("parameters", [])
            for _ in range(12):
                query = {
                    one["name"]: rng.choice([*ODD, *one["schema"].get("enum", []), "1"])
                    for one in parameters
                    if one["in"] == "query" and rng.random() < 0.4
                }
                content = rng.choice(BODIES) if "requestBody" in operation else None
                headers = {"Content-Type": rng.choice(KINDS)}
                address = path.replace("{job}", rng.choice(["x", "a" * 101, "%2e%2e", "é"]))
                yield method, address, {"params": query, "content": content, "headers": headers}, operation


@pytest.mark.parametrize("seed", range(3))
def test_random_requests_get_documented_answers(server, seed):
    client = server(threads=1)
    document = client.get("/openapi.json").json()
    for method, address, options, operation in requests(document, random.Random(seed)):
        answer = client.request(method, address, **options)
        where = (method, address, options, answer.status_code, answer.text[:200])
        assert answer.status_code < 500, where
        response = operation["responses"].get(str(answer.status_code))
        assert response is not None, where
        kind = answer.headers.get("content-type", "").partition(";")[0]
        assert kind in response.get("content", {"": None}), where
        if answer.status_code >= 400:
            assert answer.json()["status"] == answer.status_code, where
            assert answer.json()["detail"], where
