"""Procedurally synthetic faces: data without a download, for the demo, the tests and the docs.

Stands beside the readers: the source `synthetic:N:SEED` makes a FaceSet as a file would.
Read in this order: `faces` deals labels and splits and takes the photograph, `traits` rolls
the dice, `portrait` lays out a face, `pencil` has the shapes and fills them in.
"""

from mien.data.synthetic.generator import generate_faces

__all__ = ["generate_faces"]
