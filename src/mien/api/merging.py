"""`mien.merge`: the results of all shards become one file."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from mien.arguments import FLAG, PATH, checked

if TYPE_CHECKING:
    from mien.output.shards.merging import Merged


@checked(output=PATH, force=FLAG)
def merge(shards: Sequence[str | Path], output: str | Path, *, force: bool = False) -> "Merged":
    """Merge the results of all shards of `mien predict --shard` into one file.

    The file is what one run without shards would have written.

    Args:
        shards: The result files of all shards, in any order; beside each is its record, `<name>.shard`.
        output: The merged file, of the same format.
        force: Replace a file that is no result of mien.

    Returns:
        The number of shards and inputs, and the inputs that could not be read.

    Raises:
        MienError: A shard is missing, there twice, not complete or damaged, or shards differ in settings,
            bundle, classes, format or inputs. Nothing is written then.
        OutputError: The file can't be written.
    """
    from mien.output.shards.merging import merge_shards

    return merge_shards(shards, output, force=force)
