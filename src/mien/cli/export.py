"""`mien export`: writes a run, or an ensemble of runs and bundles, as one ONNX file for inference."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from cyclopts import Parameter

from mien.cli.option_groups import BUNDLE, DATA, OUTPUT, WEB, Name
from mien.cli.printing import print_result
from mien.console import Console
from mien.errors import MienError

if TYPE_CHECKING:
    from mien.bundles.reading import Bundle

Calibration = Literal["auto", "temperature", "vector", "isotonic", "vector-isotonic"]


def export(
    *inputs: Path,
    int8: Annotated[bool, Parameter(group=BUNDLE)] = False,
    tta: Annotated[bool, Parameter(group=BUNDLE)] = False,
    tta_flip: Annotated[bool, Parameter(group=BUNDLE)] = False,
    tta_blur: Annotated[bool, Parameter(group=BUNDLE)] = False,
    data: Annotated[Name | None, Parameter(group=DATA)] = None,
    name: Annotated[str | None, Parameter(group=BUNDLE)] = None,
    calibration: Annotated[Calibration, Parameter(group=BUNDLE)] = "auto",
    logit_adjustment: Annotated[float, Parameter(group=BUNDLE)] = 0.0,
    output: Annotated[Path | None, Parameter(name=("--output", "-o"), group=OUTPUT)] = None,
    web: Annotated[Path | None, Parameter(group=WEB)] = None,
    ort: Annotated[Path | None, Parameter(group=WEB)] = None,
    detector: Annotated[tuple[str, ...], Parameter(group=WEB)] = (),
    detector_model: Annotated[Path | None, Parameter(group=WEB)] = None,
    offline: Annotated[bool, Parameter(group=WEB)] = False,
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
        calibration: Method of calibration on the validation split: temperature, vector, isotonic,
            vector-isotonic, or auto: the one of lowest log loss on held-out folds, if it is clearly better
            than temperature.
        logit_adjustment: From 0 to 1: more raises the recall of rare classes and costs accuracy and
            calibration; with temperature or vector only.
        output: The .onnx file to write; RUN/NAME.onnx by default.
        web: Write the page of mien serve into this folder, as a static site that recognizes in the visitor's
            browser. A single bundle without other options is used as it is. The path of the folder goes to
            standard output.
        ort: The npm package onnxruntime-web for --web, as a folder or .tgz file; by default it is downloaded
            once.
        detector: Detector of the page: auto (yunet if its file is available, else mtcnn), yunet, mtcnn, or
            whole (each image is a face); auto and whole by default. The first is selected at first. May be
            repeated.
        detector_model: File of YuNet; by default MIEN_YUNET, the cache, or a download.
        offline: Download nothing.
    """
    from mien.bundles.reading import is_bundle, read_bundle
    from mien.cli.app import with_options
    from mien.detection.options import DetectorOptions
    from mien.web.site import DETECTORS, require_site_folder, write_site

    console = Console(stderr=True, soft_wrap=True, highlight=False, markup=False)

    def notice(line: str) -> None:
        console.print(with_options(line))

    site = {"--ort": ort, "--detector": detector, "--detector-model": detector_model, "--offline": offline}
    if web is None:
        _require_none(site)
    else:
        require_site_folder(web)
    is_changed = int8 or tta or tta_flip or tta_blur or output is not None or name is not None
    is_changed = is_changed or calibration != "auto" or logit_adjustment != 0
    if web is not None and len(inputs) == 1 and not is_changed and is_bundle(inputs[0]):
        bundle = read_bundle(inputs[0])
    else:
        bundle = _exported(
            inputs, output, int8=int8, tta=tta, flip=tta_flip, blur=tta_blur, data=data, name=name,
            calibration=calibration, logit_adjustment=logit_adjustment, notice=notice,
        )  # fmt: skip
    if web is None:
        print_result(bundle.path)
        return
    options = DetectorOptions(model=detector_model, offline=offline, notice=notice)
    chosen = detector or DETECTORS
    print_result(write_site([bundle], web, detectors=chosen, ort=ort, options=options, notice=notice))


def _require_none(site: Mapping[str, object]) -> None:
    """Refuse options of a site where none is written."""
    if option := next((option for option, value in site.items() if value), None):
        raise MienError(f"{option} is for a site; give its folder as well, with --web")


def _exported(*args: Any, **kwargs: Any) -> "Bundle":  # noqa: ANN401 - those of `export_bundle`
    """Call `export_bundle`, which needs torch."""
    from mien.exporting.export import export_bundle

    return export_bundle(*args, **kwargs)
