import pytest
import torch

from mien.config.data import Augment
from mien.transforms.mix import cutmix, mix, mixup


def generator(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def batch(count: int = 8) -> tuple[torch.Tensor, torch.Tensor]:
    """Face i is flat with the value i, so that a mixed face tells where it came from."""
    return torch.arange(float(count))[:, None, None, None].expand(count, 1, 10, 10), torch.eye(count)


def test_off_is_off() -> None:
    faces, targets = batch()
    found = mix(faces, targets, Augment(), generator())
    assert found[0] is faces
    assert found[1] is targets


@pytest.mark.parametrize("config", [Augment(mixup=1.0), Augment(cutmix=1.0), Augment(mixup=0.3, cutmix=0.5)])
def test_targets_say_how_much_of_each_face_is_there(config: Augment) -> None:
    faces, targets = batch()
    for seed in range(20):
        mixed, shares = mix(faces, targets, config, generator(seed))
        assert torch.allclose(shares.sum(1), torch.ones(8))
        expected = shares @ torch.arange(8.0)
        assert torch.allclose(mixed.mean((1, 2, 3)), expected, atol=1e-5)


def test_mixup_by_hand() -> None:
    faces, targets = batch(2)
    mixed, shares = mixup(faces, targets, torch.tensor([1, 0]), 0.75, generator())
    assert mixed[:, 0, 0, 0].tolist() == [0.25, 0.75]
    assert shares.tolist() == [[0.75, 0.25], [0.25, 0.75]]


def test_cutmix_replaces_a_rectangle_and_counts_what_it_covers() -> None:
    faces, targets = batch(2)
    mixed, shares = cutmix(faces, targets, torch.tensor([1, 0]), 0.5, generator(3))
    foreign = mixed[0, 0] == 1
    assert shares[0, 1].item() == pytest.approx(foreign.float().mean().item())
    assert int(foreign.sum()) == int(foreign.any(0).sum()) * int(foreign.any(1).sum())


def test_the_chance_is_the_share_of_mixed_batches() -> None:
    faces, targets = batch()
    source = generator()
    untouched = sum(
        mix(faces, targets, Augment(mixup=1, mix_prob=0.3), source)[0] is faces for _ in range(300)
    )
    assert 180 < untouched < 240
