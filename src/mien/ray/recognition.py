"""`mien.ray.recognize`: a Ray data set of images becomes one of faces."""

from collections.abc import Sequence
from typing import Any, Final

from mien.arguments import INTEGER, NUMBER, TEXT, TEXTS, Kind, checked, optional, within
from mien.errors import MienError
from mien.optional import import_optional
from mien.ray.listing import EXTRA, PATH, read_images
from mien.ray.models import Model
from mien.ray.worker import ERROR, Columns, Worker
from mien.recognition.columns import columns_of

CONTENTS: Final = ("image", "bytes", PATH)
"""Columns that may hold the images: pixels, bytes of files, addresses; as Ray names them."""

BATCH: Final = 64
"""Images of one call of an actor."""


def _are_actors(value: Any) -> bool:  # noqa: ANN401 - any argument
    pair = value if isinstance(value, tuple) else (value, value)
    return len(pair) == 2 and all(map(INTEGER.accepts, pair)) and 1 <= pair[0] <= pair[1]


@checked(
    actors=Kind(_are_actors, "a number of processes, or the fewest and the most, from 1"),
    batch_size=within(INTEGER, 1, 1_000_000), content=optional(TEXT), source=optional(TEXT), keep=TEXTS,
    cpus=within(NUMBER, 0.01, 4096), gpus=within(NUMBER, 0, 4096),
)  # fmt: skip
def recognize(
    dataset: Any,  # noqa: ANN401 - ray has no types
    *,
    actors: int | tuple[int, int] = 2,
    batch_size: int = BATCH,
    content: str | None = None,
    source: str | None = None,
    keep: Sequence[str] = (),
    cpus: float = 1,
    gpus: float = 0,
    **options: Any,  # noqa: ANN401 - those of mien.load
) -> Any:  # noqa: ANN401
    """Return a Ray data set of faces, given one of images.

    The result has the columns of the Parquet output of `mien predict`, and `error`. It has a row for each
    face, one for an image without faces, and one with an `error` for an image that can't be read. Rows have
    no order, unless Ray's option `preserve_order` is set. As with all of Ray Data, the work begins when the
    result is consumed: `.write_parquet(address)`, `.iter_rows()`, `.to_pandas()`.

    Ray is started on this machine if it is not running. For a cluster call `ray.init(address=...)` before.
    The files of the bundle and the detector are sent to the actors. An actor that dies is replaced, and its
    images are processed again; nothing is lost or doubled.

    Args:
        dataset: A `ray.data.Dataset`, or addresses as `read_images` takes them.
        actors: Processes, each with its own recognizer; two numbers let Ray choose in between.
        batch_size: Images of one call of an actor.
        content: Column of the images: paths or addresses of fsspec, bytes of files, or pixels. By default
            `image`, `bytes` or `path`, the first that there is.
        source: Column of the names of the images; `path` by default, as far as there is one.
        keep: Columns that are copied to each face of an image, such as keys.
        cpus: Cores of an actor; also the number of threads that it uses.
        gpus: GPUs of an actor, with `device="cuda"`.
        **options: Those of `mien.load`, such as bundle, detector and min_face.

    Raises:
        MissingExtraError: Ray is not installed.
        MienError: A column does not exist, or an option is wrong.
    """
    data = import_optional("ray.data", EXTRA)
    images = read_images(dataset) if _is_address(dataset) else dataset
    columns = _columns(images, content, source, keep)
    model, recognizer = Model.of({"threads": max(1, round(cpus))} | options)
    _require_distinct(columns, columns_of(recognizer.classes))
    fewest, most = actors if isinstance(actors, tuple) else (actors, actors)
    return images.map_batches(
        Worker, fn_constructor_args=(model, columns), batch_size=batch_size, batch_format="pyarrow",
        compute=data.ActorPoolStrategy(min_size=fewest, max_size=most), num_cpus=cpus, num_gpus=gpus or None,
    )  # fmt: skip


def _is_address(dataset: object) -> bool:
    return isinstance(dataset, str | list | tuple)


def _columns(images: Any, content: str | None, source: str | None, keep: Sequence[str]) -> Columns:  # noqa: ANN401
    """Return the columns to use.

    Raises:
        MienError: One does not exist, or can't be chosen.
    """
    if not hasattr(images, "map_batches"):
        raise MienError(
            f"dataset of type {type(images).__name__}, expected a ray.data.Dataset, or addresses of images"
        )
    names = list(images.schema().names)
    chosen = content or next((name for name in CONTENTS if name in names), None)
    if chosen is None:
        raise MienError(f"no column {' or '.join(CONTENTS)}: pass content=..., one of {', '.join(names)}")
    named = source or (PATH if PATH in names else None)
    if named is None:
        raise MienError(
            f"no column {PATH} with the names of images: pass source=..., one of {', '.join(names)}"
        )
    for name in (chosen, named, *keep):
        if name not in names:
            raise MienError(f"no column {name!r} in the data set, which has {', '.join(names)}")
    return Columns(chosen, named, tuple(dict.fromkeys(keep)))


def _require_distinct(columns: Columns, results: Sequence[str]) -> None:
    for name in columns.kept:
        if name in (*results, ERROR):
            raise MienError(f"keep={name}: a column of the result has this name; rename it in the data set")
