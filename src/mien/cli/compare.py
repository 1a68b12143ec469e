"""`mien compare`: a leaderboard of runs, bundles and files of probabilities on the same faces."""

from pathlib import Path
from typing import Annotated, Literal

from cyclopts import Parameter

from mien.cli.option_groups import DATA, EVALUATION, OUTPUT, Name
from mien.cli.printing import print_json
from mien.cli.source import Faces
from mien.cli.streams import require_output
from mien.cli.tables import message_console
from mien.console import Console

Split = Literal["validation", "test", "train", "all"]


def compare(
    *systems: Path,
    data: Annotated[Name | None, Parameter(group=DATA)] = None,
    split: Annotated[Split | None, Parameter(group=DATA)] = None,
    faces: Annotated[Faces | None, Parameter(group=DATA)] = None,
    classes: Annotated[str | None, Parameter(group=DATA)] = None,
    names: Annotated[str | None, Parameter(group=EVALUATION)] = None,
    tta: Annotated[bool, Parameter(group=EVALUATION)] = False,
    device: Annotated[str, Parameter(group=EVALUATION)] = "auto",
    speed: Annotated[bool, Parameter(negative="--no-speed", group=EVALUATION)] = True,
    output: Annotated[Path, Parameter(name=["--output", "-o"], group=OUTPUT)] = Path("comparison"),
    as_json: Annotated[bool, Parameter(name="--json", group=OUTPUT)] = False,
) -> None:
    """Compare systems on the same faces: a leaderboard with paired tests and rank uncertainty.

    Accuracy with interval, log loss, calibration error, coverage, speed and size of each system; McNemar's
    test of each pair, Holm-corrected; ranks by bootstrap; agreement, and the oracle of all.

    Args:
        systems: Two or more: run folders, bundles (.onnx files or shipped names), predictions of mien (.npz),
            and CSVs of other systems with a column of probabilities (or percentages) per class, in any order.
            A CSV has a column id that names the face of each row, or rows in the order of the faces.
        data: The data set; by default that of the first run, or the column label of a CSV.
        split: Which faces: validation (the default), test, train, or all.
        faces: whole if each image of --data is a face, detect to detect and crop the largest face in it.
        classes: Names of the classes of --data, in the order of their numbers, or new names by old ones.
        names: A name for each system, separated by commas; by default that of its run, bundle or file.
        tta: Use the test-time augmentation of the recipes of runs.
        device: Device of the networks of runs: auto, cpu, cuda, cuda:1 or mps.
        speed: Measure the time per face of runs and bundles.
        output: Folder of leaderboard.html, leaderboard.csv, pairs.csv and leaderboard.json.
        as_json: Print the leaderboard as one JSON object instead of tables.
    """
    from mien.api.evaluation import compare as compare_systems
    from mien.cli.image_progress import reading_bar
    from mien.cli.leaderboard_table import print_leaderboard
    from mien.evaluation.leaderboard.files import PAGE, write_leaderboard
    from mien.files.identify import LEADERBOARD, require_own
    from mien.files.targets import require_folder

    if as_json:
        require_output()
    require_folder(output)
    require_own(output / PAGE, LEADERBOARD, "choose another folder")
    with reading_bar(Console(stderr=True)):
        board = compare_systems(
            *systems, split=split, tta=tta, data=data, faces=faces, classes=classes, device=device,
            names=_names(names), speed=speed,
        )  # fmt: skip
    page = write_leaderboard(board, output)
    if as_json:
        print_json(board.model_dump(mode="json"))
    else:
        print_leaderboard(board, Console())
    message_console().print(f"leaderboard: {page}")


def _names(names: str | None) -> list[str] | None:
    return None if names is None else [name.strip() for name in names.split(",")]
