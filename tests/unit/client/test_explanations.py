import asyncio
import base64

import numpy as np
import pytest

import mien
from result_builders import face

PIXELS = np.zeros((4, 6, 3), np.uint8)

ANSWER = {
    "bundle": "small",
    "detector": "yunet",
    "source": "image-1",
    "face": face().to_dict(),
    "class": "happy",
    "description": "mouth corners",
    "parts": [{"name": "mouth corners", "share": 0.3, "ratio": 3.5}],
    "map": [[0.5, -0.25], [0, 1]],
    "image": "data:image/png;base64," + base64.b64encode(b"\x89PNG").decode(),
}


def test_the_map_of_a_face_is_returned(fake):
    client, requests = fake((200, ANSWER), bundle="small", threshold=0.2)
    found = client.explain(PIXELS, class_name="happy", x=3, y=2.5)
    assert (found.source, found.bundle, found.class_name, found.png) == (
        "image",
        "small",
        "happy",
        b"\x89PNG",
    )
    assert found.face.to_dict() == face().to_dict()
    assert found.map.tolist() == [[0.5, -0.25], [0, 1]]
    assert found.map.dtype == np.float32
    assert (found.parts[0].name, found.parts[0].ratio) == ("mouth corners", 3.5)
    (request,) = requests
    assert (request.method, request.url.path) == ("POST", "/v1/explain")
    assert dict(request.url.params) == {"bundle": "small", "class": "happy", "x": "3", "y": "2.5"}


def test_several_classes_and_a_method(fake):
    other = {key: ANSWER[key] for key in ("class", "description", "parts", "map", "image")}
    answer = ANSWER | {"method": "occlusion", "unit": "loss", "others": [other | {"class": "sad"}]}
    client, requests = fake((200, answer))
    found = client.explain(PIXELS, class_name=["happy", "sad"], method="occlusion")
    assert (found.method, found.unit, found.class_name) == ("occlusion", "loss", "happy")
    (sad,) = found.others
    assert (sad.class_name, sad.method, sad.bundle, sad.others) == ("sad", "occlusion", "small", ())
    np.testing.assert_array_equal(sad.map, found.map)
    assert sad.face == found.face
    assert requests[0].url.params.multi_items() == [
        ("class", "happy"), ("class", "sad"), ("method", "occlusion"),
    ]  # fmt: skip


@pytest.mark.parametrize("wrong", [3, [], ["happy", 3]])
def test_other_classes_are_an_image_error(fake, wrong):
    client, requests = fake((200, ANSWER))
    with pytest.raises(mien.ImageError, match="a class, or a list of classes"):
        client.explain(PIXELS, class_name=wrong)
    assert requests == []


def test_it_is_the_same_asynchronously(fake):
    client, _ = fake((200, ANSWER), asynchronous=True)
    assert asyncio.run(client.explain(PIXELS)).description == "mouth corners"


def test_an_image_without_a_face_is_an_image_error(fake):
    problem = {
        "type": "urn:mien:problem:unreadable-image",
        "title": "",
        "status": 422,
        "detail": "no face was found",
    }
    client, _ = fake((422, problem))
    with pytest.raises(mien.ImageError, match="no face was found"):
        client.explain(PIXELS)


def test_a_point_has_two_coordinates(fake):
    client, requests = fake((200, ANSWER))
    with pytest.raises(mien.ImageError, match="expected both"):
        client.explain(PIXELS, x=3)
    assert requests == []


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("others", [{}]),
        ("others", 3),
        ("map", [[1, 2]]),
        ("map", []),
        ("image", "x"),
        ("image", "data:image/png;base64,?"),
        ("parts", [{}]),
    ],
)
def test_an_answer_that_is_not_valid_is_a_server_error(fake, key, value):
    client, _ = fake((200, ANSWER | {key: value}))
    with pytest.raises(mien.ServerError, match="not one of mien serve"):
        client.explain(PIXELS)
