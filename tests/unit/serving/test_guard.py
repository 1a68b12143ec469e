from urllib.parse import quote

import pytest

from mien.serving.guard import cookie_of
from photo_builders import photo

LIVE = "ws://localhost:8000/v1/live"
IMAGE = [("files", ("a.png", photo()))]
TOKEN = "correct horse+battery"


@pytest.mark.parametrize("host", ["localhost:8000", "127.0.0.1", "[::1]:8000", "LOCALHOST", "127.0.0.2:9"])
def test_loopback_names_are_answered(server, host):
    assert server().get("/healthz", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "localhost.evil.example",
        "192.168.0.7",
        "",
        "[",
        "localhost@evil.example",
        "evil.example:80@localhost",
    ],
)
def test_other_names_are_refused(server, host):
    answer = server().get("/healthz", headers={"Host": host})
    assert (answer.status_code, answer.json()["type"]) == (421, "urn:mien:problem:unknown-host")


def test_an_allowed_name_is_answered(server):
    client = server(allowed_hosts=("Faces.Example",))
    assert client.get("/healthz", headers={"Host": "faces.example:443"}).status_code == 200


def test_addresses_are_answered_on_an_open_server(server):
    client = server(host="0.0.0.0", token=TOKEN)
    assert client.get("/healthz", headers={"Host": "192.168.0.7:8000"}).status_code == 200
    assert client.get("/healthz", headers={"Host": "evil.example"}).status_code == 421


@pytest.mark.parametrize(
    ("origin", "status"),
    [
        ("http://localhost:8000", 200),
        ("https://localhost:8000", 200),
        ("http://localhost:9000", 403),
        ("http://evil.example", 403),
        ("null", 403),
    ],
)
def test_pages_of_other_origins_are_refused(server, origin, status):
    assert server().post("/v1/faces", files=IMAGE, headers={"Origin": origin}).status_code == status


def test_an_allowed_origin_gets_its_header(server):
    client = server(allowed_origins=("https://app.example",))
    answer = client.post("/v1/faces", files=IMAGE, headers={"Origin": "https://app.example"})
    assert answer.headers["access-control-allow-origin"] == "https://app.example"
    refused = client.post("/v1/faces", files=IMAGE, headers={"Origin": "https://other.example"})
    assert refused.status_code == 403
    assert "access-control-allow-origin" not in server().post("/v1/faces", files=IMAGE).headers


def test_a_preflight_request_needs_no_token(server):
    client = server(token=TOKEN, allowed_origins=("https://app.example",))
    headers = {"Origin": "https://app.example", "Access-Control-Request-Method": "POST"}
    headers["Access-Control-Request-Headers"] = "authorization"
    assert client.options("/v1/faces", headers=headers).status_code == 200


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 401),
        ({"Authorization": f"Bearer {TOKEN}"}, 200),
        ({"Authorization": f"bearer  {TOKEN}"}, 200),
        ({"Authorization": f"Bearer {TOKEN}x"}, 401),
        ({"Authorization": "Bearer "}, 401),
        ({"Authorization": f"Basic {TOKEN}"}, 401),
        ({"Authorization": "Bearer caf\xe9"}, 401),
        ({"Cookie": "mien-token=correct%20horse"}, 401),
        ({"Cookie": f'mien-token="{TOKEN}"'}, 401),
        ({"Cookie": f"mien-token={cookie_of(TOKEN)}"}, 200),
        ({"Cookie": f"mien-token={cookie_of('wrong')}"}, 401),
    ],
)
def test_a_token_is_required(server, headers, status):
    headers = {name: value.encode("latin-1") for name, value in headers.items()}
    answer = server(token=TOKEN).get("/v1/bundles", headers=headers)
    assert answer.status_code == status
    assert answer.headers.get("www-authenticate") == (None if status == 200 else "Bearer")


def test_a_browser_that_opens_the_page_with_the_token_keeps_it_in_a_cookie(server):
    client = server(token=TOKEN)
    assert client.get("/").status_code == 401
    assert client.get("/", params={"token": "wrong"}).status_code == 401
    answer = client.get(f"/?x=1&token={quote(TOKEN)}", follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    assert TOKEN not in answer.headers["set-cookie"]
    assert "httponly" in answer.headers["set-cookie"].lower()
    assert "samesite=strict" in answer.headers["set-cookie"].lower()
    assert client.get("/").status_code == 200
    client.cookies.clear()
    assert client.get("/v1/bundles", params={"token": TOKEN}).status_code == 401


def test_health_needs_no_token(server):
    client = server(token=TOKEN)
    assert client.get("/healthz").status_code == 200
    assert client.get("/metrics").status_code == 401


@pytest.mark.parametrize("path", ["/healthz", "/no/such/path", "/v1/faces"])
def test_each_response_has_security_headers(server, path):
    headers = server().get(path).headers
    assert "default-src 'none'" in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["cache-control"] == "no-store"


@pytest.mark.parametrize("chunked", [False, True])
def test_a_body_that_is_too_large_is_refused(server, options, chunked):
    from mien.serving.options import RequestLimits

    client = server(limits=RequestLimits(body_bytes=1000))
    body = b"x" * 2000
    headers = {"Content-Type": "multipart/form-data; boundary=b"}
    answer = client.post("/v1/faces", content=iter([body]) if chunked else body, headers=headers)
    assert (answer.status_code, answer.json()["type"]) == (413, "urn:mien:problem:too-large")


def test_bodies_of_all_requests_are_bounded(server):
    from mien.serving.options import RequestLimits

    client = server(limits=RequestLimits(pending_bytes=1))
    assert client.post("/v1/faces", files=IMAGE).status_code == 200  # alone
    assert client.post("/v1/faces", files=IMAGE).status_code == 200  # the first was released


@pytest.mark.parametrize("headers", [{"Origin": "http://evil.example"}, {"Host": "evil.example"}])
def test_web_sockets_of_other_pages_are_refused(server, headers):
    from starlette.websockets import WebSocketDisconnect

    with pytest.raises(WebSocketDisconnect), server().websocket_connect(LIVE, headers=headers):
        pass


def test_a_web_socket_needs_the_token(server):
    from starlette.websockets import WebSocketDisconnect

    client = server(token=TOKEN)
    with pytest.raises(WebSocketDisconnect), client.websocket_connect(LIVE):
        pass
    with client.websocket_connect(LIVE, headers={"Authorization": f"Bearer {TOKEN}"}):
        pass


def test_two_lengths_of_a_body_end_the_connection(server):
    lengths = {"Content-Length": "1", "Transfer-Encoding": "chunked"}
    answer = server().post("/v1/faces", content=b"a", headers=lengths)
    assert (answer.status_code, answer.json()["type"]) == (400, "urn:mien:problem:invalid-http")
    assert answer.headers["connection"] == "close"
