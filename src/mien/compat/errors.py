"""The exceptions of deepface and fer, by their names; all are `MienError`, too."""

from mien.errors import DetectorError, ImageError, MienError

__all__ = [
    "DataTypeError",
    "FaceNotDetected",
    "ImgNotFound",
    "InvalidImage",
    "InvalidVideo",
    "SpoofDetected",
    "UnimplementedError",
]


class FaceNotDetected(DetectorError, ValueError):  # noqa: N818 - the name in deepface
    """deepface: no face was found, and `enforce_detection` is set."""


class ImgNotFound(ImageError, ValueError):  # noqa: N818 - the name in deepface
    """deepface: there is no such image, or it can't be read."""


class DataTypeError(ImageError, ValueError):
    """deepface: an image of a type that can't be one."""


class UnimplementedError(MienError, ValueError):
    """deepface: a request that can't be served."""


class SpoofDetected(MienError, ValueError):  # noqa: N818 - the name in deepface
    """deepface: never raised by mien, which has no check against spoofing; scripts may catch it."""


class InvalidImage(ImageError):  # noqa: N818 - the name in fer
    """fer: an image that can't be read."""


class InvalidVideo(ImageError, AssertionError):  # noqa: N818 - fer asserts that the file exists
    """fer: there is no such video, or it can't be read."""
