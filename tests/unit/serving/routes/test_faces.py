import io
import json
from pathlib import Path

import pytest
from PIL import Image

import mien.serving.catalog
from bundle_builders import gray_of, tiny_recognizer
from mien.serving.catalog import Catalog, Choice
from photo_builders import LevelDetector, photo

HAPPY = photo((30, 10, 48, gray_of("happy")))
TWO = photo((5, 10, 40, gray_of("surprise")), (60, 10, 48, gray_of("happy")))
EMPTY = photo()


def files(**named):
    return [("files", (f"{name}.png", content, "image/png")) for name, content in named.items()]


def test_faces_are_those_of_the_recognizer(server, tmp_path):
    answer = server().post("/v1/faces", files=files(a=HAPPY, b=TWO, c=EMPTY))
    assert answer.status_code == 200
    body = answer.json()
    assert (body["bundle"], body["detector"]) == ("tiny", "levels")
    recognizer = tiny_recognizer(LevelDetector())
    for name, content, result in zip("abc", (HAPPY, TWO, EMPTY), body["results"], strict=True):
        expected = recognizer.recognize(content).to_dict() | {"source": f"{name}.png"}
        assert result == json.loads(json.dumps(expected))


def test_many_concurrent_images_keep_their_own_faces(server):
    labels = ["disgust", "fear", "happy", "sad", "surprise", "neutral"] * 20
    images = [photo((10, 10, 48, gray_of(label))) for label in labels]
    sent = [("files", (f"{number}.png", image)) for number, image in enumerate(images)]
    results = server().post("/v1/faces?threshold=0&detector=whole", files=sent).json()["results"]
    assert [one["source"] for one in results] == [f"{number}.png" for number in range(len(labels))]
    found = server().post("/v1/faces", files=sent).json()["results"]
    assert [one["faces"][0]["label"] for one in found if one["faces"]] == [
        label for label in labels if gray_of(label) > 100
    ]


def test_an_unreadable_image_is_reported_beside_the_others(server):
    answer = server().post("/v1/faces", files=files(good=HAPPY, bad=b"no image"))
    assert answer.status_code == 200
    good, bad = answer.json()["results"]
    assert good["faces"][0]["label"] == "happy"
    assert bad["source"] == "bad.png"
    assert bad["error"].startswith("bad.png: not an image")


def test_only_unreadable_images_are_a_problem(server):
    answer = server().post("/v1/faces", files=files(x=b"no image", y=b""))
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["type"] == "urn:mien:problem:unreadable-image"
    assert [one["source"] for one in answer.json()["errors"]] == ["x.png", "y.png"]


@pytest.mark.parametrize(
    ("query", "boxes"),
    [("max_faces=1", [[60.0, 10.0, 48.0, 48.0]]), ("min_face=45", [[60.0, 10.0, 48.0, 48.0]])],
)
def test_faces_are_selected(server, query, boxes):
    result = server().post(f"/v1/faces?{query}", files=files(two=TWO)).json()["results"][0]
    assert [face["box"] for face in result["faces"]] == boxes


def test_the_threshold_makes_faces_uncertain(server):
    answers = [
        server().post(f"/v1/faces?threshold={value}", files=files(a=HAPPY)).json()["results"][0]["faces"][0]
        for value in (0, 1)
    ]
    assert [face["uncertain"] for face in answers] == [False, True]


@pytest.mark.parametrize("boxes", ["[[60, 10, 48, 48]]", '{"two.png": [[60, 10, 48, 48]]}'])
def test_provided_boxes_replace_the_detector(server, boxes):
    answer = server().post("/v1/faces", files=files(two=TWO), data={"boxes": boxes})
    faces = answer.json()["results"][0]["faces"]
    assert [(face["box"], face["label"]) for face in faces] == [([60.0, 10.0, 48.0, 48.0], "happy")]


@pytest.mark.parametrize(
    ("boxes", "detail"),
    [
        ("[[", "not JSON"),
        ("[" * 100_000, "not JSON"),
        ("7", "expected a JSON object"),
        ('{"two.png": 7}', "expected a JSON object"),
        ("[" + ",".join(["[1,2,3,4]"] * 2001) + "]", "2000 at most"),
        ('{"other.png": []}', "no file of this request is named 'other.png'"),
        ('{"two.png": [[1, 2, 3]]}', "boxes of two.png, box 1"),
        ('{"two.png": [[1, 2, -3, 4]]}', "boxes of two.png, box 1"),
    ],
)
def test_other_boxes_are_a_problem(server, boxes, detail):
    answer = server().post("/v1/faces", files=files(two=TWO), data={"boxes": boxes})
    assert (answer.status_code, answer.json()["type"]) == (422, "urn:mien:problem:invalid-request")
    assert detail in answer.json()["detail"]


@pytest.mark.parametrize(
    ("query", "detail"),
    [
        ("bundle=/etc/passwd", "expected one of tiny"),
        ("detector=yunet", "expected one of levels, whole"),
        ("thresold=0.9", "parameter 'thresold': unknown; expected bundle, detector, threshold, min_face"),
        ("threshold=0.1&threshold=0.9", "parameter 'threshold': given 2 times"),
        ("threshold=2", "query.threshold"),
        ("min_face=-1", "query.min_face"),
        ("max_faces=0", "query.max_faces"),
        ("max_faces=two", "query.max_faces"),
        ("detector_threshold=nan", "query.detector_threshold"),
    ],
)
def test_values_out_of_range_are_a_problem(server, query, detail):
    answer = server().post(f"/v1/faces?{query}", files=files(a=HAPPY))
    assert answer.status_code == 422
    assert detail in answer.json()["detail"]


def test_a_file_that_ends_early_gets_advice_without_options(server):
    content = io.BytesIO()
    Image.effect_noise((200, 200), 60).save(content, "JPEG")
    answer = server().post("/v1/faces", files=files(a=content.getvalue()[:9000]))
    assert answer.json()["detail"].endswith("; save or copy it again")


def test_crops_are_classified_without_a_detector(server):
    sent = [
        ("files", (f"{label}.png", photo((0, 0, 60, gray_of(label)), size=(60, 60))))
        for label in ("happy", "sad")
    ]
    body = server().post("/v1/crops", files=sent).json()
    assert body["detector"] == "whole"
    assert [one["faces"][0]["label"] for one in body["results"]] == ["happy", "sad"]


def test_crops_need_no_whole_among_the_detectors(server):
    client = server(detectors=("levels",))
    assert client.post("/v1/crops", files=files(a=HAPPY)).status_code == 200
    assert client.post("/v1/faces?detector=whole", files=files(a=HAPPY)).status_code == 422


def test_a_full_queue_is_refused_at_once(server, monkeypatch):
    client = server()
    admission = client.app.state.service.admission
    admission.hold(10_000)
    answer = client.post("/v1/faces", files=files(a=HAPPY))
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "1")
    admission.release(10_000)
    assert client.post("/v1/faces", files=files(a=HAPPY)).status_code == 200
    assert admission.held == 0


def test_a_detector_that_fails_is_a_problem_and_leaves_the_server_alive(server, monkeypatch):
    from mien.errors import DetectorError

    client = server()

    def fail(*_):
        tried.append(1)
        raise DetectorError("/home/ada/.cache/yunet.onnx: no such file")

    tried = []
    monkeypatch.setattr(mien.serving.catalog, "make_detector", fail)
    for _ in range(2):  # it isn't tried again at once
        answer = client.post("/v1/faces?detector=whole", files=files(a=HAPPY))
        assert (answer.status_code, answer.json()["detail"]) == (503, "yunet.onnx: no such file")
        assert answer.headers["retry-after"] == "10"
    assert tried == [1]
    assert client.get("/healthz").status_code == 200


@pytest.mark.parametrize("detector", ["whole", "mtcnn"])
def test_the_file_of_yunet_is_not_given_to_other_detectors(options, monkeypatch, detector):
    given = []
    monkeypatch.setattr(mien.serving.catalog, "make_detector", lambda _, some: given.append(some))
    chosen = options(detectors=("auto", detector), detector_model=Path("yunet.onnx"))
    Catalog(chosen, lambda _: None).components(Choice(detector=detector))
    assert given[0].model is None
