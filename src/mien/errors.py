"""Every error that a user can cause.

A message says what was found, where, what was expected and what to do. The command line
prints it as one line and exits with code 2; everything that is not a `MienError` is a defect.
"""


class MienError(Exception):
    """Base of all errors caused by input, options or the machine rather than by a defect."""


class DataError(MienError):
    """A data source can't be read as faces, or lacks what was asked of it."""


class RecipeError(MienError):
    """A recipe, or an override of one of its values, is not valid."""


class RunError(MienError):
    """A run folder is missing, damaged, or not in a state that allows what was asked."""


class PredictionsError(MienError):
    """A file of predictions can't be read, or doesn't fit the faces it is to be scored on."""


class BundleError(MienError):
    """A bundle is missing, damaged, not one of mien's, or doesn't fit what it is given."""


class ImageError(MienError):
    """A picture, a video or a stream can't be read."""


class DetectorError(MienError):
    """A face detector, or the boxes given in its place, can't be used."""


class MissingExtraError(MienError):
    """A command needs an optional dependency that is not installed."""

    def __init__(self, package: str, extra: str) -> None:
        """Name the missing `package` and the `extra` of mien that brings it."""
        super().__init__(f"this needs the package {package!r}: run pip install 'mien[{extra}]'")
