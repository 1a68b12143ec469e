import pytest

from photo_builders import photo

IMAGE = photo()


@pytest.mark.parametrize(
    ("content", "kind", "status", "detail"),
    [
        (b"{}", "application/json", 415, "expected multipart/form-data"),
        (b"", "", 415, "no type"),
        (b"", "multipart/form-data", 400, "Missing boundary"),
        (b"junk", "multipart/form-data; boundary=b", 400, ""),
        (b"--b\r\n\r\nno name\r\n--b--\r\n", "multipart/form-data; boundary=b", 400, "Content-Disposition"),
        (b"--b--\r\n", "multipart/form-data; boundary=b", 400, "no file"),
    ],
)
def test_other_bodies_are_a_problem(server, content, kind, status, detail):
    headers = {"Content-Type": kind} if kind else {}
    answer = server().post("/v1/faces", content=content, headers=headers)
    assert answer.status_code == status
    assert detail in answer.json()["detail"]


def test_unknown_parts_are_a_problem(server):
    client = server()
    answer = client.post("/v1/faces", files=[("image", ("a.png", IMAGE))])
    assert (answer.status_code, "part 'image' is a file" in answer.json()["detail"]) == (400, True)
    answer = client.post("/v1/faces", files=[("files", ("a.png", IMAGE))], data={"bundle": "small"})
    assert (answer.status_code, "part 'bundle' is a text" in answer.json()["detail"]) == (400, True)


def test_too_many_files_are_a_problem(server):
    from mien.serving.options import RequestLimits

    client = server(limits=RequestLimits(images=2))
    sent = [("files", (f"{number}.png", IMAGE)) for number in range(3)]
    assert client.post("/v1/faces", files=sent[:2]).status_code == 200
    assert client.post("/v1/faces", files=sent).status_code == 413


@pytest.mark.parametrize(
    "name", ["../../etc/passwd", "/etc/passwd", "a\x1b[31m.png", "é — 顔.png", "x" * 3000]
)
def test_file_names_are_text_only(server, name):
    result = server().post("/v1/faces", files=[("files", (name, IMAGE))]).json()["results"][0]
    assert result["faces"] == []
    assert result["source"]
