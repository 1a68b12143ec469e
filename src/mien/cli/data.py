"""`mien data`: summarize a data set, convert it, download FER2013."""

from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from cyclopts import App, Parameter

from mien.cli import candidates
from mien.cli.option_groups import DATA, DETECTION, OUTPUT, VIDEO, Name
from mien.cli.printing import print_json, print_result
from mien.cli.source import Faces
from mien.cli.streams import require_output
from mien.errors import DataError
from mien.targets import is_inside, is_same_file, require_folder

if TYPE_CHECKING:
    from rich.table import Table

    from mien.data import BadRow, Reading
    from mien.data.summary import Info

app = App(name="data")

DETECTORS = candidates.registered("mien.detection.factory:DETECTORS")

SHOWN_ROWS = 20
"""Skipped rows that are listed on the terminal; with --json, all of them are."""


_COLORS = {1: "gray", 3: "RGB"}


@app.command
def info(
    source: Name,
    /,
    *,
    as_json: Annotated[bool, Parameter(name="--json", group=OUTPUT)] = False,
    ferplus: Annotated[Path | None, Parameter(group=DATA)] = None,
    skip_bad: Annotated[bool, Parameter(group=DATA)] = False,
    size: Annotated[int, Parameter(group=DATA)] = 48,
    channels: Annotated[int, Parameter(group=DATA)] = 1,
    faces: Annotated[Faces, Parameter(group=DATA)] = "whole",
    classes: Annotated[str | None, Parameter(group=DATA)] = None,
) -> None:
    """Count faces per split and class, duplicates and conflicting labels.

    Args:
        source: A CSV of pixels such as FER2013's, a manifest (CSV or TSV with the columns path and label),
            a label list of RAF-DB, images and labels in .npz or .npy, a folder of images by class, any of
            these compressed or in an archive, synthetic:COUNT, or kaggle.
        as_json: Print one JSON object instead of tables.
        ferplus: fer2013new.csv, whose votes are joined by row order.
        skip_bad: Skip rows that can't be read instead of stopping at the first.
        size: Side of the faces in pixels; faces of other sizes are resized.
        channels: 1 for gray, 3 for RGB.
        faces: whole if each image is a face; detect to detect and crop the largest face in each image.
        classes: Names of the classes in the order of their numbers (angry,disgust,... for 0,1,... or 1,2,...)
            or of other names, or new names by old ones (1=surprise,2=fear).
    """
    from mien.cli.source import read_and_remark
    from mien.data.summary import describe

    require_output()
    reading = read_and_remark(
        source, ferplus, skip_bad=skip_bad, size=size, channels=channels, faces=faces, classes=classes
    )
    found = describe(reading.faces)
    if as_json:
        _print_json(found, reading)
    else:
        _print_tables(found, reading.skipped)


@app.command
def convert(
    source: Name,
    dest: Path,
    /,
    *,
    skip_bad: Annotated[bool, Parameter(group=DATA)] = False,
    force: Annotated[bool, Parameter(group=OUTPUT)] = False,
    size: Annotated[int, Parameter(group=DATA)] = 48,
    channels: Annotated[int, Parameter(group=DATA)] = 1,
    faces: Annotated[Faces, Parameter(group=DATA)] = "whole",
    classes: Annotated[str | None, Parameter(group=DATA)] = None,
) -> None:
    """Write a data set as fer2013.csv, or as a folder of PNG images by split and class.

    Args:
        source: A data set, as for `mien data info`.
        dest: A new .csv file (gray, 48 pixels, the seven emotions); any other name becomes a folder.
        skip_bad: Skip rows that can't be read instead of stopping at the first.
        force: Replace DEST if it exists.
        size: Side of the faces in pixels; faces of other sizes are resized.
        channels: 1 for gray, 3 for RGB.
        faces: whole if each image is a face; detect to detect and crop the largest face in each image.
        classes: Names of the classes in the order of their numbers (angry,disgust,... for 0,1,... or 1,2,...)
            or of other names, or new names by old ones (1=surprise,2=fear).
    """
    from mien.cli.source import read_and_remark
    from mien.data.convert import refuse_taken, write_faces

    _refuse_own_source(source, dest)
    refuse_taken(dest, force=force)
    reading = read_and_remark(
        source, skip_bad=skip_bad, size=size, channels=channels, faces=faces, classes=classes
    )
    write_faces(reading.faces, dest, force=force)
    skipped = f", {len(reading.skipped)} rows skipped" if reading.skipped else ""
    print_result(f"{dest}: {len(reading.faces)} faces{skipped}")


@app.command
def crop(
    source: Path,
    dest: Path,
    /,
    *,
    size: Annotated[int, Parameter(group=OUTPUT)] = 112,
    all_faces: Annotated[bool, Parameter(group=DETECTION)] = False,
    min_face: Annotated[float, Parameter(group=DETECTION)] = 0.0,
    detector: Annotated[str, Parameter(group=DETECTION, completer=DETECTORS)] = "auto",
    detector_model: Annotated[Path | None, Parameter(group=DETECTION)] = None,
    detector_digest: Annotated[str | None, Parameter(group=DETECTION)] = None,
    offline: Annotated[bool, Parameter(group=DETECTION)] = False,
    every: Annotated[int | None, Parameter(group=VIDEO)] = None,
    interval: Annotated[float, Parameter(group=VIDEO)] = 1.0,
    max_frames: Annotated[int | None, Parameter(group=VIDEO)] = None,
    force: Annotated[bool, Parameter(group=OUTPUT)] = False,
    quiet: Annotated[bool, Parameter(group=OUTPUT)] = False,
) -> int:
    """Crop the faces of photographs and videos into a data set for labeling and training.

    The crops are PNG images, upright and framed as in recognition. The folders of SOURCE are kept. crops.csv
    lists the crops with their source, frame, box, score and tilt, and the images without a face. The same
    command continues after an interruption.

    Args:
        source: A folder of photographs and videos, an archive of photographs, a photograph, or a video.
        dest: The folder of the crops: new, empty, or one of an earlier run.
        size: Side of the crops in pixels.
        all_faces: Crop all faces of an image instead of the largest.
        min_face: Shorter side of the smallest box in pixels.
        detector: Face detector: auto, yunet, mtcnn, whole, or that of a plugin.
        detector_model: File of YuNet; by default MIEN_YUNET, the cache, or a download.
        detector_digest: SHA-256 of that file, or its first twelve digits or more, if it is another YuNet than
            the one that mien was tested with; by default MIEN_YUNET_SHA256.
        offline: Download nothing.
        every: Search each n-th frame of a video instead of frames at an interval.
        interval: Seconds between the frames of a video.
        max_frames: Largest number of frames of a video.
        force: Remove the crops of an earlier run, and begin again.
        quiet: Print errors and the summary only.
    """
    from mien.api.cropping import crop_faces
    from mien.cli.image_progress import CropProgress

    with CropProgress(quiet=quiet) as shown:
        counts = crop_faces(
            source, dest, size=size, all_faces=all_faces, min_face=min_face, detector=detector,
            detector_model=detector_model, detector_digest=detector_digest, offline=offline, every=every,
            interval=interval, max_frames=max_frames, force=force, progress=shown.update, notice=shown.notice,
        )  # fmt: skip
    print_result(f"{dest}: {counts}")
    return int(counts.failed > 0)


@app.command
def download(
    *,
    edition: Annotated[Literal["competition", "folder"], Parameter(group=DATA)] = "competition",
    to: Annotated[Path | None, Parameter(group=OUTPUT)] = None,
) -> None:
    """Download FER2013 from Kaggle (needs mien[download] and a Kaggle account).

    Args:
        edition: The competition's fer2013.tar.gz with all three splits, or the folder of JPEG images.
        to: The destination folder; kagglehub's cache by default.
    """
    from mien.data.download import download_faces

    if to is not None:
        require_folder(to)
    print_result(download_faces(edition, to))


def _refuse_own_source(source: str, dest: Path) -> None:
    """Refuse to replace the source, whose images may be larger than those written, or to write into it."""
    if is_same_file(dest, Path(source)) or is_inside(Path(source), dest):
        raise DataError(f"{dest}: this is the source itself, or contains it; give another destination")
    if is_inside(dest, Path(source)):
        raise DataError(f"{dest}: this is a folder in the source; give another destination")


def _print_json(found: "Info", reading: "Reading") -> None:
    skipped = [asdict(row) for row in reading.skipped]
    print_json({**asdict(found), "skipped": skipped, "images": asdict(reading.images)})


def _print_tables(found: "Info", skipped: "tuple[BadRow, ...]") -> None:
    from mien.console import Console
    from mien.figures.many_classes import omission

    console = Console(highlight=False, markup=False, soft_wrap=True)
    shape = f"{found.size}x{found.size}, {_COLORS[found.channels]}"
    console.print(f"{found.source}: {found.faces} faces of {shape}")
    console.print(f"fingerprint {found.fingerprint}\n")
    console.print(_table(found, plain=not console.is_terminal))
    if omitted := omission(len(found.classes)):
        console.print(f"{omitted.removeprefix(', ')}; --json lists all")
    for line in (*_remarks(found), *_skipped_lines(skipped)):
        console.print(line)


def _table(found: "Info", *, plain: bool) -> "Table":
    """One row per class and one column per split, with each class's fraction of all labeled faces.

    Of many classes it shows the largest.
    """
    from rich.box import SIMPLE_HEAD
    from rich.table import Table
    from rich.text import Text

    from mien.figures.many_classes import largest_classes

    table = Table(box=None if plain else SIMPLE_HEAD, pad_edge=False)
    table.add_column("class", overflow="fold")
    for heading in (*(split.name for split in found.splits), "total", "share"):
        table.add_column(heading, justify="right")
    labeled = max(sum(found.totals), 1)
    for label in largest_classes(found.totals):
        counts, total = (split.counts[label] for split in found.splits), found.totals[label]
        table.add_row(
            Text(found.classes[label]), *map(str, counts), str(total), f"{100 * total / labeled:.1f} %"
        )
    sums = (str(sum(split.counts)) for split in found.splits)
    table.add_row("total", *sums, str(sum(found.totals)), "")
    return table


def _remarks(found: "Info") -> Iterator[str]:
    """Duplicates, conflicting labels, unlabeled faces and FER+ agreement, one line each."""
    yield f"\ndistinct images: {found.distinct} of {found.faces}"
    for split in found.splits:
        yield f"  {_faces_are(split.faces - split.distinct, split.name)} repeated within {split.name}"
    for overlap in found.overlaps:
        yield f"  {_faces_are(overlap.faces, overlap.split)} also in {overlap.other}"
    yield f"images with more than one label: {found.conflicting}"
    yield f"faces without a label: {found.unlabeled}"
    if (ferplus := found.ferplus) is not None:
        yield (
            f"FER+: the majority agrees with the label of {ferplus.agreeing} of {ferplus.comparable} faces; "
            f"{ferplus.undecided} faces have no majority, {ferplus.majorities['NF']} are voted no face"
        )


def _faces_are(count: int, split: str) -> str:
    return f"{count} face{'s' * (count != 1)} of {split} {'is' if count == 1 else 'are'}"


def _skipped_lines(skipped: "tuple[BadRow, ...]") -> Iterator[str]:
    if skipped:
        yield f"skipped: {len(skipped)}"
    for row in skipped[:SHOWN_ROWS]:
        yield f"  {row.where}: {row.problem}"
    if len(skipped) > SHOWN_ROWS:
        yield f"  and {len(skipped) - SHOWN_ROWS} more; --json lists all of them"
