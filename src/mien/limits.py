"""Limits on what is read: against files that would fill the memory, and against mistakes in options.

Whatever file a reader is given, it takes less than 512 MB of memory, that of the program included, unless the
file itself is large: what a file unpacks to is limited by its size.
"""

from typing import Final

MAX_PIXELS: Final = 64_000_000
"""Pixels of an image as it is decoded."""

MAX_FRAME_PIXELS: Final = 36_000_000
"""Pixels of a frame of a video: more than 8K (8192x4320). A decoder holds several frames."""

MAX_SAMPLES: Final = 1_000_000
"""Frames and pieces of sound that a video may declare. A file of more bytes may declare one for each."""

MAX_EDITED_SAMPLES: Final = 8_000_000
"""The same, times the entries of its edit lists, which may each repeat all frames."""

MAX_CODEC_ALLOCATION: Final = 224 << 20
"""Bytes of one block of memory of FFmpeg: a plane of a frame takes 72 MB,
or 216 MB with colors of 16 bits."""

MAX_TILES: Final = 8192
"""Tiles of a JPEG 2000, times its channels: each takes 10 kB, however small the file is."""

MAX_CODE_BLOCKS: Final = 400_000
"""Code-blocks of a JPEG 2000, of which each takes 400 bytes. The usual ones have 64x64 pixels."""

MAX_SLOW_PIXELS: Final = 4_000_000
"""Pixels of a PNM in text or of an unusual white level, which Pillow decodes at 0.3 megapixels per second."""

MAX_DECODING: Final = 324 << 20
"""Bytes that decoding an image may take. RGB takes 7 a pixel, WebP 16, AVIF 20, JPEG 2000 28."""

MAX_IMAGE_BYTES: Final = 128 << 20
"""Bytes of an encoded image that is held in memory: one from a pipe, an archive or an open file."""

MAX_METADATA_ITEMS: Final = 50_000
"""Segments, chunks or entries of metadata in an image, and values of an entry."""

MAX_EXIF_BYTES: Final = 1 << 20
"""Bytes of the EXIF of a JPEG. The format allows 64 KiB; some programs write several parts."""

MAX_PNM_HEADER: Final = 4096
"""Bytes of the header of a PNM image with its comments."""

MAX_FACE_BYTES: Final = 64 << 20
"""Bytes of an encoded image of a data set."""

MAX_STREAM_BYTES: Final = 128 << 20
"""Bytes that are read from a pipe or an open file, whose size is unknown."""

MAX_TEXT_BYTES: Final = 64 << 20
"""Bytes of a CSV or JSON file that is read as a whole: boxes, votes, probabilities."""

MAX_RECIPE_BYTES: Final = 1 << 18
"""Bytes of a recipe."""

MAX_RECORD_BYTES: Final = 16 << 20
"""Bytes of `run.json`, of the header of a checkpoint, and of one JSON value."""

MAX_MODEL_BYTES: Final = 64 << 20
"""Bytes of the file of a detector. YuNet has 0.2 MB."""

MAX_BUNDLE_BYTES: Final = 512 << 20
"""Bytes of a bundle: five of the largest network of a recipe (25 million 4-byte weights)."""

MAX_ROWS: Final = 1_000_000
"""Rows of a table: 28 times those of FER2013."""

MAX_LISTED: Final = 500_000
"""Rows of a list of images."""

MAX_BAD_ROWS: Final = 100_000
"""Rows or images of a data set that are left out."""

MAX_LABEL_BYTES: Final = 1024
"""Bytes of a label in an array."""

MIN_FACE_BYTES: Final = 48 * 48
"""Bytes that a face counts, at least, where the size of a data set is limited."""

MAX_BOXES: Final = 400_000
"""Rows of a file of boxes: the faces of several hours of video."""

MAX_PAGE_BYTES: Final = 16 << 20
"""Bytes of a page of a Parquet file. Those that mien writes have about 1 MB."""

MAX_BATCH_TEXT: Final = 64 << 20
"""Bytes of the texts in a column of 8,192 rows of a Parquet file."""

MAX_COORDINATE: Final = 1e9
"""Pixels: the largest number of a box, which may reach over the border of its image."""

MAX_THREADS: Final = 1024
"""Threads of a computation."""

MAX_COLUMNS: Final = 1100
"""Columns of a CSV: one for each class, and some more."""

MAX_CELLS: Final = 4_000_000
"""Cells of a CSV of probabilities."""

MAX_LINE_BYTES: Final = 1 << 21
"""Bytes of a line. A row of 512x512 pixels has about half as many."""

MAX_BLANK_LINES: Final = 100_000
"""Consecutive blank lines of a table. A compressed file of a few kilobytes can have billions."""

MAX_MEMBERS: Final = 300_000
"""Files in an archive."""

MAX_DIRECTORY_BYTES: Final = 64 << 20
"""Bytes of the headers of an archive, without the contents of its files."""

MAX_HEADER_BYTES: Final = 1 << 16
"""Bytes of a header of a tar that names the next file, or has attributes of it."""

MAX_ATTRIBUTES: Final = 1000
"""Attributes that a tar sets for all files."""

MAX_DICTIONARY: Final = 128 << 20
"""Bytes of memory that LZMA and XZ may take; `xz -9` needs 65 MiB, but a header may declare 4 GiB."""

MAX_STREAMED: Final = 1 << 30
"""Bytes that a compressed file of any size may unpack to where they are read as a stream."""

MAX_STREAMED_RATIO: Final = 100
"""Bytes that a larger compressed file may unpack to, for each of its bytes, as a stream."""

GIGABYTE: Final = 1_000_000_000
"""Bytes."""

MAX_UNPACKED: Final = 128 << 20
"""Bytes that a file of any size may unpack to: arrays, or the pixels of a CSV."""

MAX_RATIO: Final = 16
"""Bytes that a larger file may unpack to, for each of its bytes."""

MAX_ARRAY_BYTES: Final = 4 << 30
"""Bytes of an array of images: over a million faces of 48x48 pixels."""

MAX_YAML_NODES: Final = 10_000
"""Keys and values in a YAML text, those that aliases repeat included."""

MAX_YAML_DEPTH: Final = 50
"""Levels of nesting in a YAML text."""

MAX_YAML_ALIASES: Final = 16
"""Aliases in a YAML text; each repeats what its anchor names."""

MAX_OVERRIDE_KEYS: Final = 20
"""Levels of the key of an override. The deepest of a recipe has five."""

MAX_OVERRIDES: Final = 10_000
"""Overrides of a recipe."""

MAX_EPOCHS: Final = 100_000
"""Epochs of a training."""

MAX_RATE: Final = 1000.0
"""Learning rate, and weight decay: far above any at which a training converges."""

MAX_FOLDS: Final = 20
"""Folds of out-of-fold training."""

MAX_TRAINING_BATCH: Final = 1 << 16
"""Faces of a batch in training."""

MAX_CLASSES: Final = 1000
"""Classes of a data set."""

FACE_SIZES: Final = range(8, 513)
"""Sides of a face, in pixels, in which a data set can be read."""

INPUT_SIZES: Final = range(24, 225)
"""Sides of a network's input in pixels."""

CHANNELS: Final = (1, 3)
"""Channels of a face: gray or RGB."""

MAX_GRAPH_STRUCTURE: Final = 2 << 20
"""Bytes of an ONNX file without its weights: a parsed message takes up to 75 times its bytes."""

MAX_GRAPH_PARTS: Final = 100_000
"""Nodes, weights and their fields in an ONNX file, counted before it is parsed."""

MAX_GRAPH_NODES: Final = 4000
"""Nodes of an ONNX graph: OpenVINO compiles a chain of that length in 20 s, and may crash on longer ones."""

MAX_GRAPH_EDGES: Final = 10 * MAX_GRAPH_NODES
"""Inputs and outputs of all nodes of an ONNX graph."""

MAX_GRAPH_RANK: Final = 8
"""Axes of a tensor in an ONNX graph."""

MAX_BATCH_MEMORY: Final = 384 << 20
"""Bytes of the intermediate tensors of an ONNX graph that exist at the same time, for a batch of faces."""

MAX_GRAPH_MEMORY: Final = 512 << 20
"""Bytes of the intermediate tensors of an ONNX graph that exist at the same time, for one face."""

MAX_GRAPH_OPERATIONS: Final = 10**11
"""Multiply-adds of an ONNX graph for one face: 25 times those of a ResNet-50 on 224x224 pixels."""


def unpacked_limit(size: int) -> int:
    """Return how many bytes a file may unpack to, given its size in bytes.

    Examples:
        >>> unpacked_limit(1000) == MAX_UNPACKED, unpacked_limit(100 << 20) == 1600 << 20
        (True, True)
    """
    return min(MAX_ARRAY_BYTES, max(MAX_UNPACKED, MAX_RATIO * size))


def streamed_limit(size: int) -> int:
    """Return how many bytes a compressed file may unpack to as a stream, given its size in bytes.

    Examples:
        >>> streamed_limit(1000) == 1 << 30, streamed_limit(100 << 20) == 10_000 << 20
        (True, True)
    """
    return max(MAX_STREAMED, MAX_STREAMED_RATIO * size)
