import json
import os
from hashlib import sha256
from pathlib import Path

import pytest

from bundle_builders import tiny_bundle, tiny_card
from mien.bundles import reading
from mien.bundles.metadata import BundleMetadata, ConfidenceThreshold
from mien.cli.app import run
from mien.config.data import Clahe
from mien.config.training import TTA
from mien.data import read_faces

CLAHE = "CLAHE (clip limit 3, 4x4 tiles)"
UNREACHED = ConfidenceThreshold(value=1, coverage=0, accuracy=0, split="validation")


@pytest.fixture
def shipped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "shipped"
    monkeypatch.setattr(reading, "_shipped_folder", lambda: folder)
    return folder


def lines_of(capsys: pytest.CaptureFixture[str]) -> list[str]:
    out, err = capsys.readouterr()
    assert err == ""
    return [" ".join(line.split()) for line in out.splitlines()]


def test_info_prints_the_metadata(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tiny_bundle(tmp_path / "a.onnx", temperature=1.31, notes="Trained on [bold]drawings[/bold].")
    assert run(["bundle", "info", str(path)]) == 0
    lines = lines_of(capsys)
    for line in (
        "bundle tiny",
        "classes angry, disgust, fear, happy, sad, surprise, neutral",
        "input 48x48 pixels, gray",
        "test-time augmentation none",
        "calibration temperature scaling (temperature 1.310)",
        "confidence threshold 0.55 (coverage 71.0 % at 85.0 % selective accuracy on validation)",
        "created 2026-01-02T03:04:05Z by mien 0.1.0",
        "license MIT",
        "format float32, ONNX opset 18, 0.1 MB",
        f"SHA-256 {sha256(path.read_bytes()).hexdigest()}",
        "notes Trained on [bold]drawings[/bold].",
        "network recipe parameters trained on fingerprint",
        "tiny-1 tiny 1,234 synthetic:200 0123456789abcdef",
        "metrics on faces accuracy (95 % interval) macro-F1 log loss ECE",
        "validation 3,589 65.3 % (63.7 % to 66.8 %) 0.620 0.950 0.020",
        "recall validation",
        "disgust 51.0 %",
        "neutral 56.0 %",
    ):
        assert line in lines


@pytest.mark.parametrize(
    ("changes", "line"),
    [
        (
            {"clahe": Clahe(clip_limit=3, tiles=4)},
            f"input 48x48 pixels, gray, {CLAHE}",
        ),
        ({"tta": TTA()}, "test-time augmentation 10 views (shifts by 2 pixels, horizontal flip)"),
        ({"tta": TTA(flip=False)}, "test-time augmentation 5 views (shifts by 2 pixels)"),
        ({"tta": TTA(shift=0)}, "test-time augmentation 2 views (horizontal flip)"),
        ({"tta": TTA(flip=False, shift=0)}, "test-time augmentation none"),
        ({"confidence_threshold": None}, "confidence threshold none"),
        (
            {"confidence_threshold": UNREACHED},
            "confidence threshold none is accurate enough on validation: every face is uncertain",
        ),
        ({"scores": ()}, "calibration temperature scaling (temperature 1.000)"),
        ({"channels": 3}, "input 48x48 pixels, RGB"),
        ({"commands": ("mien train x", "mien export runs/x")}, "mien export runs/x"),
        ({"members": tiny_card().members * 3}, "tiny-1 tiny 1,234 synthetic:200 0123456789abcdef"),
    ],
)
def test_info_prints_what_differs(
    changes: dict[str, object], line: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["bundle", "info", str(tiny_bundle(tmp_path / "a.onnx", **changes))]) == 0
    lines = lines_of(capsys)
    assert line in lines
    assert lines.count("tiny-1 tiny 1,234 synthetic:200 0123456789abcdef") == len(
        tiny_card(**changes).members
    )
    assert ("recall validation" in lines) == bool(tiny_card(**changes).scores)


def test_info_as_json_is_the_metadata(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tiny_bundle(tmp_path / "a.onnx", classes=("öde", "froh"))
    assert run(["bundle", "info", str(path), "--json"]) == 0
    out, err = capsys.readouterr()
    assert err == ""
    assert "öde" in out
    assert BundleMetadata.model_validate(json.loads(out)) == tiny_card(classes=("öde", "froh"))


def test_info_prints_the_default_bundle(shipped: Path, capsys: pytest.CaptureFixture[str]) -> None:
    tiny_bundle(shipped / "small.onnx", name="house blend")
    assert run(["bundle", "info"]) == 0
    assert "bundle house blend" in lines_of(capsys)


def test_list_has_a_line_for_every_shipped_bundle(shipped: Path, capsys: pytest.CaptureFixture[str]) -> None:
    tiny_bundle(shipped / "small.onnx")
    tiny_bundle(shipped / "two.onnx", members=tiny_card().members * 2)
    assert run(["bundle", "list"]) == 0
    assert lines_of(capsys) == [
        "name size networks accuracy accuracy under shift",
        "small 0.1 MB 1 65.3 % validation not recorded",
        "two 0.1 MB 2 65.3 % validation not recorded",
    ]


def test_card_prints_the_model_card_only(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (member,) = tiny_card().members
    own = member.model_copy(update={"fingerprint": read_faces("synthetic:70").fingerprint})
    path = tiny_bundle(tmp_path / "a.onnx", members=(own,))
    assert run(["bundle", "card", str(path), "--data", "synthetic:70", "--cost", "1 ms a face"]) == 0
    out, err = capsys.readouterr()
    assert err == ""
    assert out.startswith("# Model card: `tiny`\n")
    assert "\n## Computational cost\n1 ms a face.\n" in out
    assert out.endswith("prints this card.\n")


@pytest.mark.usefixtures("shipped")
def test_an_empty_list_says_so_on_stderr(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["bundle", "list"]) == 0
    assert capsys.readouterr() == (
        "",
        "no bundle ships with this installation; mien export creates one from a run\n",
    )


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["info", "zzz.onnx"], "zzz.onnx: no such bundle"),
        (["info", os.curdir], ".: a folder"),
        (["info", __file__], "test_bundle.py: not an ONNX file"),
        (["lits"], "Unknown command"),
        (["card"], "--data"),
        (["card", "--data", "nowhere.csv"], "nowhere.csv: no such file"),
        (["card", "zzz.onnx", "--data", "synthetic:70"], "zzz.onnx: no such bundle"),
        (["card", "--data", "synthetic:70"], "a model card needs that data set"),
    ],
)
def test_errors_are_one_line_and_exit_code_2(
    words: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["bundle", *words]) == 2
    out, err = capsys.readouterr()
    assert (out, err.count("\n")) == ("", 1)
    assert message in err


def test_of_many_classes_those_with_the_lowest_recall_are_listed(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    names = tuple(f"class{number:03d}" for number in range(100))
    recalls = {name: number / 100 for number, name in enumerate(reversed(names))}
    scores = tiny_card().scores[0].model_copy(update={"recalls": recalls})
    metadata = tiny_card().model_copy(update={"classes": names, "scores": (scores,)})
    made = reading.Bundle(b"", metadata, "many")
    monkeypatch.setattr("mien.bundles.description.opset_of", lambda _: 17)
    monkeypatch.setattr("mien.bundles.reading.read_bundle", lambda _: made)
    assert run(["bundle", "info", "many"]) == 0
    text = "\n".join(lines_of(capsys))
    assert "class028, class029 and 70 more" in text
    assert "recall, the 30 lowest of 100 classes validation\nclass099 0.0 %\nclass098 1.0 %" in text
    assert "class069" not in text
