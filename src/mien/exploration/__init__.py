"""Exploration of a data set of faces: figures, and an HTML page that contains them."""

from mien.exploration.galleries import (
    duplicates,
    examples_of_class,
    mean_faces,
    one_per_class,
    random_examples,
)
from mien.exploration.page import write_exploration
from mien.exploration.plots import brightness_and_contrast, class_distribution, compare_splits, ferplus_votes

__all__ = [
    "brightness_and_contrast",
    "class_distribution",
    "compare_splits",
    "duplicates",
    "examples_of_class",
    "ferplus_votes",
    "mean_faces",
    "one_per_class",
    "random_examples",
    "write_exploration",
]
