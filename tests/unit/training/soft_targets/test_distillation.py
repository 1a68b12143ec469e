"""Teachers: their targets, and which ones a training refuses."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from builders import faces
from bundle_builders import conv_bundle, gray_of, in_memory, tiny_bundle
from mien.bundles.metadata import INPUT, LOGITS, PROBABILITIES
from mien.bundles.reading import Bundle
from mien.bundles.validation import BATCH
from mien.config.data import Clahe, Preprocess
from mien.config.distillation import Distillation
from mien.errors import BundleError, RunError
from mien.labels import EMOTIONS
from mien.runtime.opening import open_graph
from mien.training.soft_targets.distillation import (
    Teachers,
    leakage_warnings,
    open_teachers,
    require_same_teachers,
    require_teachers,
    with_absolute_teachers,
)
from mien.transforms.preprocess import equalize
from training_builders import tiny_recipe

OWN = "0123456789abcdef"
"""Fingerprint of the faces that a tiny metadata's network was trained on."""


def teachers(*bundles: Bundle, preprocess: Preprocess | None = None, **config: float) -> Teachers:
    return Teachers(Distillation(teachers=("any",), **config), bundles, preprocess or Preprocess())


def as_seen(images: NDArray[np.uint8]) -> torch.Tensor:
    """Faces as augmentation returns them."""
    return torch.tensor(images)[:, None].float() / 255


def said(bundle: Bundle, images: NDArray[np.uint8], temperature: float = 1.0) -> torch.Tensor:
    logits = open_graph(bundle.content, engine="onnx", threads=1).run({INPUT: images})[LOGITS]
    return torch.softmax(torch.from_numpy(logits) / temperature, 1)


@pytest.mark.parametrize("n", [1, BATCH, BATCH + 3])
def test_soft_targets_are_the_softmax_of_the_logits(n: int) -> None:
    some, bundle = faces(n).images, conv_bundle()
    found = teachers(bundle).soft_targets(as_seen(some))
    assert found.dtype == torch.float32
    assert torch.allclose(found, said(bundle, some), atol=1e-5)
    assert torch.allclose(found.sum(1), torch.ones(n))


def test_calibration_does_not_influence_soft_targets() -> None:
    some, sharp = faces(5).images, conv_bundle(temperature=9.0)
    calibrated = open_graph(sharp.content, engine="onnx", threads=1).run({INPUT: some})[PROBABILITIES]
    found = teachers(sharp).soft_targets(as_seen(some))
    assert torch.equal(found, teachers(conv_bundle(temperature=1.0)).soft_targets(as_seen(some)))
    assert not np.allclose(found, calibrated, atol=0.05)


def test_the_temperature_of_the_recipe_softens() -> None:
    some, bundle = faces(5).images, conv_bundle()
    found = teachers(bundle, temperature=4.0).soft_targets(as_seen(some))
    assert torch.allclose(found, said(bundle, some, 4.0), atol=1e-5)


def test_several_teachers_are_the_mean_of_their_softmaxes() -> None:
    some, both = faces(5).images, (conv_bundle(0), conv_bundle(1))
    found = teachers(*both).soft_targets(as_seen(some))
    assert torch.allclose(found, (said(both[0], some) + said(both[1], some)) / 2, atol=1e-5)


@pytest.mark.parametrize("alpha", [0.25, 1.0])
def test_alpha_is_the_weight_of_the_teachers(alpha: float) -> None:
    some, bundle = faces(7).images, conv_bundle()
    found = teachers(bundle, alpha=alpha).mixed_targets(as_seen(some), torch.eye(7))
    assert torch.allclose(found, alpha * said(bundle, some) + (1 - alpha) * torch.eye(7), atol=1e-5)


def test_gray_levels_are_rounded_and_stay_in_their_range() -> None:
    some = faces(3).images
    nearly = as_seen(some) + torch.empty(3, 1, 48, 48).uniform_(-0.001, 0.001)
    assert torch.equal(
        teachers(conv_bundle()).soft_targets(nearly), teachers(conv_bundle()).soft_targets(as_seen(some))
    )


@pytest.mark.parametrize("size", [24, 64], ids=["smaller", "larger"])
def test_faces_of_another_size_are_resized_for_the_teacher(size: int) -> None:
    gray = torch.stack([torch.full((1, size, size), gray_of(name) / 255) for name in EMOTIONS])
    found = teachers(in_memory()).soft_targets(gray)
    assert found.argmax(1).tolist() == list(range(7))


@pytest.mark.parametrize("students", [None, Clahe()], ids=["plain student", "equalized student"])
def test_each_face_is_equalized_once(students: Clahe | None) -> None:
    some, clahe = faces(4).images, Clahe()
    equalized = equalize(some, Preprocess(clahe=clahe))
    shown = some if students is None else equalized
    found = teachers(conv_bundle(clahe=clahe), preprocess=Preprocess(clahe=students)).soft_targets(
        as_seen(shown)
    )
    assert torch.allclose(found, said(conv_bundle(), equalized), atol=1e-5)


def test_a_recipe_without_a_teacher_has_none() -> None:
    assert open_teachers(tiny_recipe(), faces(10)) is None


def test_teachers_are_opened_as_the_recipe_names_them(tmp_path: Path) -> None:
    path = tiny_bundle(tmp_path / "t.onnx")
    opened = open_teachers(tiny_recipe(f"distillation.teachers=[small, {path}]"), faces(10))
    assert opened is not None
    assert list(opened.digests) == ["small", str(path)]
    assert all(len(digest) == 64 for digest in opened.digests.values())
    assert opened.soft_targets(as_seen(faces(3).images)).shape == (3, 7)


@pytest.mark.parametrize(
    ("metadata", "overrides", "message"),
    [
        pytest.param(
            {"classes": ("no", "yes")},
            [],
            "made for classes no, yes, but random:10:0 .* have angry, ",
            id="classes",
        ),
        pytest.param({"size": 24}, [], "made for faces of size 24, .* have 48", id="side"),
        pytest.param({"channels": 3}, [], "made for channels 3, .* have 1", id="channels"),
        pytest.param(
            {}, ["preprocess.clahe={}"], r"CLAHE none, .* have of clip 2 in 8x8 tiles", id="no CLAHE"
        ),
        pytest.param(
            {"clahe": Clahe(tiles=4)},
            ["preprocess.clahe={}"],
            "CLAHE of clip 2 in 4x4 tiles, ",
            id="another CLAHE",
        ),
    ],
)
def test_a_teacher_of_other_faces_is_refused(
    tmp_path: Path, metadata: dict[str, object], overrides: list[str], message: str
) -> None:
    path = tiny_bundle(tmp_path / "t.onnx", **metadata)
    with pytest.raises(BundleError, match=message) as caught:
        open_teachers(tiny_recipe(f"distillation.teachers={path}", *overrides), faces(10))
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("content", [None, b"no bundle"], ids=["missing", "damaged"])
def test_an_unreadable_teacher_is_named_with_its_recipe_key(tmp_path: Path, content: bytes | None) -> None:
    if content:
        (tmp_path / "t.onnx").write_bytes(content)
    with pytest.raises(BundleError, match=rf"^distillation\.teachers: {tmp_path}/t\.onnx: "):
        open_teachers(tiny_recipe(f"distillation.teachers={tmp_path}/t.onnx"), faces(10))


def test_a_missing_teacher_is_an_error_with_a_remedy(tmp_path: Path) -> None:
    missing = tiny_recipe(f"distillation.teachers={tmp_path}/t.onnx")
    with pytest.raises(
        BundleError, match=r"^distillation\.teachers: .*t\.onnx: no such bundle.*comment of the recipe"
    ):
        require_teachers(missing)
    tiny_bundle(tmp_path / "t.onnx")
    require_teachers(missing)
    require_teachers(tiny_recipe())


def test_paths_become_absolute_and_shipped_names_stay(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("in/t.onnx", "small"):
        tiny_bundle(tmp_path / name)
    found = with_absolute_teachers(
        tiny_recipe("distillation={teachers: [small, in/t.onnx, smal], alpha: 0.5}")
    )
    whole = ("small", str(tmp_path / "in" / "t.onnx"), "smal")
    assert found.distillation == Distillation(teachers=whole, alpha=0.5)
    assert with_absolute_teachers(tiny_recipe()) == tiny_recipe()
    predicted = with_absolute_teachers(tiny_recipe("distillation.predictions=in/p.npz"))
    assert predicted.distillation == Distillation(predictions=str(tmp_path / "in" / "p.npz"))


@pytest.mark.parametrize(
    ("found", "begun"),
    [
        pytest.param({"t": "a" * 64}, {"t": "b" * 64}, id="another"),
        pytest.param({"t": "a" * 64}, {}, id="new"),
        pytest.param({}, {"t": "b" * 64}, id="gone"),
    ],
)
def test_changed_teachers_are_refused(found: dict[str, str], begun: dict[str, str]) -> None:
    require_same_teachers(begun, begun, Path("run"))
    with pytest.raises(RunError, match="run: its teacher t has changed"):
        require_same_teachers(found, begun, Path("run"))


@pytest.mark.parametrize(
    ("fingerprint", "held_out", "recipe", "warning"),
    [
        pytest.param(OWN, False, {}, None, id="same faces"),
        pytest.param("other", False, {}, "trained on another data set (synthetic:200)", id="other faces"),
        pytest.param(OWN, True, {"train": {"seed": 0}, "data": {"holdout": 0.1}}, None, id="same hold-out"),
        pytest.param(
            OWN, True, {"train": {"seed": 1}, "data": {"holdout": 0.1}}, "train.seed", id="another hold-out"
        ),
    ],
)
def test_a_teacher_that_was_trained_on_validation_faces_is_a_leakage_warning(
    fingerprint: str, held_out: bool, recipe: dict[str, object], warning: str | None
) -> None:
    bundle = in_memory()
    member = bundle.metadata.members[0].model_copy(update={"recipe": recipe})
    known = replace(bundle, metadata=bundle.metadata.model_copy(update={"members": (member,)}))
    found = list(leakage_warnings(teachers(known), tiny_recipe(), fingerprint, held_out=held_out))
    assert len(found) == (warning is not None)
    assert all(warning in line for line in found if warning)
