"""Resolves the inputs of an export: from runs, bundles, paths and names to components with their data."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mien.config.training import TTA
from mien.errors import RunError
from mien.evaluation.calibration.methods import AUTO
from mien.evaluation.runs import saved_predictions
from mien.exporting.compatibility import added_tta, require_compatible
from mien.exporting.components import Component, ExportInput, open_component
from mien.exporting.evaluation_data import LabeledFaces, calibration_images, shared_validation_faces
from mien.exporting.options import ExportOptions, Notice
from mien.labels import VALIDATION
from mien.training.progress import progress_of


@dataclass(frozen=True, eq=False)
class ExportInputs:
    """Everything that a bundle is built from.

    Attributes:
        components: One or more, compatible with each other.
        tta: Test-time augmentation to add in front of them.
        validation: Labeled validation faces, held out for all of them.
        calibration: Training images for int8, equalized; None if nothing is to be quantized.
        method: Of the calibration of the probabilities.
        logit_adjustment: Exponent of logit adjustment, 0 to 1.
    """

    components: tuple[Component, ...]
    tta: TTA | None
    validation: LabeledFaces
    calibration: NDArray[np.uint8] | None
    method: str = AUTO
    logit_adjustment: float = 0

    @property
    def counts(self) -> list[int]:
        """Number of networks of each component, its weight in the mean."""
        return [len(component.members) for component in self.components]


def resolve_inputs(components: Sequence[Component], options: ExportOptions, notice: Notice) -> ExportInputs:
    """Return components that fit together, with their validation and calibration faces.

    Args:
        components: As `open_components` returns them.
        options: What the export does.
        notice: Receives warnings.

    Raises:
        RunError: They can't be joined.
        BundleError: The requested test-time augmentation can't be added to a bundle.
        DataError: Faces are needed and can't be read.
    """
    require_compatible(components, options)
    for warning in (*_warnings(components), *_tta_hints(components, options)):
        notice(warning)
    quantize = options.int8 and not all(component.int8 for component in components)
    return ExportInputs(
        components=tuple(components),
        tta=added_tta(components, options),
        validation=shared_validation_faces(components, options.data),
        calibration=calibration_images(components, options.data) if quantize else None,
        method=options.calibration,
        logit_adjustment=options.logit_adjustment,
    )


def open_components(given: Sequence[ExportInput]) -> list[Component]:
    """Return runs and bundles as components, in their order.

    Args:
        given: Runs, bundles, run folders, files of bundles or names of shipped bundles.

    Raises:
        RunError: There is none, as `open_component`, or one is given twice.
        BundleError: As `open_component`.
    """
    if not given:
        raise RunError(
            "nothing to export; give a run folder, a .onnx file exported from a run, or the name of a "
            "shipped bundle"
        )
    components, known = [], dict[Path, str]()
    for one in given:
        component = open_component(one)
        place = component.path and component.path.resolve()
        if place in known:
            raise RunError(f"{known[place]} and {component.name} are the same component; give it once")
        if place:
            known[place] = component.name
        components.append(component)
    return components


def shared_networks(components: Sequence[Component]) -> list[str]:
    """Return the run names of networks that occur in more than one component."""
    networks = [{(one.run, one.weights) for one in component.members} for component in components]
    counts = Counter(network for distinct in networks for network in distinct)
    return sorted(run for (run, weights), count in counts.items() if weights and count > 1)


def _tta_hints(components: Sequence[Component], options: ExportOptions) -> Iterator[str]:
    """Yield what test-time augmentation would add to a run that was evaluated with it."""
    for run in (one.run for one in components if one.run is not None and not options.tta_names):
        augmented = saved_predictions(run, f"{VALIDATION}-tta")
        plain = saved_predictions(run, VALIDATION)
        if augmented is None or (plain is not None and plain.correct.mean() >= augmented.correct.mean()):
            continue
        without = "" if plain is None else f", without it {100 * plain.correct.mean():.2f} %"
        yield (
            f"{run.name}: the accuracy on validation with test-time augmentation is "
            f"{100 * augmented.correct.mean():.2f} %{without}; pass tta=True to build it into the bundle"
        )


def _warnings(components: Sequence[Component]) -> list[str]:
    trained = [(one.name, progress_of(one.run)) for one in components if one.run is not None]
    return [
        *(
            f"{name}: training is not finished (epoch {progress.epoch} of {progress.epochs}); the best "
            "checkpoint so far is exported"
            for name, progress in trained
            if not progress.finished
        ),
        *(
            f"network {network} is in more than one component, so its weight in the mean is higher"
            for network in shared_networks(components)
        ),
    ]
