"""Look at a set of faces before training on it: figures, and a page that holds them all."""

from mien.exploration.galleries import (
    duplicates,
    examples_of_one_emotion,
    mean_faces,
    one_of_each,
    some_faces,
)
from mien.exploration.page import write_exploration
from mien.exploration.plots import brightness_and_contrast, class_distribution, ferplus_votes, two_splits

__all__ = [
    "brightness_and_contrast",
    "class_distribution",
    "duplicates",
    "examples_of_one_emotion",
    "ferplus_votes",
    "mean_faces",
    "one_of_each",
    "some_faces",
    "two_splits",
    "write_exploration",
]
