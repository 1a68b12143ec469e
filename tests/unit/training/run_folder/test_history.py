import csv
import json
from pathlib import Path

import cv2
import pytest

from mien.training.run_folder.history import draw_curves, write_curves, write_history
from mien.training.run_folder.state import Epoch

ROWS = [
    Epoch(n, 0.1 / n, 2.0 / n, 0.3 + n / 100, 2.1 / n, 0.5 - abs(n - 3) / 10, 1.5, 900.0) for n in range(1, 6)
]


def test_jsonl_and_csv_hold_every_row(tmp_path: Path) -> None:
    write_history(ROWS, tmp_path)
    lines = [json.loads(line) for line in (tmp_path / "history.jsonl").read_text().splitlines()]
    assert [Epoch(**line) for line in lines] == ROWS
    table = list(csv.DictReader((tmp_path / "history.csv").read_text().splitlines()))
    assert [float(line["validation_loss"]) for line in table] == [row.validation_loss for row in ROWS]


def test_the_image_of_the_curves_can_be_read(tmp_path: Path) -> None:
    write_curves(ROWS, tmp_path)
    image = cv2.imread(str(tmp_path / "curves.png"))
    assert image.shape[1] > image.shape[0] > 300


def test_without_epochs_there_are_no_curves(tmp_path: Path) -> None:
    write_history([], tmp_path)
    write_curves([], tmp_path)
    assert (tmp_path / "history.jsonl").read_text() == ""
    assert not (tmp_path / "curves.png").exists()


def test_curves_show_both_splits_and_mark_the_best_epoch() -> None:
    losses, accuracies = draw_curves(ROWS).axes
    for axes, what, unit in ((losses, "loss", 1), (accuracies, "accuracy", 100)):
        drawn = {line.get_label(): line.get_ydata() for line in axes.get_lines()}
        for split in ("train", "validation"):
            assert drawn[split] == pytest.approx([unit * getattr(row, f"{split}_{what}") for row in ROWS])
    assert "50.0 % at epoch 3" in "".join(text.get_text() for text in accuracies.texts)
