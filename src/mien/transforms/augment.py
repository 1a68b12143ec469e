"""Augmentation: random changes of a batch of training faces.

Flip, rotation, shift, scale and shear are one affine transform with a single interpolation; brightness,
contrast, blur, noise and random erasing follow. All random numbers come from the generator that is passed.
"""

import math

import torch
from torch import Generator, Tensor
from torch.nn import functional as F

from mien.config.data import Augment

_ERASED_AREA = (0.02, 0.33)
_ERASED_LOG_ASPECT = (math.log(0.3), -math.log(0.3))

_KERNEL_REACH = 3
"""Radius of the kernels in standard deviations of the largest blur."""

_LEAST_BLUR = 0.01
"""Pixels; a Gaussian this narrow leaves a face unchanged, and avoids a division by zero."""


def augment(
    faces: Tensor,
    config: Augment,
    generator: Generator,
    *,
    size: int | None = None,
    mirrored: Tensor | None = None,
) -> Tensor:
    """Return augmented copies of `faces`, float (n, channels, size, size) with levels of 0..1.

    Args:
        faces: float, square, gray or RGB levels of 0..1.
        config: The recipe's augmentation.
        generator: Generator of all random numbers; on the device of the faces, or on the CPU.
        size: Height and width of the copies in pixels; by default those of `faces`.
        mirrored: bool, (n,), which faces are mirrored; random by default.
    """
    faces = _moved(faces, config, generator, size or faces.shape[3], mirrored)
    faces = _color_jittered(faces, config, generator)
    faces = _blurred(faces, config, generator)
    faces = _noisy(faces, config, generator)
    return _erased(faces, config, generator)


def affine_matrices(
    count: int, config: Augment, generator: Generator, mirrored: Tensor | None = None
) -> Tensor:
    """Return random affine maps from output to input coordinates of -1..1, (count, 2, 3).

    Args:
        count: Number of maps.
        config: Ranges of their parameters.
        generator: Generator of all random numbers; the maps are on its device.
        mirrored: bool, (count,), which of them mirror; random by default.
    """
    angle = _uniform(count, math.radians(config.rotate), generator)
    shear = torch.tan(_uniform(count, math.radians(config.shear), generator))
    zoom = 1 / (1 + _uniform(count, config.scale, generator))
    mirror = 1 - 2 * _mirrored(count, config, generator, mirrored).to(angle)
    cosine, sine = torch.cos(angle) * zoom, torch.sin(angle) * zoom
    # A shift by the size of the face is 2 in coordinates of -1..1.
    across, down = (_uniform(count, 2 * config.shift, generator) for _ in range(2))
    first = torch.stack([cosine * mirror, cosine * shear - sine, across], 1)
    second = torch.stack([sine * mirror, sine * shear + cosine, down], 1)
    return torch.stack([first, second], 1)


def _moved(
    faces: Tensor, config: Augment, generator: Generator, size: int, mirrored: Tensor | None
) -> Tensor:
    if size == faces.shape[3] and not config.moves:
        mirror = _mirrored(len(faces), config, generator, mirrored).to(faces.device)
        return torch.where(mirror[:, None, None, None], faces.flip(3), faces)
    matrices = affine_matrices(len(faces), config, generator, mirrored).to(faces)
    moved = F.grid_sample(
        faces,
        _grid(matrices, size),
        mode=config.interpolation,
        padding_mode=config.padding_mode,
        align_corners=False,
    )
    return moved.clamp(0, 1)  # bicubic interpolation overshoots


def _grid(matrices: Tensor, size: int) -> Tensor:
    """Input coordinates of each output pixel, (n, size, size, 2): the sum of a column's and a row's part.

    `affine_grid` computes the same by a matrix product per pixel, which takes several times as long.
    """
    centers = (2 * torch.arange(size).to(matrices) + 1) / size - 1
    across = matrices[:, :, 0, None] * centers
    down = matrices[:, :, 1, None] * centers + matrices[:, :, 2, None]
    return (across[:, :, None, :] + down[:, :, :, None]).permute(0, 2, 3, 1)


def _mirrored(count: int, config: Augment, generator: Generator, given: Tensor | None) -> Tensor:
    return _happens(count, config.flip, generator) if given is None else given


def _color_jittered(faces: Tensor, config: Augment, generator: Generator) -> Tensor:
    if not (config.brightness or config.contrast):
        return faces
    brightness = _uniform(len(faces), config.brightness, generator).to(faces)[:, None, None, None]
    contrast = 1 + _uniform(len(faces), config.contrast, generator).to(faces)[:, None, None, None]
    middle = faces.mean((2, 3), keepdim=True).mean(
        1, keepdim=True
    )  # the same for all channels, so that hues are kept
    return ((faces - middle) * contrast + middle + brightness).clamp(0, 1)


def _blurred(faces: Tensor, config: Augment, generator: Generator) -> Tensor:
    """Gaussian blur with a random width for each face, as a grouped convolution along each axis."""
    if not config.blur:
        return faces
    deviations = _mostly_small(len(faces), config.blur, generator)
    reach = math.ceil(_KERNEL_REACH * config.blur)
    offsets = torch.arange(-reach, reach + 1, device=deviations.device)
    weights = torch.exp(-(offsets**2) / (2 * deviations[:, None].clamp(min=_LEAST_BLUR) ** 2))
    kernels = (weights / weights.sum(1, keepdim=True))[:, None].to(faces)
    maps = F.pad(faces, (reach,) * 4, mode="replicate").transpose(0, 1)
    for kernel in (kernels[:, :, None, :], kernels[:, :, :, None]):
        maps = F.conv2d(maps, kernel, groups=len(faces))
    return maps.transpose(0, 1).contiguous()


def _noisy(faces: Tensor, config: Augment, generator: Generator) -> Tensor:
    if not config.noise:
        return faces
    deviations = _mostly_small(len(faces), config.noise, generator)[:, None, None, None]
    noise = deviations * torch.randn(faces.shape, generator=generator, device=generator.device)
    return (faces + noise.to(faces)).clamp(0, 1)


def _erased(faces: Tensor, config: Augment, generator: Generator) -> Tensor:
    """Random erasing (Zhong et al. 2020): a rectangle is filled with a random gray level or color."""
    if not config.random_erasing:
        return faces
    count, channels, height, width = faces.shape
    area = _between(count, *_ERASED_AREA, generator)
    aspect = torch.exp(_between(count, *_ERASED_LOG_ASPECT, generator))
    tall = torch.sqrt(area * aspect).clamp(max=1) * height
    wide = torch.sqrt(area / aspect).clamp(max=1) * width
    top = _random((count,), generator) * (height - tall)
    left = _random((count,), generator) * (width - wide)
    chosen = _happens(count, config.random_erasing, generator)
    fill = _random((count, channels), generator)
    rows = _inside(height, top, tall)[:, :, None]
    columns = _inside(width, left, wide)[:, None, :]
    erased = (rows & columns & chosen[:, None, None])[:, None].to(faces.device)
    return torch.where(erased, fill[:, :, None, None].to(faces), faces)


def _inside(size: int, start: Tensor, length: Tensor) -> Tensor:
    """Mask (n, size) of the pixels whose centers lie within `length` from `start`."""
    centers = torch.arange(size, device=start.device)[None] + 0.5
    return (centers >= start[:, None]) & (centers < (start + length)[:, None])


def _uniform(count: int, limit: float, generator: Generator) -> Tensor:
    return _between(count, -limit, limit, generator)


def _between(count: int, low: float, high: float, generator: Generator) -> Tensor:
    return low + (high - low) * _random((count,), generator)


def _mostly_small(count: int, limit: float, generator: Generator) -> Tensor:
    """Draw from 0 to `limit`; half of the draws are below a quarter of it."""
    return limit * _random((count,), generator) ** 2


def _happens(count: int, probability: float, generator: Generator) -> Tensor:
    return _random((count,), generator) < probability


def _random(shape: tuple[int, ...], generator: Generator) -> Tensor:
    """Uniform random numbers of 0..1 on the device of the generator."""
    return torch.rand(shape, generator=generator, device=generator.device)
