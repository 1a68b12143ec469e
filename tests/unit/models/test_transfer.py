from collections.abc import Callable

import numpy as np
import pytest
import torch
from torch import nn

from mien.errors import RecipeError
from mien.models import build_network
from mien.models.plain import Plain
from mien.models.transfer import TrainedWeights, transfer

CONFIG = Plain.model_validate(
    {"kind": "plain", "stages": [{"channels": 4}, {"channels": 6}], "dense": [{"units": 5, "norm": True}]}
)
OLD = ("sad", "happy", "calm")
FACES = torch.from_numpy(np.random.default_rng(0).standard_normal((64, 1, 24, 24)).astype(np.float32))


def network(classes=OLD, seed=0, config=CONFIG):
    torch.manual_seed(seed)
    some = build_network(config, len(classes), size=24)
    for module in some.modules():
        if isinstance(module, nn.BatchNorm1d | nn.BatchNorm2d):
            nn.init.uniform_(module.weight, 0.5, 1.5)
            nn.init.normal_(module.bias)
            nn.init.normal_(module.running_mean)
            nn.init.uniform_(module.running_var, 0.5, 1.5)
    return some.eval()


def trained(classes=OLD) -> TrainedWeights:
    return TrainedWeights("old", network(classes).state_dict(), classes)


def folded() -> TrainedWeights:
    """The weights of `network` with norms folded into the layers before them, as in an exported graph."""
    some = network()
    tensors, biases = {}, {}
    pairs = [(f"stages.{n}.block1.conv", f"stages.{n}.block1.norm") for n in (0, 1)]
    for layer, norm in [*pairs, ("dense.0.linear", "dense.0.norm")]:
        weight, parts = some.get_submodule(layer).weight, some.get_submodule(norm)
        scale = parts.weight / (parts.running_var + parts.eps).sqrt()
        tensors[f"{layer}.weight"] = (weight * scale.view(-1, *[1] * (weight.ndim - 1))).detach()
        biases[layer] = (parts.bias - parts.running_mean * scale).detach()
    head = some.get_submodule("classifier")
    tensors["classifier.weight"] = head.weight.detach()
    return TrainedWeights("folded", tensors, OLD, {**biases, "classifier": head.bias.detach()})


def none(_count: int) -> torch.Tensor:
    raise AssertionError("no faces are needed")


def load(weights, classes=OLD, config=CONFIG, sample: Callable = none):
    some = network(classes, 1, config)
    return some, transfer(some, config, weights, classes, sample)


@torch.no_grad()
def logits(some):
    return some.eval()(FACES)


def test_equal_classes_keep_the_head():
    some, said = load(trained())
    assert torch.equal(logits(some), logits(network()))
    assert said == "pretrained: the body is from old (15 tensors); the head is kept"


def test_classes_in_another_order_keep_the_head_in_that_order():
    some, _ = load(trained(), ("calm", "sad", "happy"))
    assert torch.equal(logits(some), logits(network())[:, [2, 0, 1]])


@pytest.mark.parametrize("classes", [("yes", "no"), ("sad", "happy", "angry")])
def test_other_classes_get_a_new_head(classes):
    some, said = load(trained(), classes)
    fresh = network(classes, 1).state_dict()
    new = some.state_dict()
    assert torch.equal(new["classifier.weight"], fresh["classifier.weight"])
    assert torch.equal(
        new["stages.1.block1.conv.weight"], network().state_dict()["stages.1.block1.conv.weight"]
    )
    assert f"the head is new, since the classes differ (sad, happy, calm; now {', '.join(classes)})" in said


def test_many_classes_are_not_all_listed():
    _, said = load(trained(), tuple(f"class{n}" for n in range(30)))
    assert "class9 and 20 more" in said


def test_a_file_without_classes_keeps_a_head_of_the_same_size():
    tensors = trained().tensors
    assert load(TrainedWeights("f", tensors))[1].endswith("the head is kept")
    assert load(TrainedWeights("f", tensors), ("yes", "no"))[1].endswith("the head is new, with 2 classes")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda tensors: tensors.pop("stages.0.block1.conv.weight"), "it has no stages.0.block1.conv.weight"),
        (lambda tensors: tensors.update(more=torch.zeros(1)), "it has more, which the network lacks"),
        (
            lambda tensors: tensors.update({"dense.0.linear.weight": torch.zeros(5, 7)}),
            r"its dense.0.linear.weight has shape \(5, 7\), that of the network \(5, 216\)",
        ),
        (lambda tensors: tensors.clear(), r"and 12 more\); use the recipe finetune"),
    ],
)
def test_another_body_is_refused(change, message):
    tensors = dict(trained().tensors)
    change(tensors)
    with pytest.raises(RecipeError, match=message):
        load(TrainedWeights("old", tensors, OLD))


def test_folded_norms_are_restored_without_changing_the_function():
    some, said = load(folded(), sample=lambda count: FACES[:count])
    torch.testing.assert_close(logits(some), logits(network()), rtol=1e-4, atol=1e-4)
    assert said == "pretrained: the body is from folded (15 tensors); the head is kept"


def test_restored_norms_have_the_statistics_of_the_faces():
    some, _ = load(folded(), sample=lambda count: FACES[:count])
    some.train()
    torch.testing.assert_close(some(FACES), logits(network()), rtol=2e-2, atol=2e-2)
    norm = some.get_submodule("stages.0.block1.conv").weight.flatten(1).norm(dim=1)
    torch.testing.assert_close(norm, torch.full((4,), 2**0.5))
