"""`mien data`: summarize a data set, convert it, download FER2013."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Literal

from cyclopts import App, Parameter

from mien.cli import candidates
from mien.cli.option_groups import DATA, DETECTION, OUTPUT, VIDEO, Name
from mien.cli.printing import print_json, print_result
from mien.cli.source import DEFAULTS, SourceOptions
from mien.cli.streams import require_output
from mien.errors import DataError
from mien.files.targets import is_inside, is_same_file, require_folder
from mien.text import counted

app = App(name="data")

DETECTORS = candidates.registered("mien.detection.factory:DETECTORS")


@app.command
def info(
    source: Name,
    /,
    *,
    as_json: Annotated[bool, Parameter(name="--json", group=OUTPUT)] = False,
    ferplus: Annotated[Path | None, Parameter(group=DATA)] = None,
    reading: SourceOptions = DEFAULTS,
) -> None:
    """Count faces per split and class, duplicates and conflicting labels.

    Args:
        source: A CSV of pixels such as FER2013's, a manifest (CSV or TSV with the columns path and label),
            a label list of RAF-DB, images and labels in .npz or .npy, a folder of images by class, any of
            these compressed or in an archive, synthetic:COUNT, or kaggle.
        as_json: Print one JSON object instead of tables.
        ferplus: fer2013new.csv, whose votes are joined by row order.
        reading: How the data set is read.
    """
    from mien.cli.info_table import print_info
    from mien.cli.source import read_and_remark
    from mien.data.summary import describe

    require_output()
    read = read_and_remark(source, reading, ferplus=ferplus)
    found = describe(read.faces)
    if as_json:
        skipped = [asdict(row) for row in read.skipped]
        print_json({**asdict(found), "skipped": skipped, "images": asdict(read.images)})
    else:
        print_info(found, read.skipped)


@app.command
def convert(
    source: Name,
    dest: Path,
    /,
    *,
    force: Annotated[bool, Parameter(group=OUTPUT)] = False,
    reading: SourceOptions = DEFAULTS,
) -> None:
    """Write a data set as fer2013.csv, or as a folder of PNG images by split and class.

    Args:
        source: A data set, as for `mien data info`.
        dest: A new .csv file (gray, 48 pixels, the seven emotions); any other name becomes a folder.
        force: Replace DEST if it exists.
        reading: How the data set is read.
    """
    from mien.cli.source import read_and_remark
    from mien.data.convert import refuse_taken, write_faces

    _refuse_own_source(source, dest)
    refuse_taken(dest, force=force)
    read = read_and_remark(source, reading)
    write_faces(read.faces, dest, force=force)
    skipped = f", {counted(len(read.skipped), 'row')} skipped" if read.skipped else ""
    print_result(f"{dest}: {counted(len(read.faces), 'face')}{skipped}")


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
