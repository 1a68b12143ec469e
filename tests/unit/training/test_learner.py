from collections.abc import Callable
from typing import ClassVar, Literal

import pytest
import torch
from torch import nn

from mien.errors import RecipeError
from mien.models import build_network
from mien.models.base import NetworkConfig
from mien.training.devices import make_fabric
from mien.training.learner import Learner, below
from mien.training.losses.base import LossConfig
from training_builders import tiny_recipe

FACES = torch.randn(32, 1, 48, 48, generator=torch.Generator().manual_seed(0))
TARGETS = torch.eye(7)[torch.arange(32) % 7]
LABELS = torch.arange(32) % 7


def learner(*overrides: str) -> Learner:
    recipe = tiny_recipe(*overrides)
    torch.manual_seed(0)
    fabric = make_fabric(torch.device("cpu"), "float32")
    return Learner(build_network(recipe.network, 7), recipe, torch.ones(7), fabric)


def steps(some: Learner, count: int, lr: float = 0.01, rho: float = 0.0) -> float:
    some.train()
    torch.manual_seed(1)
    return [float(some.step(FACES, TARGETS, lr, rho=rho)[0]) for _ in range(count)][-1]


def equal(first: dict[str, torch.Tensor], second: dict[str, torch.Tensor]) -> bool:
    return first.keys() == second.keys() and all(torch.equal(first[name], second[name]) for name in first)


def test_it_learns_a_batch_by_heart() -> None:
    some = learner()
    assert steps(some, 60) < 0.6 * steps(learner(), 1)


def test_the_rate_is_the_step_s() -> None:
    some = learner()
    before = some.tensors()
    steps(some, 1, lr=0.0)
    after = below("network", some.tensors())
    weights = {name for name, _ in some.network.named_parameters()}
    assert all(torch.equal(after[name], below("network", before)[name]) for name in weights)


@pytest.mark.parametrize("optimizer", ["sgd", "adam", "adamw", "rmsprop"])
@pytest.mark.parametrize("ema_decay", ["null", "0.9"])
def test_loaded_tensors_continue_bit_for_bit(optimizer: str, ema_decay: str) -> None:
    overrides = (f"optimizer={{kind: {optimizer}, lr: 0.01}}", f"train.ema_decay={ema_decay}")
    whole, first, second = (learner(*overrides) for _ in range(3))
    steps(whole, 3)
    steps(first, 3)
    second.load(first.tensors())
    steps(whole, 2)
    steps(second, 2)
    assert equal(whole.tensors(), second.tensors())


def test_clipping_bounds_the_step() -> None:
    plain_sgd = "optimizer={kind: sgd, lr: 1, momentum: 0, nesterov: false}"
    free, clipped = (learner(plain_sgd, f"train.grad_clip_norm={clip}") for clip in ("null", "0.001"))
    before = [parameter.detach().clone() for parameter in free.network.parameters()]
    moved = []
    for some in (free, clipped):
        steps(some, 1, lr=1.0)
        pairs = zip(some.network.parameters(), before, strict=True)
        moved.append(float(sum((new.detach() - old).square().sum() for new, old in pairs)) ** 0.5)
    assert moved[1] == pytest.approx(0.001, rel=0.01)
    assert moved[0] > 10 * moved[1]


def test_with_a_radius_the_gradient_is_that_of_the_whole_batch_where_half_of_it_is_worse_off() -> None:
    lr, rho, plain_sgd = 0.1, 0.05, "optimizer={kind: sgd, lr: 1, momentum: 0, nesterov: false}"
    some, other = learner(plain_sgd), learner(plain_sgd)
    for each in (some, other):
        each.network.train()
        for module in each.network.modules():
            if isinstance(module, nn.Dropout):
                module.p = 0.0
    before = [weight.detach().clone() for weight in other.network.parameters()]
    loss, logits = some.step(FACES, TARGETS, lr, rho=rho)

    other.loss(other.network(FACES[:16]), TARGETS[:16]).backward()
    gradients = [weight.grad.clone() for weight in other.network.parameters()]
    norm = torch.cat([gradient.flatten() for gradient in gradients]).norm()
    other.network.zero_grad()
    with torch.no_grad():
        for weight, gradient in zip(other.network.parameters(), gradients, strict=True):
            weight += rho * gradient / norm
    worse = other.loss(other.network(FACES), TARGETS)
    worse.backward()
    for new, old, weight in zip(some.network.parameters(), before, other.network.parameters(), strict=True):
        assert torch.allclose(new, old - lr * weight.grad, atol=1e-5)
    assert float(loss) == pytest.approx(float(worse.detach()), rel=1e-4)
    assert logits.shape == (32, 7)


def test_two_faces_are_enough_for_a_radius() -> None:
    some = learner("network.dense=[{units: 8, norm: true}]")
    some.train()
    loss, _ = some.step(FACES[:2], TARGETS[:2], 0.01, rho=0.1)
    assert torch.isfinite(loss)


def test_the_moving_average_follows_its_formula() -> None:
    some = learner("train.ema_decay=0.5")
    name = "classifier.bias"
    expected = None
    torch.manual_seed(1)
    some.train()
    for done in range(6):
        some.step(FACES, TARGETS, 0.01)
        new = some.network.state_dict()[name].clone()
        decay = min(0.5, (1 + done) / (10 + done))
        expected = new if expected is None else decay * expected + (1 - decay) * new
    assert expected is not None
    assert torch.allclose(some.evaluated_network().state_dict()[name], expected, atol=1e-6)


def test_validation_is_the_mean_over_faces_without_dropout() -> None:
    some = learner()
    steps(some, 3)
    halves = [(FACES[:20], LABELS[:20]), (FACES[20:], LABELS[20:])]
    loss, accuracy = some.validate(iter(halves))
    some.network.eval()
    with torch.no_grad():
        logits = some.network(FACES)
    assert loss == pytest.approx(float(nn.functional.cross_entropy(logits, LABELS)), rel=1e-5)
    assert accuracy == pytest.approx(float((logits.argmax(1) == LABELS).float().mean()))


class Center(LossConfig):
    """Center loss (Wen et al. 2016): cross-entropy plus the distance of features to a center per class."""

    uses_features: ClassVar[bool] = True
    kind: Literal["center"] = "center"
    share: float = 0.1

    def build(self, weights: torch.Tensor, width: int) -> nn.Module:
        return CenterLoss(len(weights), width, self.share)


class CenterLoss(nn.Module):
    def __init__(self, classes: int, width: int, share: float) -> None:
        super().__init__()
        self.centers = nn.Parameter(torch.randn(classes, width))
        self.share = share

    def forward(
        self, logits: torch.Tensor, targets: torch.Tensor, features: torch.Tensor | None
    ) -> torch.Tensor:
        assert features is not None
        distances = (features - targets @ self.centers).square().sum(1).mean()
        return nn.functional.cross_entropy(logits, targets) + self.share * distances


def learner_with_center_loss(*overrides: str) -> Learner:
    recipe = tiny_recipe(*overrides).model_copy(update={"loss": Center()})
    torch.manual_seed(0)
    fabric = make_fabric(torch.device("cpu"), "float32")
    return Learner(build_network(recipe.network, 7), recipe, torch.ones(7), fabric)


@pytest.mark.parametrize("rho", [0.0, 0.05])
def test_a_loss_with_parameters_is_trained_and_continues_bit_for_bit(rho: float) -> None:
    whole, first, second = (learner_with_center_loss("train.ema_decay=0.9") for _ in range(3))
    before = whole.tensors()["loss.centers"]
    assert before.shape == (7, 8), "as many features as the last layer has inputs"
    steps(whole, 3, rho=rho)
    steps(first, 3, rho=rho)
    second.load(first.tensors())
    steps(whole, 2, rho=rho)
    steps(second, 2, rho=rho)
    assert equal(whole.tensors(), second.tensors())
    assert not torch.equal(whole.tensors()["loss.centers"], before)


def test_a_loss_gets_the_input_of_the_last_layer() -> None:
    some, seen = learner_with_center_loss(), []
    some.loss.register_forward_pre_hook(lambda _, inputs: seen.append(inputs))
    some.network.eval()  # without dropout
    some.step(FACES, TARGETS, 0.0)
    logits, _, features = seen[0]
    last = some.network.get_submodule("classifier")
    assert torch.allclose(last(features), logits, atol=1e-6)


def test_other_losses_get_no_features() -> None:
    some, seen = learner(), []
    some.loss.register_forward_pre_hook(lambda _, inputs: seen.append(inputs))
    some.step(FACES, TARGETS, 0.01)
    assert seen[0][2] is None


def test_a_loss_on_features_needs_a_network_with_a_last_linear_layer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(NetworkConfig, "last_layer", lambda self, network: None)
    with pytest.raises(
        RecipeError, match=r"loss\.kind: center uses features.*network of kind plain has none"
    ):
        learner_with_center_loss()


def moved(some: Learner, step: Callable[[], object]) -> dict[str, float]:
    """How far each parameter moves in a step."""
    before = {name: weight.detach().clone() for name, weight in some.network.named_parameters()}
    step()
    after = some.network.state_dict()
    return {name: float((after[name] - weight).abs().max()) for name, weight in before.items()}


def test_layers_are_trained_from_the_epoch_that_the_recipe_says() -> None:
    some = learner("network.trainable={0: head, 2: all}")
    first = "stages.0.block1.conv.weight"
    for epoch, trained in ((0, False), (1, False), (2, True)):
        some.train(epoch)
        change = moved(some, lambda: some.step(FACES, TARGETS, 0.01))
        assert change["classifier.weight"] > 0
        assert (change[first] > 0) == trained
    other = learner("network.trainable={0: head, 2: all}")
    other.load(some.tensors())
    assert equal(other.tensors(), some.tensors())


def test_layer_decay_slows_early_layers() -> None:
    some = learner("optimizer.layer_decay=0.1")
    some.train()
    change = moved(some, lambda: some.step(FACES, TARGETS, 0.01))
    assert change["classifier.weight"] == pytest.approx(0.01, rel=0.01)  # the first step of Adam is the rate
    assert change["dense.0.linear.weight"] == pytest.approx(0.001, rel=0.01)
    assert change["stages.0.block1.conv.weight"] == pytest.approx(0.00001, rel=0.01)


def test_nothing_to_train_is_refused() -> None:
    class Headless(NetworkConfig):
        def last_layer(self, network: nn.Module) -> str | None:
            return None

    recipe = tiny_recipe().model_copy(update={"network": Headless(kind="headless", trainable="head")})
    fabric = make_fabric(torch.device("cpu"), "float32")
    with pytest.raises(RecipeError, match=r"network.trainable: head leaves nothing to train"):
        Learner(nn.Sequential(nn.Flatten(), nn.Linear(4, 7)), recipe, torch.ones(7), fabric)
