"""What the system bases its classes on. It needs the network, so it is passed as an additional section."""

import json
from dataclasses import asdict
from typing import Any, Final

from mien.evaluation.saliency import MASKS, Saliency, model_of_system, saliency_of
from mien.evaluation.saliency_figures import class_maps, error_maps
from mien.evaluation.scoring import evaluate
from mien.evaluation.sections.base import Section
from mien.evaluation.systems import System
from mien.explanation.regions import describe
from mien.predictions import Predictions

FILE: Final = "saliency.json"


def sections_of_maps(system: System, predictions: Predictions, device: str = "auto") -> list[Section]:
    """Return the section about a run or a bundle, alone in a list; an empty list without images.

    Raises:
        PredictionsError: The system has no network.
        MienError: It can't be read.
    """
    if predictions.images is None:
        return []
    found = section(saliency_of(model_of_system(system, device), predictions, evaluate(predictions)))
    return [] if found is None else [found]


def section(saliency: Saliency) -> Section | None:
    """Return the section; None if there is no map."""
    if not (saliency.classes or saliency.errors):
        return None
    figures = {"class_saliency": lambda: class_maps(saliency)} if saliency.classes else {}
    figures |= {"error_saliency": lambda: error_maps(saliency)} if saliency.errors else {}
    return Section(
        "saliency",
        "What the classes are based on",
        _text(saliency),
        figures=figures,
        files={FILE: json.dumps(_as_json(saliency), indent=2, ensure_ascii=False) + "\n"},
    )


def _text(saliency: Saliency) -> str:
    words = (
        f"Orange parts raise the probability of the class when they are visible, blue parts lower it (RISE, "
        f"{MASKS} random masks for each face). Each map has its own scale."
    )
    if saliency.classes:
        words += (
            " First the mean map of correctly classified faces of each class, over their mean face, with "
            "the parts that have the most saliency; parts are positions in the square, not landmarks."
        )
    if saliency.errors:
        words += " Then the most confident errors, with the maps of the predicted class and of the label."
    return words


def _as_json(saliency: Saliency) -> dict[str, object]:
    return {
        "method": "rise",
        "classes": [
            {
                "name": one.name,
                "faces": one.count,
                "description": describe(one.saliency),
                "parts": [_rounded(asdict(part)) for part in one.parts],
            }
            for one in saliency.classes
        ],
        "errors": [
            {"index": one.index, "predicted": one.predicted, "label": one.label,
             "predicted_parts": describe(one.maps[0]), "label_parts": describe(one.maps[1])}
            for one in saliency.errors
        ],
    }  # fmt: skip


def _rounded(part: dict[str, Any]) -> dict[str, Any]:
    return {key: round(value, 4) if isinstance(value, float) else value for key, value in part.items()}
