"""The bundle or the run that is explained, as a model, and the recognizer that finds its faces."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mien import __version__
from mien.bundles.calibration import Calibration
from mien.bundles.defaults import DEFAULT
from mien.bundles.metadata import BundleMetadata
from mien.bundles.reading import Bundle, read_bundle
from mien.errors import MienError
from mien.explanation.base import Model
from mien.explanation.bundles import model_of_bundle
from mien.openmp import import_torch
from mien.recognition.engines.base import EngineOutput
from mien.recognition.load import load
from mien.recognition.recognizer import Recognizer
from mien.training.run_folder.run import RunFolder


@dataclass(frozen=True, eq=False)
class Subject:
    """What is explained, and the recognizer that finds its faces."""

    model: Model
    recognizer: Recognizer


def open_subject(
    bundle: str | Path | Bundle | None,
    run: str | Path | RunFolder | None,
    device: str | None,
    **options: Any,  # noqa: ANN401
) -> Subject:
    """Return a bundle or a run as a model, and the recognizer of its faces.

    Raises:
        MienError: Both are given, or one can't be read.
    """
    if bundle is not None and run is not None:
        raise MienError("bundle and run: expected one of them")
    if run is not None:
        return _of_run(run if isinstance(run, RunFolder) else RunFolder(run), device or "auto", options)
    opened = bundle if isinstance(bundle, Bundle) else read_bundle(bundle or DEFAULT)
    recognizer = load(opened, device=device or "cpu", **options)
    predict = recognizer.components.classifier.probabilities
    return Subject(model_of_bundle(opened, predict, threads=options.get("threads")), recognizer)


def _of_run(run: RunFolder, device: str, options: dict[str, Any]) -> Subject:
    import_torch()
    from mien.explanation.networks import model_of_run
    from mien.exporting.components import component_of_run

    model = model_of_run(run, device)
    component = component_of_run(run)
    metadata = BundleMetadata(
        name=run.name or "run", mien_version=__version__, created=run.info.created, license="unknown",
        classes=run.classes, size=model.size, channels=3 if run.info.channels > 1 else 1,
        calibration=Calibration(), precision="float32", members=component.members,
    )  # fmt: skip
    given = {key: value for key, value in options.items() if key != "engine"}
    return Subject(model, load(Bundle(b"", metadata, metadata.name), engine=_NetworkEngine(model), **given))


@dataclass(frozen=True, eq=False)
class _NetworkEngine:
    """Runs the network of a run in place of the graph of a bundle."""

    model: Model
    name: str = "torch"

    def __call__(self, faces: NDArray[np.uint8], /) -> EngineOutput:
        probabilities = self.model.predict(faces)
        return EngineOutput(probabilities, np.log(np.maximum(probabilities, np.finfo(np.float32).tiny)))
