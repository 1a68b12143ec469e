"""The faces of a run: how they are found again, and checked against its record."""

from pathlib import Path

from mien.data import read_faces
from mien.data.cache import digest_of_file
from mien.data.classes import Classes, parse_classes
from mien.data.face_detector import DETECT, WHOLE
from mien.errors import DataError
from mien.faceset import FaceSet
from mien.training.run_folder.corrections import divided, read_copies
from mien.training.run_folder.info import RunInfo, Source
from mien.training.run_folder.run import RunFolder


def describe_source(
    data: str | Path | FaceSet,
    ferplus: Path | None,
    faces: FaceSet,
    *,
    skip_bad: bool,
    detector: str | None = None,
    classes: Classes | None = None,
) -> Source:
    """Return how to find `faces`, which were read from `data`, again from any folder.

    Args:
        data: The data set or its path.
        ferplus: Path of the FER+ votes.
        faces: What was read.
        skip_bad: Bad rows were left out.
        detector: Name of the detector of the faces, if they were detected.
        classes: Names of the classes as they were given.
    """
    in_memory = isinstance(data, FaceSet)
    name = data.source if isinstance(data, FaceSet) else str(data)
    there = name and Path(name).exists()  # "synthetic:2000" is no path
    return Source(
        path=str(Path(name).resolve()) if there else name,
        fingerprint=faces.fingerprint,
        skip_bad=skip_bad,
        in_memory=in_memory,
        ferplus=str(ferplus.resolve()) if ferplus else None,
        ferplus_digest=digest_of_file(ferplus) if ferplus else None,
        faces=DETECT if detector else WHOLE,
        detector=detector,
        named=None if classes is None else parse_classes(classes),
    )


def read_run_faces(
    run: RunFolder, data: str | Path | FaceSet | None = None, *, votes: bool = False
) -> FaceSet:
    """Return the faces of a run, with the hold-out that it was validated on, and corrected as it was trained.

    Args:
        run: The run.
        data: The data set, or its path, if it is not at the path that the run recorded.
        votes: Join the FER+ votes that it was trained with, if any; only training needs them.

    Raises:
        DataError: The data set or its votes are missing or differ from those of the run.
    """
    given = run.data if data is None else data
    faces = given if isinstance(given, FaceSet) else _read_again(run.info, given, votes=votes)
    source = run.info.source
    if faces.fingerprint != source.fingerprint:
        where = faces.source or "these faces"
        hint = (
            "; if only its detector differs, crop the faces once into a data set and train on that"
            if source.detector
            else ""
        )
        raise DataError(
            f"{where}: fingerprint {faces.fingerprint}, but the run was trained on {source.fingerprint}"
            f"{f' ({source.path})' if source.path else ''}; pass data=... with the same data set{hint}",
            path=run.path,
            expected=source.fingerprint,
        )
    return divided(faces, run.recipe, read_copies(run))


def _read_again(info: RunInfo, data: str | Path | None, *, votes: bool) -> FaceSet:
    """Read a run's data set from `data`, or from where it was."""
    source = info.source
    ferplus = Path(source.ferplus) if votes and source.ferplus else None
    try:
        faces = read_faces(
            source.path if data is None else data,
            ferplus=ferplus,
            size=info.size,
            channels=info.channels,
            faces=source.faces,
            detector=source.detector or "auto",
            classes=source.named,
            skip_bad=source.skip_bad,
        )
    except DataError as error:
        if source.in_memory and data is None:
            name = f" ({source.path})" if source.path else ""
            raise DataError(
                f"the run was trained on a FaceSet in memory{name}; pass data=... with the same faces",
                expected=source.fingerprint,
            ) from error
        raise
    if ferplus:
        _require_same_votes(ferplus, source)
    return faces


def _require_same_votes(ferplus: Path, source: Source) -> None:
    if digest_of_file(ferplus) != source.ferplus_digest:
        raise DataError(
            f"{ferplus}: the votes differ from those of the run; restore the same file",
            path=ferplus,
            expected=source.ferplus_digest,
        )
