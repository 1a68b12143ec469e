"""`mien.explain`: why a bundle or a run classifies faces as it does."""

from collections.abc import Callable, Iterable, Sequence
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from mien.api.explained_faces import CollectedFaces, collect_faces, items_of_images
from mien.api.explained_model import open_subject
from mien.arguments import FLAG, FUNCTION, INTEGER, TEXT, checked, of_type, optional, shown, within
from mien.bundles.reading import Bundle
from mien.errors import ImageError, MienError
from mien.explanation.base import Method, Model
from mien.explanation.checks import check_maps
from mien.explanation.explanation import Explanation
from mien.explanation.registry import DEFAULT, METHODS
from mien.faceset import FaceSet
from mien.registry import did_you_mean
from mien.training.run_folder.run import RunFolder

if TYPE_CHECKING:
    from mien.media.images.reading import ImageLike

LIMIT: Final = 100
"""Faces that are explained, unless another number is requested."""

MOST: Final = 100_000
"""Faces that can be explained at a time."""

MOST_CLASSES: Final = 10
"""Classes of a face that can be explained at a time."""

CHUNK: Final = 8
"""Faces between two reports of progress."""

Progress = Callable[[int, int], object]
"""Called with the number of faces that are explained, and that of all."""


@checked(
    run=optional(of_type(str | PathLike | RunFolder, "a run or its folder")),  # type: ignore[arg-type]
    bundle=optional(of_type(str | PathLike | Bundle, "a bundle, its path or its name")),  # type: ignore[arg-type]
    limit=within(INTEGER, 1, MOST),
    checks=FLAG,
    device=optional(TEXT),
    progress=optional(FUNCTION),
)
def explain(
    images: "ImageLike | FaceSet | Iterable[ImageLike]",
    *,
    bundle: str | Path | Bundle | None = None,
    run: str | Path | RunFolder | None = None,
    method: str | Method = DEFAULT,
    class_name: str | Sequence[str] | None = None,
    limit: int = LIMIT,
    checks: bool = False,
    device: str | None = None,
    progress: Progress | None = None,
    **options: Any,  # noqa: ANN401 - those of `mien.load`
) -> Explanation:
    """Return saliency maps of faces: which pixels support a class, and which speak against it.

    Args:
        images: An image as `Recognizer.recognize` takes it, a folder, a pattern, a data set of faces, faces
            that were read, or a list of images. Faces are detected as by `mien.load`; with detector="whole"
            each image is a face.
        bundle: The bundle to explain: a shipped name, a path, or a bundle that is read; "small" by default.
        run: The run to explain instead: its best checkpoint, without test-time augmentation and calibration.
        method: "rise", "occlusion", "gradcam" or "integrated-gradients" (the last two for runs only), the
            name that a plugin added, or an object of the protocol `mien.explanation.base.Method`.
        class_name: The class to explain, or several; the predicted one of each face by default.
        limit: Explain this many faces, at most.
        checks: Also test how faithful the maps are, which takes two to three times as long.
        device: Device of the engine, or of a run's network; "cpu" for bundles and "auto" for runs by default.
        progress: Called with the number of faces that are explained, and that of all.
        options: Options of `mien.load`: detector, engine, threads, min_face, max_faces and others.

    Returns:
        The maps, float32 (n, k, size, size), of n faces for k classes, with faces and probabilities.

    Raises:
        ImageError: There is no such image, or none of the images could be read.
        MienError: There is no such class or method, or the method needs a run.

    Examples:
        >>> import mien
        >>> explanation = mien.explain("synthetic:2", class_name="happy")
        >>> explanation.maps.shape
        (2, 1, 48, 48)
    """
    made, name = make_method(method)
    items, needs_detector = items_of_images(images)
    if not needs_detector:
        options["detector"] = "whole"
    subject = open_subject(bundle, run, device, **options)
    require_method(subject.model, made, name)
    wanted = class_numbers(subject.model.classes, class_name)
    notices: list[str] = []
    faces = collect_faces(subject.recognizer.components, items, limit, notices.append)
    if not faces.images:
        raise ImageError(faces.failures[0] if faces.failures else "no images to explain")
    return explain_faces(subject.model, made, name, faces, wanted, checks=checks, progress=progress)


def explain_faces(
    model: Model,
    method: Method,
    name: str,
    faces: CollectedFaces,
    wanted: Sequence[int] = (),
    *,
    checks: bool = False,
    progress: Progress | None = None,
) -> Explanation:
    """Return the maps of faces that were collected.

    Args:
        model: What is explained.
        method: What makes the maps.
        name: Of the method.
        faces: The faces.
        wanted: The classes, by position; the predicted one of each face if there are none.
        checks: Also check the maps, if there are any.
        progress: Called with the number of faces that are explained, and that of all.
    """
    crops = np.array(faces.crops, np.uint8).reshape(-1, *model.input_shape)
    probabilities = model.predict(crops)
    targets = _targets(probabilities, wanted)
    maps = np.empty((*targets.shape, model.size, model.size), np.float32)
    for start in range(0, len(crops), CHUNK):
        part = slice(start, start + CHUNK)
        maps[part] = method(model, crops[part], targets[part])
        if progress is not None:
            progress(min(start + CHUNK, len(crops)), len(crops))
    is_checked = checks and len(crops) > 0
    return Explanation(
        model=model.name,
        method=name,
        unit=method.unit,
        classes=model.classes,
        sources=tuple(faces.sources),
        boxes=np.array(faces.boxes, np.float64).reshape(-1, 4),
        crops=crops,
        views=tuple(faces.views),
        probabilities=probabilities,
        targets=targets,
        maps=maps,
        checks=check_maps(model, method, crops, targets[:, 0], maps[:, 0]) if is_checked else None,
        failures=tuple(faces.failures),
    )


def make_method(method: str | Method) -> tuple[Method, str]:
    """Return a method and its name.

    Raises:
        MienError: There is no such method.
        MissingExtraError: It needs torch, which is not installed.
    """
    if isinstance(method, str):
        return METHODS.get(method)(), method
    if isinstance(method, type) or not callable(method) or not hasattr(method, "unit"):
        raise MienError(
            f"method={shown(method)}, expected one of {', '.join(METHODS.names())}, or an object of the "
            "protocol mien.explanation.base.Method"
        )
    return method, type(method).__name__


def require_method(model: Model, method: Method, name: str) -> None:
    """Refuse a method that the model can't be explained by, before any work.

    Raises:
        MienError: It needs a network, and the model has none.
    """
    if method.needs_network and model.network is None:
        raise MienError(
            f"method {name} needs the network of a run, and {model.name} is a bundle; use {DEFAULT}, or "
            "pass run=..."
        )


def class_numbers(classes: Sequence[str], wanted: str | Sequence[str] | None) -> list[int]:
    """Return the positions of the classes to explain.

    Raises:
        MienError: One is not among the classes, or there are too many.
    """
    names = [wanted] if isinstance(wanted, str) else [] if wanted is None else wanted
    if not isinstance(names, list | tuple) or len(names) > MOST_CLASSES:
        raise MienError(f"class_name={shown(wanted)}, expected a class, or a list of at most {MOST_CLASSES}")
    for name in names:
        if not isinstance(name, str) or name not in classes:
            near = did_you_mean(name, classes) if isinstance(name, str) else ""
            raise MienError(f"no class {shown(name)}{near}; expected one of {', '.join(classes[:30])}")
    return [classes.index(name) for name in names]


def _targets(probabilities: NDArray[np.float32], wanted: Sequence[int]) -> NDArray[np.int64]:
    if wanted:
        return np.tile(np.array(wanted, np.int64), (len(probabilities), 1))
    return np.asarray(probabilities.argmax(axis=1)[:, None], np.int64)
