"""Mixup and CutMix: combine pairs of faces of a batch and their targets."""

import math

import numpy as np
import torch
from torch import Generator, Tensor

from mien.config.data import Augment


def mix(faces: Tensor, targets: Tensor, config: Augment, generator: Generator) -> tuple[Tensor, Tensor]:
    """Return the batch with mixup or CutMix applied, or unchanged.

    With both enabled, each batch gets one of them with equal probability.

    Args:
        faces: float, (n, channels, size, size).
        targets: Distributions, (n, classes).
        config: `mixup` and `cutmix` are alphas, 0 is off; `mix_prob` is the fraction of batches.
        generator: Generator of all random numbers; on the CPU.
    """
    kinds = [kind for kind in (mixup, cutmix) if getattr(config, kind.__name__)]
    if not kinds or _random(generator) >= config.mix_prob:
        return faces, targets
    kind = kinds[int(_random(generator) * len(kinds))]
    share = _beta(getattr(config, kind.__name__), generator)
    partners = torch.randperm(len(faces), generator=generator).to(faces.device)
    return kind(faces, targets, partners, share, generator)


def mixup(
    faces: Tensor, targets: Tensor, partners: Tensor, share: float, _generator: Generator
) -> tuple[Tensor, Tensor]:
    """Return `share` times each face plus 1 - `share` times its partner (Zhang et al. 2018)."""
    return torch.lerp(faces[partners], faces, share), torch.lerp(targets[partners], targets, share)


def cutmix(
    faces: Tensor, targets: Tensor, partners: Tensor, share: float, generator: Generator
) -> tuple[Tensor, Tensor]:
    """Return faces with a rectangle of 1 - `share` of the area from their partners (Yun et al. 2019).

    The targets are mixed by the area of the rectangle after clipping to the face.
    """
    height, width = faces.shape[2:]
    edge = math.sqrt(1 - share)
    top, bottom = _span(height, edge, generator)
    left, right = _span(width, edge, generator)
    mixed = faces.clone()
    mixed[:, :, top:bottom, left:right] = faces[partners, :, top:bottom, left:right]
    kept = 1 - (bottom - top) * (right - left) / (height * width)
    return mixed, torch.lerp(targets[partners], targets, kept)


def _span(size: int, edge: float, generator: Generator) -> tuple[int, int]:
    center = _random(generator) * size
    half = edge * size / 2
    return max(0, round(center - half)), min(size, round(center + half))


def _beta(alpha: float, generator: Generator) -> float:
    """A sample of Beta(alpha, alpha); that of torch doesn't take a generator."""
    seed = int(torch.randint(2**31, (), generator=generator))
    return float(np.random.default_rng(seed).beta(alpha, alpha))


def _random(generator: Generator) -> float:
    return float(torch.rand((), generator=generator))
