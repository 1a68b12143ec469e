"""Annotated images: boxes, labels and probability bars, legible at any size.

`canvas` draws shapes and text, `layout` finds room for labels, `annotations` composes what one face gets,
and `drawing` draws all faces of an image and writes it. Faces are anything with the attributes of
`base.LabeledFace`, so that this package is below `mien.recognition`.
"""

from mien.drawing.drawing import draw_faces, write_annotated_image
from mien.media.origin import is_annotated

__all__ = ["draw_faces", "is_annotated", "write_annotated_image"]
