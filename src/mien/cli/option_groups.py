"""What the options of all commands share: groups in `--help`, their order, and types that complete files."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

from cyclopts import Group, Parameter

TUNING: Final = Group("Tuning", sort_key=0)
DATA: Final = Group("Data", sort_key=1)
TRAINING: Final = Group("Training", sort_key=2)
EVALUATION: Final = Group("Evaluation", sort_key=2)
BUNDLE: Final = Group("Bundle", sort_key=2)
FIGURES: Final = Group("Figures", sort_key=2)
OUTPUT: Final = Group("Output", sort_key=3)
WEB: Final = Group("Site", sort_key=4)
VIDEO: Final = Group("Video", sort_key=4)
RECOGNITION: Final = Group("Recognition", sort_key=5)
DETECTION: Final = Group("Detection", sort_key=6)

if TYPE_CHECKING:
    Name = str
else:
    Name = Annotated[str | Path, Parameter(metavar="PATH")]
"""Text that may be a path, such as a data set or a bundle: it stays text, and the shell completes files."""
