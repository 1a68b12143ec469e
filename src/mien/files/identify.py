"""What a file is, by its content: every kind of file that mien writes or reads.

A reader that is given another kind of file refuses it by `require_kind`, so that no output of mien is taken
for something else, and the error says what the file is and where it belongs.
"""

import re
from collections.abc import Callable, Collection
from pathlib import Path
from typing import Final, NamedTuple

from mien.errors import MienError
from mien.files.targets import FORCE, require_replaceable
from mien.labels import emotion_of

_END: Final = 1 << 16
"""Bytes at the beginning and at the end of a file that decide."""


class Kind(NamedTuple):
    """A kind of file or folder: what it is, and what to do with it."""

    what: str
    use: str


_RESULT_USE: Final = (
    "its labels are predictions: give it as boxes=..., or evaluate the CSV with the data set of its faces"
)
RESULT_CSV: Final = Kind("a result of mien predict (CSV)", _RESULT_USE)
RESULT_JSON: Final = Kind("a result of mien predict (JSON)", _RESULT_USE)
RESULT_PARQUET: Final = Kind("a result of mien predict (Parquet)", _RESULT_USE)
RESULT_TABLE: Final = Kind(
    "a table of mien predict, which has no boxes and not all probabilities", "write a .csv or .json instead"
)
SHARD: Final = Kind("the record of a shard", "give the result of the shard, which is beside it")
SETTINGS: Final = Kind("the settings of a result", "give the result of mien predict, which is beside it")
PREDICTIONS: Final = Kind("saved predictions", "evaluate them with mien evaluate")
PROBABILITIES: Final = Kind("a CSV of class probabilities", "evaluate it with mien evaluate")
RUN: Final = Kind("the folder of a training run", "evaluate, export or resume it")
RUN_PART: Final = Kind("a file of a training run", "give the folder of the run")
CHECKPOINT: Final = Kind("a checkpoint of a training run", "give the folder of the run, or export it")
WEIGHTS: Final = Kind("weights in safetensors", "give them as pretrained=...")
RECIPE: Final = Kind("a recipe", "train it with mien train")
BUNDLE: Final = Kind("a bundle", "give it as bundle=..., or evaluate it with mien evaluate")
MODEL: Final = Kind("an ONNX model that is no bundle", "give a bundle, as mien export writes it")
METADATA: Final = Kind("the metadata of a bundle", "give the bundle, an .onnx file")
CARD: Final = Kind("a model card", "give the bundle, an .onnx file")
REPORT: Final = Kind(
    "a report of mien evaluate", "give the run, the bundle or the predictions that it is about"
)
LEADERBOARD: Final = Kind("a leaderboard of mien compare", "give the systems that it compares")
RUN_COMPARISON: Final = Kind("a comparison of mien runs compare", "give the folders of the runs")
RUN_TABLE: Final = Kind("a list of mien runs", "give the folders of the runs")
EXPLORATION: Final = Kind("a page of mien explore", "give the data set that it is about")
EXPLANATION: Final = Kind("an explanation of mien explain", "give the images that it is about")
AUDIT: Final = Kind(
    "an audit of mien",
    "give its CSV as data.exclude or data.relabel of a recipe, or as audit=... of an evaluation",
)
SUMMARY: Final = Kind("a summary of a data set", "give the data set that it is about")
STUDY: Final = Kind("the folder of a study", "show it with mien tune show, or give the folder of a trial")
STUDY_PART: Final = Kind("a file of a study", "give the folder of the study")
SITE: Final = Kind("a site of mien export --web", "open it in a browser")
CACHE: Final = Kind("an entry of mien's cache of faces", "give the data set that was read")
FACES: Final = Kind("a data set of faces (CSV with pixels)", "give it as the data set")
ARRAYS: Final = Kind("arrays of numpy", "give them as the data set")
MANIFEST: Final = Kind("a manifest of images", "give it as the data set")
VOTES: Final = Kind("votes of FER+", "give them as ferplus=... beside fer2013.csv")
BOXES: Final = Kind("boxes of faces", "give them as boxes=...")
ANNOTATED: Final = Kind("an image that mien annotated", "give the original image")
TIMELINE: Final = Kind("a timeline of mien predict", "give the video that it shows")
IMAGE: Final = Kind("an image", "recognize it with mien predict")
DRAWING: Final = Kind("a drawing (SVG)", "give images or results")
VIDEO: Final = Kind("a video", "recognize it with mien predict")
PARQUET: Final = Kind("a Parquet file that mien did not write", "write it as CSV")
PAGE: Final = Kind("an HTML page", "give the data that it shows")

_COLUMNS: Final = (
    (RESULT_TABLE, {"source", "runner_up", "uncertain"}),
    (RESULT_CSV, {"confidence", "uncertain", "label"}),
    (RUN_TABLE, {"recipe", "state", "best_epoch", "accuracy_low"}),
    (AUDIT, {"row", "suggestion", "reason"}),
    (RUN_PART, {"epoch", "train_loss", "validation_loss"}),
    (VOTES, {"usage", "image name", "nf"}),
    (FACES, {"pixels"}),
    (MANIFEST, {"path", "label"}),
    (REPORT, {"class", "support", "precision", "recall", "f1"}),
    (LEADERBOARD, {"rank", "system", "accuracy_low"}),
    (LEADERBOARD, {"system", "against", "p_adjusted"}),
    (REPORT, {"corruption", "strength", "accuracy"}),
    (REPORT, {"attribute", "group", "accuracy"}),
    (EXPLORATION, {"class", "faces"}),
    (STUDY_PART, {"trial", "state", "accuracy", "epochs"}),
    (BOXES, {"source", "left", "top", "width", "height"}),
)
"""Columns by which a CSV or TSV is recognized, in this order."""

_TEXTS: Final = (
    (RESULT_JSON, (r"\A\[?\s*\{\s*\"source\"\s*:", r'"width"\s*:', r'"faces"\s*:\s*\[')),
    (SETTINGS, (r'\A\{\s*"mien_settings"\s*:',)),
    (RUN_PART, (r'\A\{\s*"epoch"\s*:', r'"train_loss"\s*:')),
    (RUN_PART, (r'\A\{\s*"recipe_name"\s*:', r'"fingerprint"\s*:')),
    (REPORT, (r"\A\{", r'"macro_f1"\s*:', r'"top_2_accuracy"\s*:')),
    (REPORT, (r'\A\{\s*"system"\s*:', r'"accuracy_against"\s*:')),
    (REPORT, (r'\A\{\s*"system"\s*:', r'"corruptions"\s*:')),
    (REPORT, (r'\A\{\s*"system"\s*:', r'"attributes"\s*:')),
    (LEADERBOARD, (r'\A\{\s*"source"\s*:', r'"target_accuracy"\s*:', r'"rank_probabilities"\s*:')),
    (SITE, (r'\A\{"bundles":', r'"detectors":', r'"constants":')),
    (METADATA, (r"\A\{", r'"schema_version"\s*:', r'"mien_version"\s*:')),
    (SUMMARY, (r'\A\{\s*"source"\s*:', r'"fingerprint"\s*:', r'"overlaps"\s*:')),
    (RUN_COMPARISON, (r'\A\{\s*"runs"\s*:', r'"differing"\s*:')),
    (BOXES, (r'\A\{\s*"[^"]*"\s*:\s*\[\s*[\[\]]',)),
    (CACHE, (r'\A[0-9a-f]{32}\n\{"classes"',)),
    (CARD, (r"\A# Model card: ",)),
    (RUN_COMPARISON, (r"\A<!doctype html>", r'<meta name="generator" content="mien runs compare">')),
    (RUN_TABLE, (r'\A\[\s*\{\s*"path"\s*:', r'"best_epoch"\s*:')),
    (AUDIT, (r"\A<!doctype html>", r'<meta name="generator" content="mien audit">')),
    (EXPLORATION, (r"\A<!doctype html>", r'<meta name="generator" content="mien explore">')),
    (LEADERBOARD, (r"\A<!doctype html>", r'<meta name="generator" content="mien compare">')),
    (REPORT, (r"\A<!doctype html>", r'<meta name="generator" content="mien evaluate">')),
    (STUDY_PART, (r"\A<!doctype html>", r'<meta name="generator" content="mien tune">')),
    (STUDY_PART, (r'\A\{\s*"study"\s*:', r'"space"\s*:')),
    (EXPLANATION, (r"\A<!doctype html>", r'<meta name="generator" content="mien explain">')),
    (PAGE, (r"(?i)\A<!doctype html|\A<html",)),
    (TIMELINE, (r"\A<svg ", r"<!-- mien \(timeline\) -->")),
    (DRAWING, (r"\A(?:<\?xml[^>]*>\s*)?<svg ",)),
    (RECIPE, (r"(?m)^(?:network|optimizer|train|augment): *(?:\{|$)", r"(?m)^(?:title|network|train):")),
)
"""Patterns that a text matches, all of one line, in this order."""

_FOLDERS: Final = (
    (RUN, ("run.json",)),
    (STUDY, ("study.json", "journal.jsonl")),
    (REPORT, ("report.html", "evaluation.json")),
    (LEADERBOARD, ("leaderboard.html", "leaderboard.json")),
    (CACHE, ("manifest.json", "images.npy", "labels.npy")),
    (SITE, ("manifest.json", "sw.js", "recognition/worker.js")),
)
"""Files by which a folder is recognized."""

_VIDEO: Final = re.compile(rb".{4}ftyp(?!avi[fs]|hei|mif1|hev|msf1)|RIFF.{4}AVI |\x1aE\xdf\xa3", re.DOTALL)
_IMAGE: Final = re.compile(
    rb"\x89PNG|\xff\xd8\xff|GIF8|RIFF.{4}WEBP|BM.{12}|II\*\0|MM\0\*|.{4}ftyp(?:avi[fs]|hei|mif1|hev|msf1)",
    re.DOTALL,
)
ANNOTATION: Final = b"mien (annotated)"
"""As `mien.media.origin.MARK`, in the EXIF at the beginning of an image."""

SHARD_START: Final = b'{"mien_shard": '
"""First bytes of the record of a shard."""

EXPLANATION_MARK: Final = "mien (explanation)"
"""Text in the header of a figure of maps, and in its arrays."""

TIMELINE_MARK: Final = "mien (timeline)"
"""Text in the EXIF of a chart, or in its SVG."""


def identify(path: Path) -> Kind | None:
    """Return what a file or a folder is, or None if it is of none of these kinds or can't be read."""
    try:
        if path.is_dir():
            return _kind_of_folder(path)
        if not path.is_file():
            return None
        with path.open("rb") as stream:
            head = stream.read(_END)
            stream.seek(max(0, path.stat().st_size - _END))
            return kind_of(head, stream.read(_END))
    except OSError:
        return None


def kind_of(head: bytes, tail: bytes = b"") -> Kind | None:
    """Return what a file is, given its first and its last bytes; at most 65,536 of each are needed."""
    found = _kind_of_binary(head, tail)
    if found is not None or b"\0" in head:
        return found
    text = head.removeprefix(b"\xef\xbb\xbf").decode("utf-8", "replace").replace("\r\n", "\n")
    return _kind_of_table(re.split(r"[\r\n]", text, maxsplit=1)[0]) or _kind_of_text(text)


def require_kind(
    path: Path, expected: str, accepted: Collection[Kind], error: type[MienError] = MienError
) -> Kind | None:
    """Return what a file is, or None if that is unknown; refuse it if it is known and not accepted.

    Args:
        path: A file or folder; nothing is refused if it does not exist.
        expected: What the reader needs, for the error.
        accepted: The kinds that the reader reads.
        error: What to raise.

    Raises:
        MienError: Of the type `error`: the file is of another kind. The message names it.
    """
    kind = identify(path)
    if kind is not None and kind not in accepted:
        raise error(refusal(path, kind, expected), path=path, expected=expected)
    return kind


def require_own(path: Path, kind: Kind, advice: str = FORCE) -> None:
    """Refuse to replace a file of another kind.

    Args:
        path: The file to write.
        kind: Of the files that may be replaced.
        advice: What to do, for the message.

    Raises:
        MienError: The file exists, and is another one.
    """
    require_replaceable(path, lambda found: identify(found) is kind, kind.what, advice)


def refusal(path: Path | str, kind: Kind, expected: str) -> str:
    """Return the error for a file of the wrong kind."""
    return f"{path}: this is {kind.what}, expected {expected}; {kind.use}"


def _kind_of_folder(path: Path) -> Kind | None:
    found = (kind for kind, names in _FOLDERS if all((path / name).is_file() for name in names))
    return next(found, _kind_of_page(path / "index.html"))


def _kind_of_page(page: Path) -> Kind | None:
    """Return the kind of a folder with a page of mien."""
    kind = identify(page) if page.is_file() else None
    return kind if kind in (EXPLORATION, AUDIT) else None


def _kind_of_binary(head: bytes, tail: bytes) -> Kind | None:
    rules: tuple[tuple[Kind, Callable[[], bool]], ...] = (
        (SHARD, lambda: head.startswith(SHARD_START)),
        (PREDICTIONS, lambda: head.startswith(b"PK\x03\x04") and b"checkpoint_digest.npy" in tail),
        (EXPLANATION, lambda: head.startswith(b"PK\x03\x04") and b"explanation.npy" in tail),
        (ARRAYS, lambda: head.startswith(b"PK\x03\x04") and b".npy" in tail and _holds_arrays(head)),
        (ARRAYS, lambda: head.startswith(b"\x93NUMPY")),
        (RESULT_PARQUET, lambda: head.startswith(b"PAR1") and {b"box_width", b"uncertain"} <= _words(tail)),
        (PARQUET, lambda: head.startswith(b"PAR1")),
        (CHECKPOINT, lambda: _is_safetensors(head) and b'"digest"' in head and b'"state"' in head),
        (WEIGHTS, lambda: _is_safetensors(head)),
        (BUNDLE, lambda: head.startswith(b"\x08") and (b"mien.digest" in tail or b"mien.card" in tail)),
        (MODEL, lambda: head.startswith(b"\x08") and len(head) > 64),
        (ANNOTATED, lambda: bool(_IMAGE.match(head)) and ANNOTATION in head),
        (EXPLANATION, lambda: bool(_IMAGE.match(head)) and EXPLANATION_MARK.encode() in head),
        (TIMELINE, lambda: bool(_IMAGE.match(head)) and TIMELINE_MARK.encode() in head + tail),
        (IMAGE, lambda: bool(_IMAGE.match(head))),
        (VIDEO, lambda: bool(_VIDEO.match(head))),
    )
    return next((kind for kind, holds in rules if holds()), None)


def _holds_arrays(head: bytes) -> bool:
    """Return whether the first file of a zip is an array: the name of a file follows 30 bytes."""
    length = int.from_bytes(head[26:28], "little")
    return head[30 : 30 + length].endswith(b".npy")


def _words(content: bytes) -> set[bytes]:
    return set(re.findall(rb"[a-z_]+", content))


def _is_safetensors(head: bytes) -> bool:
    """Return whether the length of a JSON header comes first, as 8 bytes."""
    return head[8:9] == b"{" and int.from_bytes(head[:8], "little") < 1 << 27


def _kind_of_table(header: str) -> Kind | None:
    names = columns_of(header)
    found = next((kind for kind, columns in _COLUMNS if columns <= set(names)), None)
    if found in (None, MANIFEST) and len({emotion_of(name) for name in names} - {None}) > 1:
        return PROBABILITIES
    return found


def columns_of(header: str) -> list[str]:
    """Return the names of the columns in the header of a CSV or TSV, in lower case."""
    cells = header.removeprefix("\ufeff").split(max(",\t;", key=header.count))
    return [cell.strip().strip('"').strip().lower() for cell in cells]


def _kind_of_text(text: str) -> Kind | None:
    stripped = text.lstrip()
    return next(
        (kind for kind, patterns in _TEXTS if all(re.search(one, stripped) for one in patterns)), None
    )
