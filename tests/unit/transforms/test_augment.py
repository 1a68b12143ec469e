import math

import pytest
import torch
from torch.nn.functional import affine_grid, grid_sample

from mien.config.data import Augment
from mien.transforms.augment import affine_matrices, augment

NOTHING = Augment(flip=0)


def generator(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def gray(count: int = 64, size: int = 12) -> torch.Tensor:
    return torch.rand(count, 1, size, size, generator=generator(9))


def test_nothing_changes_nothing() -> None:
    assert torch.equal(augment(gray(), NOTHING, generator()), gray())


@pytest.mark.parametrize(
    "config",
    [
        Augment(flip=0.5),
        Augment(rotate=20, shift=0.2, scale=0.2, shear=10),
        Augment(brightness=0.2, contrast=0.5),
        Augment(rotate=20, scale=0.2, interpolation="bicubic"),
        Augment(blur=1.5),
        Augment(noise=0.3),
        Augment(random_erasing=0.9),
    ],
)
def test_same_seed_same_faces_other_seed_other_faces(config: Augment) -> None:
    first, again, other = (augment(gray(), config, generator(seed)) for seed in (1, 1, 2))
    assert torch.equal(first, again)
    assert not torch.equal(first, other)
    assert first.shape == gray().shape
    assert first.min() >= 0
    assert first.max() <= 1


def test_about_half_of_the_faces_are_mirrored_and_the_rest_untouched() -> None:
    faces = gray(400)
    found = augment(faces, Augment(flip=0.5), generator())
    same = (found == faces).all((1, 2, 3))
    mirrored = (found == faces.flip(3)).all((1, 2, 3))
    assert (same | mirrored).all()
    assert 150 < int(mirrored.sum()) < 250


def test_a_flip_within_an_affine_change_is_still_a_mirror_image() -> None:
    config = Augment(flip=0.9999999, shift=1e-7)
    assert torch.allclose(augment(gray(), config, generator()), gray().flip(3), atol=1e-4)


def test_affine_ranges() -> None:
    matrices = affine_matrices(4000, Augment(flip=0, rotate=30, shift=0.25), generator())
    angles = torch.atan2(matrices[:, 1, 0], matrices[:, 0, 0]) * 180 / math.pi
    assert angles.abs().max() == pytest.approx(30, abs=0.1)
    assert matrices[:, :, 2].abs().max() == pytest.approx(0.5, abs=0.01)
    assert torch.linalg.det(matrices[:, :, :2]).sub(1).abs().max() < 1e-5


def test_scale_is_a_factor_of_the_face_s_size() -> None:
    zoom = affine_matrices(4000, Augment(flip=0, scale=0.2), generator())[:, 0, 0]
    assert 1 / zoom.max() == pytest.approx(0.8, abs=0.001)
    assert 1 / zoom.min() == pytest.approx(1.2, abs=0.001)


@pytest.mark.parametrize("size", [48, 31])
def test_faces_are_resampled_where_torch_s_affine_grid_looks(size: int) -> None:
    config = Augment(rotate=30, shift=0.2, scale=0.3, shear=10)
    faces = torch.rand(16, 1, 48, 48)
    grid = affine_grid(affine_matrices(16, config, generator()), [16, 1, size, size], align_corners=False)
    expected = grid_sample(faces, grid, padding_mode="border", align_corners=False)
    assert torch.allclose(augment(faces, config, generator(), size=size), expected, atol=1e-4)


def test_a_shift_moves_by_sides_of_the_face() -> None:
    face = torch.zeros(500, 1, 12, 12)
    face[:, :, 6, 6] = 1
    moved = augment(face, Augment(flip=0, shift=0.25, padding_mode="zeros"), generator())
    weight = moved.sum((2, 3))
    center = (moved * torch.arange(12.0)).sum((2, 3)) / weight - 6
    assert center.abs().max() == pytest.approx(3, abs=0.15)


def test_brightness_adds_and_contrast_keeps_the_mean() -> None:
    middle = 0.4 + 0.2 * gray()
    brighter = augment(middle, Augment(flip=0, brightness=0.1), generator())
    difference = (brighter - middle).flatten(1)
    assert difference.std(1).max() < 1e-6
    assert difference.abs().max() == pytest.approx(0.1, abs=0.01)
    harder = augment(middle, Augment(flip=0, contrast=0.5), generator())
    assert torch.allclose(harder.mean((2, 3)), middle.mean((2, 3)), atol=1e-6)
    ratio = harder.flatten(1).std(1) / middle.flatten(1).std(1)
    assert ratio.min() < 0.6
    assert ratio.max() > 1.4


def test_erasing_blanks_one_rectangle_of_the_documented_size() -> None:
    faces = gray(500, 48)
    found = augment(faces, Augment(flip=0, random_erasing=0.5), generator())
    changed = (found != faces)[:, 0]
    touched = changed.any((1, 2))
    assert 200 < int(touched.sum()) < 300
    area = changed[touched].float().mean((1, 2))
    assert area.min() >= 0.01
    assert area.max() <= 0.36
    for mask in changed[touched][:50]:
        rows, columns = mask.any(1), mask.any(0)
        assert int(mask.sum()) == int(rows.sum()) * int(columns.sum())


@pytest.mark.parametrize(
    "config", [NOTHING, Augment(flip=0, random_erasing=0.5), Augment(flip=0.5, rotate=10)]
)
@pytest.mark.parametrize("size", [8, 12, 20])
def test_copies_have_the_side_that_is_asked_for(config: Augment, size: int) -> None:
    found = augment(gray(), config, generator(), size=size)
    assert found.shape == (64, 1, size, size)
    assert found.min() >= 0
    assert found.max() <= 1


def test_a_smaller_copy_is_the_same_face() -> None:
    ramp = torch.linspace(0, 1, 48).expand(2, 1, 48, 48).contiguous()
    found = augment(ramp, NOTHING, generator(), size=24)
    expected = ramp.reshape(2, 1, 24, 2, 24, 2).mean((3, 5))
    assert torch.allclose(found, expected, atol=1e-5)


def test_a_smaller_copy_may_be_a_mirror_image() -> None:
    ramp = torch.linspace(0, 1, 48).expand(2, 1, 48, 48).contiguous()
    found = augment(ramp, Augment(flip=0.9999999), generator(), size=24)
    assert torch.allclose(found, augment(ramp.flip(3), NOTHING, generator(), size=24), atol=1e-5)


@pytest.mark.parametrize("config", [Augment(flip=0.5), Augment(flip=0.5, shift=1e-7)])
def test_who_is_mirrored_can_be_given(config: Augment) -> None:
    mirrored = torch.arange(64) % 3 == 0
    found = augment(gray(), config, generator(), mirrored=mirrored)
    expected = torch.where(mirrored[:, None, None, None], gray().flip(3), gray())
    assert torch.allclose(found, expected, atol=1e-4)


def test_bicubic_keeps_more_of_an_edge_than_bilinear_and_overshoots_nowhere() -> None:
    faces = (gray(40, 24) > 0.5).float()
    bilinear, bicubic = (
        augment(faces, Augment(flip=0, rotate=20, shift=0.1, interpolation=how), generator())
        for how in ("bilinear", "bicubic")
    )
    assert bicubic.std() > 1.05 * bilinear.std()
    assert (bicubic.min(), bicubic.max()) == (0, 1)


def test_a_blur_is_gaussian_and_mostly_small() -> None:
    points = torch.zeros(400, 1, 21, 21)
    points[:, 0, 10, 10] = 1
    found = augment(points, Augment(flip=0, blur=2), generator())[:, 0]
    places = torch.arange(21.0) - 10
    across, down = (found.sum(axis) for axis in (1, 2))
    deviations = (across * places**2).sum(1).sqrt()
    assert torch.allclose(across, down, atol=1e-6)
    assert torch.allclose(across.sum(1), torch.ones(400), atol=1e-5)
    assert deviations.max() == pytest.approx(1.97, abs=0.04)  # of 2, cut off after three deviations
    assert deviations.median() == pytest.approx(0.4, abs=0.1)  # a Gaussian of 0.5, at whole pixels


def test_a_blur_repeats_the_border() -> None:
    even = torch.full((4, 1, 8, 8), 0.7)
    assert torch.allclose(augment(even, Augment(flip=0, blur=3), generator()), even, atol=1e-6)


def test_noise_is_drawn_a_pixel_and_its_deviation_a_face() -> None:
    even = torch.full((400, 1, 24, 24), 0.5)
    found = augment(even, Augment(flip=0, noise=0.1), generator())
    deviations = found.std((1, 2, 3))
    assert deviations.max() == pytest.approx(0.1, abs=0.01)
    assert deviations.median() == pytest.approx(0.025, abs=0.005)
    assert found.mean() == pytest.approx(0.5, abs=0.001)


EACH_KIND = [
    Augment(rotate=20, shift=0.2, scale=0.2, shear=10),
    Augment(flip=0.5),
    Augment(brightness=0.2),
    Augment(contrast=0.5),
    Augment(blur=1.5),
]


@pytest.mark.parametrize("config", EACH_KIND)
def test_equal_channels_stay_equal_and_change_as_gray_does(config: Augment) -> None:
    changed = augment(gray().expand(-1, 3, -1, -1).contiguous(), config, generator())
    for channel in range(3):
        assert torch.allclose(changed[:, channel], augment(gray(), config, generator())[:, 0], atol=1e-6)


def color(count: int = 64, size: int = 12) -> torch.Tensor:
    return 0.3 + 0.4 * torch.rand(count, 3, size, size, generator=generator(9))


def test_contrast_of_color_is_about_one_level_for_all_channels() -> None:
    changed = augment(color(), Augment(flip=0, contrast=0.2), generator())
    middle = color().mean((1, 2, 3), keepdim=True)
    factor = (changed - middle) / (color() - middle)
    assert factor.std((1, 2, 3)).max() < 0.01


def test_noise_of_color_differs_between_channels() -> None:
    noise = augment(color(), Augment(flip=0, noise=0.1), generator()) - color()
    assert (noise[:, 0] - noise[:, 1]).abs().mean() > 0.01


def test_erasing_of_color_fills_with_one_random_color() -> None:
    changed = augment(color(), Augment(flip=0, random_erasing=0.999), generator())
    erased = (changed != color()).all(1)
    for face, mask in zip(changed, erased, strict=True):
        if mask.any():
            fill = face[:, mask]
            assert (fill == fill[:, :1]).all()
    fills = torch.stack(
        [face[:, mask][:, 0] for face, mask in zip(changed, erased, strict=True) if mask.any()]
    )
    assert (fills.std(1) > 0.01).all()


def test_random_numbers_are_drawn_on_the_device_of_the_generator(monkeypatch: pytest.MonkeyPatch) -> None:
    drawn, some = [], gray(4)
    for name in ("rand", "randn"):
        original = getattr(torch, name)
        monkeypatch.setattr(
            torch,
            name,
            lambda *shape, original=original, **options: (
                drawn.append(options["device"]) or original(*shape, **options)
            ),
        )
    everything = Augment(
        rotate=9, brightness=0.1, contrast=0.1, blur=1, noise=0.1, random_erasing=0.5, interpolation="bicubic"
    )
    augment(some, everything, generator())
    assert drawn
    assert set(drawn) == {torch.device("cpu")}
