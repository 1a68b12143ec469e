import pytest
import torch

from mien.errors import RecipeError
from mien.training.devices import choose_device, choose_precision, make_fabric
from mien.training.parallel.world import World

CPU, CUDA, MPS = torch.device("cpu"), torch.device("cuda", 0), torch.device("mps")


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch):
    def pretend(*, cuda: int = 0, mps: bool = False, capability: int = 9, processor: str = "") -> None:
        monkeypatch.setattr(torch.cuda, "is_available", lambda: cuda > 0)
        monkeypatch.setattr(torch.cuda, "device_count", lambda: cuda)
        monkeypatch.setattr(torch.cuda, "get_device_capability", lambda _: (capability, 0))
        monkeypatch.setattr(torch.backends.mps, "is_available", lambda: mps)
        monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: {processor: True})

    return pretend


@pytest.mark.parametrize(
    ("name", "has", "expected"),
    [
        ("auto", {}, CPU),
        ("auto", {"mps": True}, MPS),
        ("auto", {"cuda": 2, "mps": True}, CUDA),
        ("cpu", {"cuda": 1}, CPU),
        ("cuda:1", {"cuda": 2}, torch.device("cuda", 1)),
    ],
)
def test_devices(machine, name: str, has: dict, expected: torch.device) -> None:
    machine(**has)
    assert choose_device(name) == expected


@pytest.mark.parametrize(
    ("name", "has"), [("cuda", {}), ("tpu", {}), ("cuda:2", {"cuda": 2}), ("cuda:x", {"cuda": 1})]
)
def test_an_unavailable_device_is_an_error(machine, name: str, has: dict) -> None:
    machine(**has)
    with pytest.raises(RecipeError, match=f"device {name!r}: this machine has"):
        choose_device(name)


@pytest.mark.parametrize(
    ("wanted", "device", "has", "expected"),
    [
        ("float32", CUDA, {}, "float32"),
        ("auto", CPU, {"processor": "amx_bf16"}, "bfloat16"),
        ("auto", CPU, {"processor": "avx512_bf16"}, "bfloat16"),
        ("auto", CPU, {"processor": "avx2"}, "float32"),
        ("auto", CUDA, {"capability": 8}, "bfloat16"),
        ("auto", CUDA, {"capability": 7}, "float16"),
        ("auto", MPS, {}, "float32"),
    ],
)
def test_precision(machine, wanted: str, device: torch.device, has: dict, expected: str) -> None:
    machine(**has)
    assert choose_precision(wanted, device) == expected


def test_bfloat16_computes_in_bfloat16_and_returns_float32() -> None:
    fabric = make_fabric(CPU, "bfloat16")
    linear = torch.nn.Linear(8, 8)
    kinds = []
    linear.register_forward_hook(lambda _module, _inputs, output: kinds.append(output.dtype))
    found = fabric.setup_module(linear)(torch.randn(2, 8))
    assert kinds == [torch.bfloat16]
    assert found.dtype == torch.float32


def test_more_processes_than_cores_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.cpu_count", lambda: 4)
    assert choose_device("cpu", World(0, 4, 0, 4)) == torch.device("cpu")
    with pytest.raises(RecipeError, match=r"devices=5: this machine has 4 CPU cores.*expected 4 at most"):
        choose_device("cpu", World(0, 5, 0, 5))
