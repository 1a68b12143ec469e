"""Annotated images: boxes, labels and probability bars, legible at any size.

`canvas` draws shapes and text, `layout` knows which areas are occupied, `placement` positions each label,
`annotations` draws one face, and `drawing` draws all faces of an image and writes it. A face is any
object with the attributes of `base.LabeledFace`, so this package is below `mien.recognition`.
"""

from mien.drawing.drawing import draw, draw_faces, write_annotated_image
from mien.media.origin import is_annotated

__all__ = ["draw", "draw_faces", "is_annotated", "write_annotated_image"]
