"""`mien export`: writes a run, or an ensemble of runs and bundles, as one ONNX file for inference."""

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from mien.cli.option_groups import BUNDLE, DATA, OUTPUT, Name
from mien.cli.printing import print_result
from mien.console import Console


def export(
    *inputs: Path,
    int8: Annotated[bool, Parameter(group=BUNDLE)] = False,
    tta: Annotated[bool, Parameter(group=BUNDLE)] = False,
    tta_flip: Annotated[bool, Parameter(group=BUNDLE)] = False,
    tta_blur: Annotated[bool, Parameter(group=BUNDLE)] = False,
    data: Annotated[Name | None, Parameter(group=DATA)] = None,
    name: Annotated[str | None, Parameter(group=BUNDLE)] = None,
    output: Annotated[Path | None, Parameter(name=("--output", "-o"), group=OUTPUT)] = None,
) -> None:
    """Export a run, or an ensemble of runs and bundles, as a bundle: one ONNX file, calibrated and verified.

    The bundle is compared with what it was made from, calibrated on the validation split, and only written
    if all checks pass. Its path goes to standard output, everything else to standard error; an existing
    bundle is replaced.

    Args:
        inputs: Run folders, .onnx files of mien, or names of shipped bundles. The probabilities of
            several are averaged, every network with the same weight.
        int8: Quantize to int8: a quarter of the size, and faster. Refused if it costs more than 0.3
            points of validation accuracy.
        tta: Average over the test-time augmentation of the recipe inside the bundle, ten views by
            default; inference takes as many times as long.
        tta_flip: Average over the face and its horizontal flip only; inference takes twice as long.
        tta_blur: Blur each face first as much as bilinear resampling (`augment.rotate` and similar)
            blurred the training faces; takes hardly any time. With --tta the recipe decides, too
            (`tta.blur`).
        data: The data set of the training, if it is no longer where the run found it, or for bundles
            only.
        name: Name of the bundle in its metadata; that of the file, or of the run, by default.
        output: The .onnx file to write; RUN/NAME.onnx by default.
    """
    from mien.cli.app import with_options
    from mien.exporting.export import export_bundle

    console = Console(stderr=True, soft_wrap=True, highlight=False, markup=False)

    def notice(line: str) -> None:
        console.print(with_options(line))

    bundle = export_bundle(
        inputs,
        output,
        int8=int8,
        tta=tta,
        flip=tta_flip,
        blur=tta_blur,
        data=data,
        name=name,
        notice=notice,
    )
    print_result(bundle.path)
