"""One small file of every kind that mien writes, made by its own writers."""

import json
from dataclasses import asdict, replace
from pathlib import Path
from shutil import copyfile

import numpy as np
from safetensors.numpy import save_file

from builders import faces, predictions
from bundle_builders import tiny_bundle, tiny_card
from mien.auditing.audit import Audit
from mien.auditing.finding import NOT_A_FACE, finding
from mien.data.cache import Key, write_cached
from mien.data.convert import write_faces
from mien.data.reading import Reading
from mien.data.summary import describe
from mien.drawing import write_annotated_image
from mien.evaluation.comparison import compare
from mien.evaluation.evaluation import COLUMNS
from mien.evaluation.groups.measure import evaluate_groups
from mien.evaluation.groups.reading import labels_of
from mien.evaluation.groups.section import groups_section
from mien.evaluation.leaderboard.entrants import Entrant
from mien.evaluation.leaderboard.files import write_leaderboard
from mien.evaluation.leaderboard.ranked import leaderboard
from mien.evaluation.page import report_page
from mien.evaluation.robustness.corruptions import CORRUPTIONS
from mien.evaluation.robustness.measure import measure_robustness
from mien.evaluation.robustness.section import robustness_section
from mien.evaluation.scoring import evaluate
from mien.evaluation.sections.base import ReportData
from mien.exploration.page import _page, _write_classes
from mien.files import writing
from mien.labels import EMOTIONS
from mien.output.result_settings import record_settings
from mien.output.timeline.timeline import Timeline
from mien.predictions_file import write_predictions
from mien.recognition.sharding.record import ShardRecord, write_record
from mien.recognition.sharding.shard import Shard
from mien.run_list.columns import COLUMNS as COLUMNS_OF_RUNS
from mien.run_list.comparison import RunComparison
from mien.run_list.run_list import RunList
from mien.run_list.summary import RunSummary
from mien.training.run_folder.creation import create_run
from mien.training.run_folder.history import write_history
from mien.training.run_folder.info import Source
from mien.training.run_folder.state import Epoch
from mien.web.manifest import make_manifest
from mien.web.page_files import page_files
from result_builders import face, result
from result_files import PHOTO, write_results
from shard_builders import listing_of
from training_builders import tiny_recipe

CARD = Path(__file__).parents[1] / "docs" / "models" / "small.md"

KINDS = {
    "result.csv": "a result of mien predict (CSV)",
    "result.json": "a result of mien predict (JSON)",
    "result.jsonl": "a result of mien predict (JSON)",
    "result.parquet": "a result of mien predict (Parquet)",
    "result.txt": "a table of mien predict",
    "result.csv.shard": "the record of a shard",
    "result.csv.settings": "the settings of a result",
    "predictions.npz": "saved predictions",
    "run": "the folder of a training run",
    "run/run.json": "a file of a training run",
    "run/recipe.yaml": "a recipe",
    "run/history.csv": "a file of a training run",
    "run/history.jsonl": "a file of a training run",
    "run/checkpoints/best.safetensors": "a checkpoint of a training run",
    "bundle.onnx": "a bundle",
    "metadata.json": "the metadata of a bundle",
    "card.md": "a model card",
    "report": "a report of mien evaluate",
    "report/evaluation.json": "a report of mien evaluate",
    "report/comparison.json": "a report of mien evaluate",
    "report/class_metrics.csv": "a report of mien evaluate",
    "report/corruptions.csv": "a report of mien evaluate",
    "report/corruptions.json": "a report of mien evaluate",
    "report/groups.csv": "a report of mien evaluate",
    "report/groups.json": "a report of mien evaluate",
    "report/report.html": "a report of mien evaluate",
    "board": "a leaderboard of mien compare",
    "board/leaderboard.json": "a leaderboard of mien compare",
    "board/leaderboard.csv": "a leaderboard of mien compare",
    "board/pairs.csv": "a leaderboard of mien compare",
    "board/leaderboard.html": "a leaderboard of mien compare",
    "audit": "an audit of mien",
    "audit/index.html": "an audit of mien",
    "audit/audit.csv": "an audit of mien",
    "explore": "a page of mien explore",
    "explore/index.html": "a page of mien explore",
    "explore/classes.csv": "a page of mien explore",
    "site": "a site of mien export --web",
    "site/manifest.json": "a site of mien export --web",
    "summary.json": "a summary of a data set",
    "runs.csv": "a list of mien runs",
    "runs.json": "a list of mien runs",
    "runs-compared.json": "a comparison of mien runs compare",
    "cache": "an entry of mien's cache of faces",
    "cache/manifest.json": "an entry of mien's cache of faces",
    "faces.csv": "a data set of faces (CSV with pixels)",
    "boxes.csv": "boxes of faces",
    "boxes.json": "boxes of faces",
    "probabilities.csv": "a CSV of class probabilities",
    "annotated.png": "an image that mien annotated",
    "annotated.jpg": "an image that mien annotated",
    "timeline.svg": "a timeline of mien predict",
    "timeline.png": "a timeline of mien predict",
}
"""What each file is called in errors."""


def write_all(folder: Path) -> None:
    """Write a file of each of `KINDS` below `folder`."""
    write_results(folder)
    record = ShardRecord(Shard(1, 2), "csv", EMOTIONS, {}, listing_of(["0.jpg"]))
    write_record(folder / "result.csv", record)
    record_settings(folder / "result.csv", {"bundle": "small"})
    _write_drawings(folder)
    _write_run(folder / "run")
    _write_runs(folder)
    _write_report(folder / "report")
    _write_data(folder)
    tiny_bundle(folder / "bundle.onnx")
    _write_site(folder / "site")
    Audit(faces(3), (finding(faces(3), 0, NOT_A_FACE, 0.9),)).write(folder / "audit")
    (folder / "metadata.json").write_text(json.dumps(tiny_card().model_dump(mode="json"), indent=2))
    copyfile(CARD, folder / "card.md")


def _write_runs(folder: Path) -> None:
    one = RunSummary(folder / "run", "run", "finished", recipe="fast", epoch=1, epochs=1)
    found = RunList((one,))
    writing.write_csv(
        folder / "runs.csv", list(COLUMNS_OF_RUNS), [list(row.values()) for row in found.rows()]
    )
    (folder / "runs.json").write_text(json.dumps([one.to_dict()], indent=2))
    (folder / "runs-compared.json").write_text(json.dumps(RunComparison((), {}, ()).to_dict(), indent=2))


def _write_site(folder: Path) -> None:
    contents = page_files() | {
        "manifest.json": json.dumps(make_manifest([], [], {})).encode(),
        "sw.js": b"//",
    }
    for name, content in contents.items():
        writing.write_bytes(folder / name, content)


def _write_drawings(folder: Path) -> None:
    for name in ("annotated.png", "annotated.jpg"):
        write_annotated_image(folder / name, PHOTO, "0123456789abcdef")
    for name in ("timeline.svg", "timeline.png"):
        with Timeline(folder / name) as timeline:
            timeline.write(result("film.mp4", face(track=1), frame=0, time=0.0))
            timeline.write(result("film.mp4", face(track=1), frame=1, time=0.5))


def _write_run(folder: Path) -> None:
    some = faces(20)
    source = Source(path="faces.csv", fingerprint=some.fingerprint)
    create_run(folder, "tiny", tiny_recipe(), source, some, held_out=False)
    write_history([Epoch(1, 0.1, 1.5, 0.4, 1.4, 0.5, 2.0, 100.0)], folder)
    state = {"state": "{}", "digest": "0" * 32}
    save_file({"w": np.zeros(4, np.float32)}, folder / "checkpoints" / "best.safetensors", metadata=state)


def _write_report(folder: Path) -> None:
    found = predictions(30)
    evaluation, comparison = evaluate(found), compare(found, predictions(30, seed=1, labels=found.labels))
    writing.write_json(folder / "evaluation.json", evaluation.model_dump(mode="json"))
    writing.write_json(folder / "comparison.json", comparison.model_dump(mode="json"))
    writing.write_csv(folder / "class_metrics.csv", COLUMNS, evaluation.class_rows())
    corrupted = measure_robustness(found, lambda _: found.probabilities, corruptions=CORRUPTIONS[:1])
    by_light = evaluate_groups(found, labels_of({"light": ["day"] * len(found)}, found))
    for section in (robustness_section(corrupted), groups_section(by_light)):
        for name, text in section.files.items():
            writing.write_text(folder / name, text)
    writing.write_text(folder / "report.html", report_page(ReportData(found, evaluation), [], {}))
    rival = replace(found, system="rival")
    write_leaderboard(
        leaderboard([Entrant(found, "predictions"), Entrant(rival, "CSV")]), folder.with_name("board")
    )
    write_predictions(folder.with_name("predictions.npz"), found)
    header = ",".join(("label", *EMOTIONS))
    rows = [
        ",".join(map(str, (label, *row)))
        for label, row in zip(found.labels, found.probabilities, strict=True)
    ]
    folder.with_name("probabilities.csv").write_text("\n".join([header, *rows]) + "\n")


def _write_data(folder: Path) -> None:
    some = faces(20)
    write_faces(some, folder / "faces.csv")
    write_faces(some, folder / "faces")
    write_cached(folder, Key("0" * 32, 48, 1, skip_bad=False), Reading(some, rows=20))
    next(folder.glob("0" * 32 + "*")).rename(folder / "cache")
    summary = describe(some)
    (folder / "summary.json").write_text(json.dumps(asdict(summary), indent=2))
    writing.write_text(folder / "explore" / "index.html", _page(summary, [], []))
    _write_classes(summary, folder / "explore" / "classes.csv")
