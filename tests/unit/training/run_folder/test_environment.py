import pytest

from mien.training.run_folder.environment import environment_notice, environment_of

HERE = {"device": "cpu", "threads": 2, "torch": "2", "python": "3.11"}


@pytest.mark.parametrize(
    ("before", "notice"),
    [
        (HERE, ""),
        ({**HERE, "python": "3.12"}, ""),
        ({"mien": "0.1.0"}, ""),
        ({**HERE, "threads": 1}, "resumed with threads 2 instead of 1: the result may differ"),
        (
            {**HERE, "device": "cuda:0", "torch": "1"},
            "resumed with device cpu instead of cuda:0, torch 2 instead of 1:",
        ),
    ],
)
def test_what_changes_the_result_is_named_in_one_line(before: dict, notice: str) -> None:
    found = environment_notice(before, {**HERE, "precision": "float32", "processor": "x"})
    assert found.startswith(notice)
    assert bool(found) is bool(notice)


def test_the_environment_has_what_is_compared() -> None:
    assert environment_notice(environment_of("cpu", "float32"), environment_of("cpu", "float32")) == ""


@pytest.mark.parametrize(("devices", "nodes", "notice"), [(2, 1, ""), (1, 1, "devices 1 instead of 2")])
def test_devices_of_all_machines_are_compared(devices: int, nodes: int, notice: str) -> None:
    found = environment_notice(
        environment_of("cpu", "float32", 1, 2), environment_of("cpu", "float32", devices, nodes)
    )
    assert notice in found
    assert bool(found) is bool(notice)
