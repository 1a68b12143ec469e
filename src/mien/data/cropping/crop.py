"""From photographs and videos to a folder of crops; see `mien.crop_faces`."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from mien.data.cropping.folder import CropFolder, CroppedFace
from mien.data.cropping.scenes import FrameOptions, Scene, SceneFile, opened_scenes
from mien.data.extraction import clear_faces
from mien.detection.base import Detector
from mien.detection.crops import crop_faces
from mien.detection.findings import find_faces
from mien.detection.reliability import limits_of
from mien.detection.selection import Selection
from mien.errors import DataError, ImageError
from mien.limits import FACE_SIZES
from mien.media.images.pixels import encode_png, with_channels
from mien.runtime.ahead import ahead
from mien.runtime.threads import usable_cores
from mien.text import counted


@dataclass
class CropCounts:
    """What became of a source.

    Attributes:
        images: Photographs that were searched.
        frames: Frames of videos that were searched.
        faces: Crops that were written.
        without_face: Photographs and frames in which no face was detected.
        several_faces: Photographs and frames in which several faces were detected.
        failed: Images and videos that can't be read.
        skipped: Photographs and frames that were complete already.
    """

    images: int = 0
    frames: int = 0
    faces: int = 0
    without_face: int = 0
    several_faces: int = 0
    failed: int = 0
    skipped: int = 0

    def __str__(self) -> str:
        numbers = ((self.images, "image"), (self.frames, "frame"))
        searched = [counted(count, noun) for count, noun in numbers if count]
        text = f"{counted(self.faces, 'face')} from {' and '.join(searched) or 'no image'}"
        others = {
            "without a face": self.without_face, "with several faces": self.several_faces,
            "failed": self.failed, "complete before": self.skipped,
        }  # fmt: skip
        return ", ".join([text, *(f"{count:,} {name}" for name, count in others.items() if count)])


@dataclass(frozen=True)
class CropOptions:
    """How scenes become crops.

    Attributes:
        size: Side of the crops in pixels.
        selection: Which faces are cropped.
        frames: Which frames of videos are read.
        force: Replace the crops of an earlier run.
    """

    size: int
    selection: Selection
    frames: FrameOptions
    force: bool = False


@dataclass(frozen=True, eq=False)
class _Outcome:
    """A scene with its size and faces, or why it can't be read."""

    scene: Scene
    problem: str = ""
    width: int = 0
    height: int = 0
    detected: int = 0
    faces: tuple[CroppedFace, ...] = ()


def crop_source(
    source: Path,
    destination: Path,
    detector: Detector,
    options: CropOptions,
    *,
    progress: Callable[[int, int | None], None] | None = None,
    notice: Callable[[str], None],
) -> CropCounts:
    """Crop the faces of photographs and videos into a folder.

    Args:
        source: A folder or archive, or a single image or video.
        destination: The folder of the crops.
        detector: Detects faces. It must be thread-safe.
        options: Size, selection, frames.
        progress: Called with the number of scenes that are done, and with their total if it is known.
        notice: Called with one line for each file that can't be read.

    Raises:
        DataError: There is no such source, or the destination is in use for something else.
        MienError: The destination can't be written.
    """
    if options.size not in FACE_SIZES:
        raise DataError(f"size={options.size}, expected {FACE_SIZES.start} to {FACE_SIZES.stop - 1} pixels")
    _require_apart(source, destination)
    counts = CropCounts()
    with opened_scenes(source) as files:
        folder = CropFolder(destination, options.size, detector.name, force=options.force)
        total = None if any(file.video for file in files) else len(files)
        scenes = _missing(files, folder, options.frames, counts, notice)
        work, threads = partial(_cropped, detector, options), min(usable_cores(), 8)
        # An interruption must end the threads at once, not when the generator is collected.
        with closing(ahead(work, scenes, threads, "crop")) as outcomes:
            for outcome in outcomes:
                _settle(outcome, folder, counts, notice)
                if progress is not None:
                    progress(counts.images + counts.frames + counts.failed + counts.skipped, total)
    return counts


def _missing(
    files: Iterable[SceneFile],
    folder: CropFolder,
    options: FrameOptions,
    counts: CropCounts,
    notice: Callable[[str], None],
) -> Iterator[Scene]:
    """Yield the scenes that the folder doesn't hold; report videos that can't be read."""
    for file in files:
        try:
            for scene in file.scenes(options, notice):
                if (scene.source, scene.frame) in folder.done:
                    counts.skipped += 1
                else:
                    yield scene
        except ImageError as error:
            counts.failed += 1
            notice(str(error))


def _cropped(detector: Detector, options: CropOptions, scene: Scene) -> _Outcome:
    try:
        image = scene.load()
    except ImageError as error:
        return _Outcome(scene, str(error))
    found, low = find_faces(detector, with_channels(image, 3)), limits_of(detector).low
    chosen = options.selection.of(found, low)
    crops = crop_faces(image, chosen, options.size, detector.framing)
    faces = tuple(CroppedFace(one, encode_png(crop)) for one, crop in zip(chosen, crops, strict=True))
    return _Outcome(scene, "", image.shape[1], image.shape[0], clear_faces(found, low), faces)


def _settle(outcome: _Outcome, folder: CropFolder, counts: CropCounts, notice: Callable[[str], None]) -> None:
    if outcome.problem:
        counts.failed += 1
        notice(f"{outcome.scene.source}: {outcome.problem}")
        return
    folder.write(outcome.scene, outcome.width, outcome.height, outcome.faces)
    counts.images += outcome.scene.frame is None
    counts.frames += outcome.scene.frame is not None
    counts.faces += len(outcome.faces)
    counts.without_face += not outcome.faces
    counts.several_faces += outcome.detected > 1


def _require_apart(source: Path, destination: Path) -> None:
    """Crops below their source would be cropped again."""
    here, there = source.resolve(), destination.resolve()
    if there == here or here in there.parents:
        raise DataError(f"{destination}: this is the source, or a folder in it; give another folder")
