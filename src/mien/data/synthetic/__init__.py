"""Procedurally drawn synthetic faces: data without a download, for the demo, the tests and the docs.

The source `synthetic:N:SEED` gives a FaceSet as a file would. Read in this order: `generator` draws labels,
splits, lighting and noise; `traits` draws the parameters of each face; `rendering` lays out a face from its
parameters; `shapes` has the shapes and fills them in.
"""

from mien.data.synthetic.generator import generate_faces

__all__ = ["generate_faces"]
