import pytest
import torch

from mien.config.learning import Views
from mien.transforms.views import softened, views_of

FACES = torch.rand(3, 1, 8, 8, generator=torch.Generator().manual_seed(0))


@pytest.mark.parametrize(
    ("views", "count"),
    [(None, 1), (Views(flip=False, shift=0), 1), (Views(shift=0), 2), (Views(flip=False), 5), (Views(), 10)],
)
def test_number_of_views(views: Views | None, count: int) -> None:
    found = list(views_of(FACES, views))
    assert len(found) == count
    assert all(view.shape == FACES.shape for view in found)
    assert torch.equal(found[0], FACES)
    assert len({view.numpy().tobytes() for view in found}) == count


def test_the_second_view_is_the_mirror_image() -> None:
    assert torch.equal(list(views_of(FACES, Views()))[1], FACES.flip(3))


def test_shifts_move_the_face_and_repeat_its_border() -> None:
    corner = list(views_of(FACES, Views(flip=False, shift=2)))[1]
    assert torch.equal(corner[:, :, 2:, 2:], FACES[:, :, :-2, :-2])
    assert torch.equal(corner[:, :, 0, 2:], FACES[:, :, 0, :-2])


def test_softened_views_are_the_views_of_the_softened_face() -> None:
    views = Views(shift=1)
    soft = list(views_of(FACES, views.softer(soften=True)))
    assert all(map(torch.equal, soft, views_of(softened(FACES), views)))
    assert not torch.equal(soft[0], FACES)


def test_softening_blurs_as_bilinear_resampling_does_on_the_mean() -> None:
    beyond = (torch.arange(1000) + 0.5) / 1000
    blur = (beyond * (1 - beyond)).mean()
    edge = torch.zeros(1, 1, 9, 9)
    edge[..., 4:] = 1  # each column tells the sum of the weights of one side
    row = softened(edge)[0, 0, 4]
    weights, places = row.diff(), torch.arange(8) + 0.5 - 3.5
    assert (weights * places).sum() == pytest.approx(0, abs=0.01)
    assert (weights * places**2).sum() == pytest.approx(float(blur), abs=0.01)  # a level is 1/255
    assert torch.equal(softened(edge.mT), softened(edge).mT)


def test_softening_repeats_the_border() -> None:
    assert torch.equal(softened(torch.full((1, 1, 5, 5), 0.2)), torch.full((1, 1, 5, 5), 51 / 255))
