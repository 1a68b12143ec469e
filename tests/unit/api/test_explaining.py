"""`mien.explain`: images of any kind, bundles and runs of any shape, and its errors."""

from pathlib import Path

import numpy as np
import pytest

import mien
from builders import faces
from bundle_builders import conv_bundle, in_memory
from mien.errors import ImageError, MienError
from mien.explanation.occlusion import Occlusion
from training_builders import tiny_run, train

FEW = Occlusion(positions=3)


def photo(side: int = 60) -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (side, side, 3), dtype=np.uint8)


def test_an_array_a_list_a_face_set_and_a_data_set_are_explained():
    options = {"bundle": in_memory(), "method": FEW, "detector": "whole", "threads": 1}
    one = mien.explain(photo(), **options)
    assert one.sources == ("image",)
    assert one.boxes.tolist() == [[0, 0, 60, 60]]
    assert one.views[0].shape == (192, 192, 3)
    assert len(mien.explain([photo(), photo(30)], **options)) == 2
    some = mien.explain(faces(3), **options)
    assert some.sources == ("00000", "00001", "00002")
    assert (some.crops == faces(3).images).all()
    assert mien.explain("synthetic:2", **options).maps.shape == (2, 1, 48, 48)


def test_folders_are_explained_and_files_that_can_not_be_read_are_named(tmp_path):
    from PIL import Image

    Image.fromarray(photo()).save(tmp_path / "a.png")
    (tmp_path / "b.png").write_bytes(b"nothing")
    found = mien.explain(tmp_path, bundle=in_memory(), method=FEW, detector="whole", threads=1)
    assert [Path(one).name for one in found.sources] == ["a.png"]
    assert len(found.failures) == 1
    assert "b.png" in found.failures[0]


@pytest.mark.parametrize(("size", "channels"), [(24, 1), (32, 3)])
def test_bundles_of_any_size_color_and_classes(size, channels):
    bundle = conv_bundle(size=size, channels=channels, classes=("a", "b", "c"))
    found = mien.explain(
        photo(), bundle=bundle, method=FEW, class_name=["c", "a"], detector="whole", threads=1, checks=True
    )
    assert found.maps.shape == (1, 2, size, size)
    assert found.targets.tolist() == [[2, 0]]
    assert found.crops.shape == (1, *bundle.metadata.input_shape)
    assert found.checks.faces == 1
    assert found.checks.randomized is not None


def test_the_predicted_class_of_each_face_is_the_default_and_the_limit_holds():
    notices = []
    found = mien.explain(faces(5), bundle=in_memory(), method=FEW, limit=3, threads=1, notice=notices.append)
    assert notices == []  # faces need no detector, so none is looked for
    assert len(found) == 3
    assert (found.targets[:, 0] == found.probabilities.argmax(axis=1)).all()


def test_progress_is_reported():
    calls = []
    mien.explain(
        faces(9),
        bundle=in_memory(),
        method=FEW,
        threads=1,
        progress=lambda done, all_: calls.append((done, all_)),
    )
    assert calls == [(8, 9), (9, 9)]


def test_a_run_is_explained_by_all_methods(tmp_path):
    run = tiny_run(tmp_path / "run", ["train.epochs=1", "data.size=24", "data.channels=3"])
    train(run)
    for method in (FEW, "gradcam", "integrated-gradients"):
        found = mien.explain(photo(), run=run.path, method=method, detector="whole", class_name="happy")
        assert found.maps.shape == (1, 1, 24, 24)
        assert np.isfinite(found.maps).all()
    assert found.model == "run"
    probabilities = mien.Run(run.path).predictions().probabilities
    assert probabilities.shape[1] == found.probabilities.shape[1]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"class_name": "hapy"}, "no class 'hapy' .did you mean 'happy'"),
        ({"class_name": 3}, "class_name=3, expected a class"),
        ({"class_name": ["happy"] * 11}, "at most 10"),
        ({"method": "gradcam"}, "gradcam needs the network of a run"),
        ({"method": "grad"}, "no method 'grad'"),
        ({"method": 3}, "method=3, expected one of rise, occlusion"),
        ({"run": "nowhere"}, "expected one of them"),
        ({"limit": 0}, "limit=0"),
    ],
)
def test_wrong_arguments_are_one_line(changes, message):
    with pytest.raises(MienError, match=message):
        mien.explain(photo(), **{"bundle": in_memory(), "detector": "whole"} | changes)


def test_no_image_that_can_be_read_is_an_error(tmp_path):
    (tmp_path / "b.png").write_bytes(b"nothing")
    options = {"bundle": in_memory(), "detector": "whole"}
    with pytest.raises(ImageError, match=r"b\.png"):
        mien.explain(tmp_path, **options)
    with pytest.raises(ImageError, match="no images"):
        mien.explain([], **options)
    with pytest.raises(ImageError, match="a video"):
        mien.explain("0", **options)
