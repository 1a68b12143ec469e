"""`mien bundle`: metadata of a bundle, list of the shipped ones, model cards, accuracy under shift."""

from pathlib import Path
from typing import Annotated

from cyclopts import App, Parameter

from mien.bundles.defaults import DEFAULT
from mien.cli import candidates
from mien.cli.bundle_tables import print_metadata
from mien.cli.option_groups import DATA, DETECTION, EVALUATION, OUTPUT, Name
from mien.cli.printing import print_json, print_result
from mien.cli.streams import require_output
from mien.cli.tables import message_console, new_table, result_console
from mien.percent import percent

app = App(name="bundle")


@app.command
def info(
    file: Annotated[Name, Parameter(completer=candidates.bundles)] = DEFAULT,
    /,
    *,
    as_json: Annotated[bool, Parameter(name="--json", group=OUTPUT)] = False,
) -> None:
    """Print the metadata of a bundle: classes, input, networks, metrics and confidence threshold.

    Args:
        file: The path of a bundle, or a name from `mien bundle list`.
        as_json: Print the metadata as JSON instead.
    """
    from mien.bundles.reading import read_bundle

    require_output()
    bundle = read_bundle(file)
    if as_json:
        metadata = bundle.metadata.model_dump(mode="json")
        print_json(metadata)
    else:
        print_metadata(bundle)


@app.command(name="list")
def list_() -> None:
    """List the bundles that ship with mien."""
    from mien.bundles.description import size_of
    from mien.bundles.reading import read_bundle, shipped_names

    require_output()
    console = result_console()
    table = new_table(console, "name", "size", "networks", "accuracy", "accuracy under shift")
    for name in shipped_names():
        bundle = read_bundle(name)
        scores = ", ".join(f"{percent(found.accuracy, 1)} {found.split}" for found in bundle.metadata.scores)
        shifts = bundle.metadata.shifts
        shifted = "not recorded" if shifts is None else f"{percent(shifts.accuracy, 1)} {shifts.split}"
        table.add_row(name, size_of(bundle), str(len(bundle.metadata.members)), scores, shifted)
    if table.row_count:
        console.print(table)
    else:
        message_console().print("no bundle ships with this installation; mien export creates one from a run")


@app.command
def card(
    file: Annotated[Name, Parameter(completer=candidates.bundles)] = DEFAULT,
    /,
    *,
    data: Annotated[Name, Parameter(group=DATA)],
    cost: Annotated[str, Parameter(group=OUTPUT)] = "",
) -> None:
    """Write the model card of a bundle as Markdown: intended use, metrics, limitations, reproduction.

    The bundle is measured on its validation split. The card goes to standard output, as in
    mien bundle card small --data fer2013.csv > small.md.

    Args:
        file: The path of a bundle, or a name from `mien bundle list`.
        data: The data set that it was trained on.
        cost: Its measured latency, such as "0.8 ms per face, one thread of an Intel Xeon".
    """
    from mien.cli.image_progress import reading_bar
    from mien.exporting.model_card import model_card

    require_output()
    with reading_bar(message_console()):
        text = model_card(file, data, cost=cost)
    print_result(text.removesuffix("\n"))


@app.command
def record(
    files: Annotated[list[Path], Parameter(negative="")],
    /,
    *,
    data: Annotated[Name, Parameter(group=DATA)],
    limit: Annotated[int, Parameter(group=EVALUATION)] = 1000,
    detector_model: Annotated[Path | None, Parameter(group=DETECTION)] = None,
) -> None:
    """Measure the accuracy of bundles under distribution shift, and record it in their files.

    Faces of the validation split are detected again by YuNet and MTCNN, at 0.5 to 2 times their size and
    tilts up to 30 degrees, and corrupted as by mien evaluate --corruptions. The mean accuracy, its interval
    and its parts become metadata of the bundle (shifts), which mien bundle info and model cards show. Only
    the metadata and the digest of a file change.

    Args:
        files: The paths of bundles.
        data: The data set that they were trained on.
        limit: Number of faces, evenly chosen from the validation split, or all if there are fewer.
        detector_model: File of YuNet; by default MIEN_YUNET or the cache. Without it, only MTCNN is used.
    """
    from mien.cli.image_progress import ImageProgress
    from mien.cli.shift_table import print_shifts
    from mien.detection.options import DetectorOptions
    from mien.evaluation.shifts.detected import available_detectors
    from mien.exporting.recording import record_shifts

    errors = message_console()
    detectors = available_detectors(DetectorOptions(model=detector_model, notice=errors.print))
    with ImageProgress("detected faces", errors) as shown:
        for found in record_shifts(files, data, detectors, limit=limit, progress=shown.update):
            print_shifts(found, result_console())
