"""A folder or archive of images whose folders are classes.

`layout` has derived split and class of each image from its path; here the images are decoded.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from mien.data.readers.base import Reader, SourceFiles
from mien.data.readers.decoding import EncodedFace, decode_faces
from mien.data.readers.layout import Place, arrange, class_names, label_in
from mien.data.reading import FaceShape, Faults, Reading
from mien.errors import DataError
from mien.faceset import FaceSet
from mien.labels import SPLITS
from mien.media.archives.members import Member


class ImageFolderReader(Reader):
    """Reads any folder or archive that no other reader recognizes."""

    def recognizes(self, source: SourceFiles) -> bool:
        """Return whether `source` is a folder or an archive."""
        return not source.single

    def read(self, source: SourceFiles, faults: Faults, shape: FaceShape) -> Reading:
        """Read all images; the ids are their paths, sorted."""
        return read_image_tree(source.members, faults, shape)


IMAGE_FOLDER = ImageFolderReader()


def read_image_tree(members: Sequence[Member], faults: Faults, shape: FaceShape) -> Reading:
    """Read all images of a container whose folders are classes.

    Args:
        members: The files of the container; `ids` are their paths, sorted.
        faults: Takes every file that is no image, or whose path names no class.
        shape: Size and channels of the faces.

    Raises:
        DataError: No images, a bad one that is not to be skipped, or too many of them.
    """
    places = arrange(members, faults)
    if not places:
        faults.require_mostly_good(0)
        raise DataError(f"{faults.source}: no images in it, expected folders of images by class")
    encoded = [EncodedFace(place.member, place.member.path) for place in places]
    images, good = decode_faces(encoded, faults, shape)
    faults.require_mostly_good(int(good.sum()))
    order = sorted(np.flatnonzero(good).tolist(), key=lambda position: places[position].member.path)
    classes = class_names(place.class_name for place in places)
    faces = _face_set([places[position] for position in order], images, order, classes)
    return Reading(faces, tuple(faults.rows))


def _face_set(
    places: Sequence[Place], images: NDArray[np.uint8], order: Sequence[int], classes: tuple[str, ...]
) -> FaceSet:
    in_order = list(order) == list(range(len(images)))
    return FaceSet(
        images=images if in_order else images[list(order)],
        labels=np.array([label_in(place.class_name, classes) for place in places], np.int64),
        splits=np.array([SPLITS.index(place.split) for place in places], np.uint8),
        ids=np.array([place.member.path for place in places], np.str_),
        classes=classes,
    )
