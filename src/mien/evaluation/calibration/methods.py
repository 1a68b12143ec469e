"""The methods of calibration by name, and the choice among them by cross-validation."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from mien import metrics
from mien.bundles.calibration import TEMPERATURE, Calibration, MethodScores, calibrated
from mien.errors import BundleError
from mien.evaluation.calibration.affine import fit_vector_scaling
from mien.evaluation.calibration.isotonic import fit_confidence_map
from mien.evaluation.calibration.temperature import fit_temperature, require_faces

Floats = NDArray[np.floating]
Ints = NDArray[np.int64]
Fit = Callable[[Floats, Ints], Calibration]

AUTO: Final = "auto"
"""Stands for the method of lowest log loss on held-out folds."""

FOLDS: Final = 5
REPEATS: Final = 2
"""Times that the faces are divided into folds at random."""

FACES_PER_NUMBER: Final = 50
"""A method is a candidate if there are so many faces for each number that it fits."""

SEED: Final = 0
"""Of the folds."""


class Choice(NamedTuple):
    """A calibration, and the probabilities of the faces that it was fitted to."""

    calibration: Calibration
    out_of_fold: NDArray[np.float64]
    """(n, classes): each face's probabilities by a calibration that was fitted without it."""


def _temperature(logits: Floats, labels: Ints) -> Calibration:
    return Calibration(method=TEMPERATURE, scale=(1 / fit_temperature(logits, labels),))


def _vector(logits: Floats, labels: Ints) -> Calibration:
    scale, bias = fit_vector_scaling(logits, labels)
    return Calibration(method="vector", scale=tuple(map(float, scale)), bias=tuple(map(float, bias)))


def _isotonic(name: str, first: Fit, logits: Floats, labels: Ints) -> Calibration:
    """Map the confidence after another method."""
    base = first(logits, labels)
    knots, levels = fit_confidence_map(calibrated(logits, base), labels)
    numbers = {"knots": tuple(map(float, knots)), "levels": tuple(map(float, levels))}
    return Calibration(method=name, scale=base.scale, bias=base.bias, **numbers)


METHODS: Final[Mapping[str, Fit]] = MappingProxyType(
    {
        TEMPERATURE: _temperature,
        "vector": _vector,
        "isotonic": lambda logits, labels: _isotonic("isotonic", _temperature, logits, labels),
        "vector-isotonic": lambda logits, labels: _isotonic("vector-isotonic", _vector, logits, labels),
    }
)
"""Each method of calibration by name."""

CHOICES: Final = (AUTO, *METHODS)
"""What can be requested."""


ADJUSTABLE: Final = (TEMPERATURE, "vector")
"""Methods whose last step is a softmax, as logit adjustment requires."""


def require_method(method: str, adjustment: float = 0) -> None:
    """Check the name of a method, and the logit adjustment.

    Raises:
        BundleError: There is no such method, or the adjustment is not possible.
    """
    if method not in CHOICES:
        raise BundleError(f"no method of calibration {method!r}; expected {', '.join(CHOICES)}")
    if not 0 <= adjustment <= 1:
        raise BundleError(f"logit_adjustment={adjustment!r}, expected a number from 0 to 1")
    if adjustment and method not in (AUTO, *ADJUSTABLE):
        raise BundleError(f"calibration={method}: logit_adjustment needs {' or '.join(ADJUSTABLE)}")


def fit_calibration(logits: Floats, labels: Ints, method: str = AUTO, adjustment: float = 0) -> Choice:
    """Return the calibration by one method, or by the best one.

    "auto" takes the method of lowest log loss on held-out folds if it is better than temperature scaling by
    more than one standard error, else temperature scaling. Log loss is a proper score, so it measures
    calibration and can't be improved by giving all faces the same confidence. With logit adjustment, it
    compares the methods of `ADJUSTABLE` before the adjustment, whose loss measures no calibration.

    Args:
        logits: (n, classes), finite.
        labels: (n,), the true classes.
        method: Of `CHOICES`.
        adjustment: Exponent tau of logit adjustment (Menon et al. 2021, "Long-tail learning via logit
            adjustment"): calibrated probabilities are divided by the shares of the classes among `labels`
            to the power tau. That raises the recall of rare classes and costs accuracy and calibration.

    Raises:
        BundleError: There is no such method, or the adjustment is not possible.
    """
    require_method(method, adjustment)
    require_faces(len(labels))
    names = candidates(len(labels), logits.shape[1]) if method == AUTO else [method]
    fits = {name: METHODS[name] for name in names if not adjustment or name in ADJUSTABLE}
    found = {name: _out_of_fold(fit, logits, labels) for name, fit in fits.items()}
    losses = {name: _mean_losses(each, labels) for name, each in found.items()}
    best = _best(losses) if method == AUTO else method
    if adjustment:
        fits = {name: _adjusted(fit, adjustment) for name, fit in fits.items()}
        found = {name: _out_of_fold(fit, logits, labels) for name, fit in fits.items()}
        losses = {name: _mean_losses(each, labels) for name, each in found.items()}
    scores = tuple(
        MethodScores(
            method=name,
            log_loss=float(losses[name].mean()),
            calibration_error=float(np.mean([metrics.calibration_error(one, labels) for one in each])),
        )
        for name, each in found.items()
    )
    fitted = fits[best](logits, labels).model_copy(update={"out_of_fold": scores})
    return Choice(fitted, found[best][0])


def _adjusted(fit: Fit, adjustment: float) -> Fit:
    """Return the method with logit adjustment after it."""

    def fit_and_adjust(logits: Floats, labels: Ints) -> Calibration:
        base, classes = fit(logits, labels), logits.shape[1]
        shares = (np.bincount(labels, minlength=classes) + 1) / (len(labels) + classes)
        bias = np.array(base.bias or (0,) * classes) - adjustment * np.log(shares)
        return base.model_copy(
            update={"bias": tuple(map(float, bias - bias.mean())), "logit_adjustment": adjustment}
        )

    return fit_and_adjust


def candidates(n: int, classes: int) -> list[str]:
    """Return the methods for which there are enough faces; temperature scaling is always one.

    Args:
        n: Number of faces.
        classes: Number of classes.
    """
    # A confidence map has up to 15 numbers; below 1,000 faces it has few bins, and its gain is chance.
    numbers = {TEMPERATURE: 0, "vector": 2 * classes, "isotonic": 20, "vector-isotonic": 2 * classes + 20}
    return [name for name in METHODS if n >= FACES_PER_NUMBER * numbers[name]]


def _out_of_fold(fit: Fit, logits: Floats, labels: Ints) -> list[NDArray[np.float64]]:
    """Return probabilities (n, classes) of held-out faces, for each division into folds."""
    n = len(labels)
    if n < 2:
        return [calibrated(logits, fit(logits, labels))]
    found = []
    for repeat in range(REPEATS):
        folds = np.random.default_rng([SEED, repeat]).permutation(n) % min(FOLDS, n)
        probabilities = np.empty(logits.shape)
        for fold in range(min(FOLDS, n)):
            held_out = folds == fold
            calibration = fit(logits[~held_out], labels[~held_out])
            probabilities[held_out] = calibrated(logits[held_out], calibration)
        found.append(probabilities)
    return found


def _mean_losses(divisions: list[NDArray[np.float64]], labels: Ints) -> NDArray[np.float64]:
    """Return the log loss of each face, (n,), on average over the divisions into folds."""
    losses: NDArray[np.float64] = np.mean([_losses(one, labels) for one in divisions], axis=0)
    return losses


def _losses(probabilities: NDArray[np.float64], labels: Ints) -> NDArray[np.float64]:
    """Return the log loss of each face, (n,)."""
    of_label = probabilities[np.arange(len(labels)), labels]
    losses: NDArray[np.float64] = -np.log(np.maximum(of_label, metrics.MIN_PROBABILITY))
    return losses


def _best(losses: Mapping[str, NDArray[np.float64]]) -> str:
    best = min(losses, key=lambda name: float(losses[name].mean()))
    gain = losses[TEMPERATURE] - losses[best]
    error = float(gain.std()) / np.sqrt(len(gain))
    return best if float(gain.mean()) > error else TEMPERATURE
