import pytest
import torch

from mien.config.learning import Views
from mien.transforms.views import views_of

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
