"""`POST /v1/explain`: the map of the chosen face and class, and what is refused."""

import base64

from bundle_builders import gray_of
from photo_builders import photo

TWO = photo((5, 10, 40, gray_of("surprise")), (60, 10, 48, gray_of("happy")))


def files(content=TWO, name="a.png"):
    return [("files", (name, content, "image/png"))]


def test_the_largest_face_is_explained_for_its_class(server):
    answer = server().post("/v1/explain", files=files())
    assert answer.status_code == 200
    body = answer.json()
    assert (body["bundle"], body["detector"], body["source"]) == ("tiny", "levels", "a.png")
    assert body["face"]["label"] == body["class"] == "happy"
    assert len(body["map"]) == len(body["map"][0]) == 48
    assert base64.b64decode(body["image"].partition(",")[2]).startswith(b"\x89PNG")


def test_a_point_chooses_the_face_and_a_parameter_the_class(server):
    body = server().post("/v1/explain?x=30&y=30&class=sad", files=files()).json()
    assert body["face"]["label"] == "surprise"
    assert body["class"] == "sad"
    assert body["face"]["box"][0] == 5


def test_several_classes_by_another_method(server):
    body = server().post("/v1/explain?class=sad&class=happy&method=occlusion", files=files()).json()
    assert (body["class"], [one["class"] for one in body["others"]]) == ("sad", ["happy"])
    assert (body["method"], body["unit"]) == ("occlusion", "loss of probability when hidden")
    (other,) = body["others"]
    assert len(other["map"]) == 48
    alone = server().post("/v1/explain?class=happy&method=occlusion", files=files()).json()
    assert alone["map"] == other["map"]
    assert alone["others"] == []


REFUSED = [
    ("method=gradcam", TWO, "method 'gradcam': expected one of rise, occlusion"),
    ("method=rise&method=rise", TWO, "'method': given 2 times; expected bundle, detector, method, x, y"),
    ("clas=happy", TWO, "'clas': unknown; expected bundle, detector, method, x, y, each once, and class"),
    ("class=happy&class=hapy", TWO, "class 'hapy': expected one of angry"),
    ("&".join(["class=happy"] * 11), TWO, "query.class"),
    ("class=hapy", TWO, "class 'hapy': expected one of angry"),
    ("x=3", TWO, "x and y"),
    ("x=-1&y=0", TWO, "query.x"),
    ("bundle=other", TWO, "bundle 'other'"),
    ("", photo(), "a.png: no face was found"),
    ("", b"no image", "a.png: not an image"),
]


def test_refusals(server):
    client = server()
    for query, content, detail in REFUSED:
        answer = client.post(f"/v1/explain?{query}", files=files(content))
        assert answer.status_code == 422, query
        assert detail in answer.json()["detail"]


def test_one_file_without_boxes_is_expected(server):
    client = server()
    assert client.post("/v1/explain", files=[*files(), *files(name="b.png")]).status_code == 413
    answer = client.post("/v1/explain", files=files(), data={"boxes": "[]"})
    assert (answer.status_code, "boxes" in answer.json()["detail"]) == (400, True)
