import pytest
import torch

from mien.config.training import TTA
from mien.transforms.tta import blurred, views_of

FACES = torch.rand(3, 1, 8, 8, generator=torch.Generator().manual_seed(0))


@pytest.mark.parametrize(
    ("tta", "count"),
    [
        (None, 1),
        (TTA(flip=False, shift=0), 1),
        (TTA(shift=0), 2),
        (TTA(flip=False), 5),
        (TTA(), 10),
    ],
)
def test_number_of_views(tta: TTA | None, count: int) -> None:
    found = list(views_of(FACES, tta))
    assert len(found) == count
    assert all(view.shape == FACES.shape for view in found)
    assert torch.equal(found[0], FACES)
    assert len({view.numpy().tobytes() for view in found}) == count


def test_the_second_view_is_the_mirror_image() -> None:
    assert torch.equal(list(views_of(FACES, TTA()))[1], FACES.flip(3))


def test_shifts_move_the_face_and_repeat_its_border() -> None:
    corner = list(views_of(FACES, TTA(flip=False, shift=2)))[1]
    assert torch.equal(corner[:, :, 2:, 2:], FACES[:, :, :-2, :-2])
    assert torch.equal(corner[:, :, 0, 2:], FACES[:, :, 0, :-2])


@pytest.mark.parametrize("tta", [TTA(), TTA().with_blur(blur=True)])
def test_each_channel_of_color_has_the_views_of_gray(tta: TTA) -> None:
    color = torch.rand(2, 3, 8, 8, generator=torch.Generator().manual_seed(1))
    channels = [list(views_of(color[:, [channel]], tta)) for channel in range(3)]
    for view, *each in zip(views_of(color, tta), *channels, strict=True):
        assert torch.equal(view, torch.cat(each, 1))


def test_blurred_views_are_the_views_of_the_blurred_face() -> None:
    tta = TTA(shift=1)
    soft = list(views_of(FACES, tta.with_blur(blur=True)))
    assert all(map(torch.equal, soft, views_of(blurred(FACES), tta)))
    assert not torch.equal(soft[0], FACES)


def test_blurring_is_as_strong_as_bilinear_resampling_does_on_the_mean() -> None:
    beyond = (torch.arange(1000) + 0.5) / 1000
    blur = (beyond * (1 - beyond)).mean()
    edge = torch.zeros(1, 1, 9, 9)
    edge[..., 4:] = 1  # each column tells the sum of the weights of one side
    row = blurred(edge)[0, 0, 4]
    weights, places = row.diff(), torch.arange(8) + 0.5 - 3.5
    assert (weights * places).sum() == pytest.approx(0, abs=0.01)
    assert (weights * places**2).sum() == pytest.approx(float(blur), abs=0.01)  # a level is 1/255
    assert torch.equal(blurred(edge.mT), blurred(edge).mT)


def test_blurring_repeats_the_border() -> None:
    assert torch.equal(blurred(torch.full((1, 1, 5, 5), 0.2)), torch.full((1, 1, 5, 5), 51 / 255))
