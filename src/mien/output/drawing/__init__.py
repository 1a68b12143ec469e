"""What was recognized, drawn on the picture: boxes, labels and bars, legible at any size.

`paint` has the marks, `place` finds room for them, `marks` decides what a face gets, `drawing` puts
it together and writes it.
"""

from mien.media.origin import is_annotated
from mien.output.drawing.drawing import draw_result, write_annotated_image

__all__ = ["draw_result", "is_annotated", "write_annotated_image"]
