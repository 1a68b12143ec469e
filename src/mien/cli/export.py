"""`mien export`: one ONNX file of a run, or of several runs and bundles, for all who only recognize."""

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter
from rich.console import Console


def export(
    *parts: Path,
    int8: bool = False,
    tta: bool = False,
    tta_flip: bool = False,
    tta_blur: bool = False,
    data: str | None = None,
    name: str | None = None,
    out: Annotated[Path | None, Parameter(name=("--out", "-o"))] = None,
) -> None:
    """Make a bundle of a run, or an ensemble of runs and bundles: one ONNX file, calibrated and checked.

    It compares the file with what it is made of, refuses to write what differs, and calibrates on
    validation. The path of the bundle goes to standard output, all else to standard error; a file that
    is there already is replaced by the whole new one.

    Args:
        parts: Run folders, .onnx files of mien or names of bundles that ship with it; the
            probabilities of several are averaged, each network in them with the same weight.
        int8: A quarter of the size, and faster; refused if it costs more than 0.3 points of accuracy.
        tta: Average over the recipe's flipped and shifted views inside the bundle, ten unless it says
            otherwise; it takes as many times as long.
        tta_flip: Average over the face and its mirror image only; it takes twice as long.
        tta_blur: Blur each face first as much as bilinear resampling (`augment.rotate` and the like)
            blurred training faces; it takes hardly any time. With --tta a recipe may do so by itself
            (`tta.blur`).
        data: The faces of the training, if they are no longer where the run found them, or if there are
            bundles only; float bundles of an evaluated run need none.
        name: What the bundle calls itself; the file's name, or the run's, unless given.
        out: The file; RUN/NAME.onnx unless given.
    """
    from mien.exporting.export import export_bundle

    console = Console(stderr=True)

    def notice(line: str) -> None:
        console.print(line, soft_wrap=True, highlight=False, markup=False)

    path = export_bundle(
        parts, out, int8=int8, tta=tta, flip=tta_flip, blur=tta_blur, data=data, name=name, notice=notice
    )
    print(path)  # noqa: T201 - the result
