"""`mien explore`: draw figures of a data set, and an HTML page with them."""

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter
from rich.text import Text

from mien.cli.option_groups import DATA, FIGURES, OUTPUT, Name
from mien.cli.printing import print_result
from mien.cli.source import DEFAULTS, SourceOptions
from mien.cli.tables import message_console
from mien.errors import MienError


def explore(
    source: Name,
    /,
    *,
    output: Annotated[Path, Parameter(name=["--output", "-o"], group=OUTPUT)] = Path("explore"),
    class_name: Annotated[str | None, Parameter(name="--class", group=FIGURES)] = None,
    examples: Annotated[int, Parameter(group=FIGURES)] = 5,
    seed: Annotated[int, Parameter(group=FIGURES)] = 0,
    ferplus: Annotated[Path | None, Parameter(group=DATA)] = None,
    reading: SourceOptions = DEFAULTS,
) -> None:
    """Draw figures of a data set, and an HTML page with them; print the path of the page.

    Args:
        source: A CSV of pixels such as FER2013's, a manifest (CSV or TSV with the columns path and label),
            a label list of RAF-DB, images and labels in .npz or .npy, a folder of images by class, any of
            these compressed or in an archive, synthetic:COUNT, or kaggle.
        output: Folder for the figures (PNG) and index.html.
        class_name: Class of the example faces; the most frequent one by default.
        examples: Number of example faces.
        seed: Seed of the choice of example faces.
        ferplus: fer2013new.csv, whose FER+ votes are joined by row order.
        reading: How the data set is read.
    """
    from mien.api.data import remarks
    from mien.cli.source import read_and_remark
    from mien.exploration import write_exploration
    from mien.exploration.page import PAGE
    from mien.files.identify import EXPLORATION, require_own
    from mien.files.targets import is_inside, require_folder

    if is_inside(output, Path(source)):
        raise MienError(f"{output}: this is the data set, or a folder in it; choose another folder with -o")
    require_folder(output)
    require_own(output / PAGE, EXPLORATION, "choose another folder")
    console = message_console()
    read = read_and_remark(source, reading, ferplus=ferplus, console=console)
    with console.status("drawing") as status:
        page = write_exploration(
            read.faces, output, seed=seed, examples=examples, class_name=class_name,
            notes=remarks(read), progress=lambda title: status.update(Text(f"drawing: {title}")),
        )  # fmt: skip
    print_result(page)
