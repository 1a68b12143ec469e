from dataclasses import replace

import numpy as np
import pytest
import torch

from builders import faces
from mien.config import Recipe, with_overrides
from mien.config.training import Smaller
from mien.errors import DataError
from mien.training.batches import batches, count_batches, size_of_epoch, training_faces
from training_builders import tiny_recipe

CPU = torch.device("cpu")


def plain(*overrides: str) -> Recipe:
    return tiny_recipe("augment.flip=0", "preprocess.mean=0", "preprocess.std=1", *overrides)


def test_only_training_faces_are_taken() -> None:
    some = faces(100)
    found = training_faces(some, plain(), CPU)
    expected = some.images[some.in_split("train")]
    np.testing.assert_array_equal(found.images[:, 0].numpy(), expected)
    assert found.weights.tolist() == [1] * 7


def test_unlabeled_faces_are_left_out() -> None:
    some = faces(100)
    labels = some.labels.copy()
    labels[:10] = -1
    assert len(training_faces(replace(some, labels=labels), plain(), CPU).images) == 80 - 8


def test_a_training_without_labels_is_refused() -> None:
    some = replace(faces(20), labels=np.full(20, -1))
    with pytest.raises(DataError, match="no labeled training faces"):
        training_faces(some, plain(), CPU)


def test_an_epoch_shows_every_face_once_in_full_batches() -> None:
    some = training_faces(faces(100), plain("train.batch_size=8"), CPU)
    seen = torch.cat(
        [b for b, _ in batches(some, plain("train.batch_size=8"), torch.Generator().manual_seed(0))]
    )
    assert count_batches(some, 8) == 10
    assert len(seen) == 80
    assert len({face.numpy().tobytes() for face in seen}) == 80
    assert seen.max() <= 1


def test_faces_keep_their_targets() -> None:
    some = training_faces(faces(100), plain(), CPU)
    wanted = {
        image.numpy().tobytes(): int(t.argmax()) for image, t in zip(some.images, some.targets, strict=True)
    }
    for images, targets in batches(some, plain(), torch.Generator().manual_seed(0)):
        for image, target in zip((images * 255).round().to(torch.uint8), targets, strict=True):
            assert wanted[image.numpy().tobytes()] == int(target.argmax())


def test_a_batch_larger_than_the_set_is_the_whole_set() -> None:
    some = training_faces(faces(100), plain("train.batch_size=500"), CPU)
    found = list(batches(some, plain("train.batch_size=500"), torch.Generator().manual_seed(0)))
    assert [len(images) for images, _ in found] == [80]


def test_balance_comes_from_the_recipe() -> None:
    recipe = with_overrides(plain(), ["data.oversample.up_to=1", "data.class_weights.kind=balanced"])
    few = faces(200)
    few = few.take(np.flatnonzero((few.labels != 1) | (np.arange(200) < 40)))
    found = training_faces(few, recipe, CPU)
    assert len(found.order) > len(found.images)
    counts = np.bincount(found.targets[found.order].argmax(1).numpy())
    np.testing.assert_allclose(found.weights.numpy() * counts, counts.sum() / 7, rtol=1e-5)


PARTS = (Smaller(size=24, until=0.25), Smaller(size=32, until=0.5))


@pytest.mark.parametrize(
    ("parts", "epochs", "sides"),
    [
        pytest.param((), 2, [None, None], id="none"),
        pytest.param(PARTS, 8, [24, 24, 32, 32, None, None, None, None], id="two-parts"),
        pytest.param(PARTS, 2, [32, None], id="too-short-for-a-part"),
        pytest.param((Smaller(size=24, until=1),), 3, [24, 24, 24], id="all"),
        pytest.param((Smaller(size=24, until=0.6),), 18, [24] * 11 + [None] * 7, id="rounded"),
    ],
)
def test_early_epochs_have_their_side(
    parts: tuple[Smaller, ...], epochs: int, sides: list[int | None]
) -> None:
    assert [size_of_epoch(parts, epoch, epochs) for epoch in range(1, epochs + 1)] == sides


def test_early_epochs_see_smaller_faces() -> None:
    recipe = plain("train.progressive=[{size: 24, until: 0.5}]")
    some = training_faces(faces(100), recipe, CPU)
    for epoch, size in ((1, 24), (2, 48)):
        drawn = batches(some, recipe, torch.Generator().manual_seed(0), epoch=epoch)
        assert {batch.shape[2:] for batch, _ in drawn} == {(size, size)}


class Recording:
    """A teacher that calls every face its first class, and remembers the faces."""

    def __init__(self) -> None:
        self.seen: list[torch.Tensor] = []

    def mixed_targets(self, gray: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
        self.seen.append(gray)
        return torch.lerp(targets, torch.eye(7)[torch.zeros(len(gray), dtype=torch.int64)], 0.5)


def drawn_with(teacher: Recording | None, *overrides: str) -> list[tuple[torch.Tensor, torch.Tensor]]:
    recipe = tiny_recipe("augment.flip=0", *overrides)
    some = training_faces(faces(100), recipe, CPU)
    return list(batches(some, recipe, torch.Generator().manual_seed(0), teachers=teacher))  # type: ignore[arg-type]


def test_a_teacher_sees_the_very_faces_of_the_batch_before_they_are_standardized() -> None:
    teacher = Recording()
    for (images, targets), seen in zip(drawn_with(teacher, "augment.rotate=20"), teacher.seen, strict=True):
        assert 0 <= seen.min() <= seen.max() <= 1
        assert torch.allclose(images, (seen - 0.5077) / 0.2550, atol=1e-5)
        assert (targets[:, 0] >= 0.5).all()
        assert torch.allclose(targets.sum(1), torch.ones(len(targets)))


@pytest.mark.parametrize("kind", ["mixup", "cutmix"])
def test_a_teacher_s_answers_are_mixed_as_the_faces_are(kind: str) -> None:
    teacher = Recording()
    changes = (f"augment.{kind}=1", "augment.mix_prob=1")
    alone, taught = drawn_with(None, *changes), drawn_with(teacher, *changes)
    for (images, targets), (same, with_blur), seen in zip(alone, taught, teacher.seen, strict=True):
        assert torch.equal(images, same), "a teacher draws nothing"
        assert not torch.allclose(images, (seen - 0.5077) / 0.2550), "it sees faces that are whole"
        assert torch.allclose(
            with_blur, torch.lerp(targets, torch.eye(7)[[0] * len(targets)], 0.5), atol=1e-6
        )


def test_late_epochs_see_whole_faces() -> None:
    recipe = plain("augment.mixup=1", "augment.mix_until=0.5")
    some = training_faces(faces(100), recipe, CPU)
    for epoch, mixed in ((1, True), (2, False)):
        drawn = list(batches(some, recipe, torch.Generator().manual_seed(0), epoch=epoch))
        assert any(((targets > 0).sum(1) > 1).any() for _, targets in drawn) == mixed


def test_faces_take_turns_in_being_mirrored() -> None:
    recipe = plain("augment.alternating_flip=true", "augment.flip=0.5")
    some = training_faces(faces(100), recipe, CPU)
    originals = {image.numpy().tobytes() for image in some.images}
    seen = []
    for epoch in (1, 2, 3):
        drawn = batches(some, recipe, torch.Generator().manual_seed(epoch), epoch=epoch)
        gray = [
            (face * 255).round().to(torch.uint8).numpy().tobytes() for batch, _ in drawn for face in batch
        ]
        seen.append(originals & set(gray))
    assert seen[0] | seen[1] == originals
    assert not seen[0] & seen[1]
    assert seen[0] == seen[2]
    assert 20 < len(seen[0]) < 60


def test_color_faces_are_batches_of_three_channels() -> None:
    some = faces(100, channels=3, size=24)
    held = training_faces(some, plain(), CPU)
    assert held.images.shape == (80, 3, 24, 24)
    shown, _ = next(batches(held, plain("train.batch_size=8"), torch.Generator().manual_seed(0)))
    assert shown.shape == (8, 3, 24, 24)
    levels = {face.tobytes() for face in some.images}
    assert {(face * 255).round().byte().permute(1, 2, 0).numpy().tobytes() for face in shown} <= levels


def test_early_epochs_see_smaller_color_faces() -> None:
    recipe = plain("train.progressive=[{size: 12, until: 0.5}]", "train.epochs=2", "train.batch_size=8")
    held = training_faces(faces(100, channels=3, size=24), recipe, CPU)
    generator = torch.Generator().manual_seed(0)
    shapes = [next(batches(held, recipe, generator, epoch=epoch))[0].shape for epoch in (1, 2)]
    assert shapes == [(8, 3, 12, 12), (8, 3, 24, 24)]
