"""`mien merge`: the results of all shards become one file."""

from pathlib import Path
from typing import Annotated, Final

from cyclopts import Parameter

from mien.cli.messages import say
from mien.cli.option_groups import OUTPUT, Name
from mien.text import counted, listed

INCOMPLETE: Final = 1
"""Exit code when inputs could not be read, as that of the command that processed them."""

_NAMED: Final = 3


def merge(
    *shards: Name,
    output: Annotated[Path, Parameter(name=("--output", "-o"), group=OUTPUT)],
    force: Annotated[bool, Parameter(group=OUTPUT)] = False,
    quiet: Annotated[bool, Parameter(group=OUTPUT)] = False,
) -> int:
    """Merge the results of all shards of mien predict --shard into one file.

    The file is what one run without --shard would have written. Nothing is written if a shard is missing,
    there twice, not complete, or if shards differ in settings, bundle or inputs. If inputs could not be read,
    the exit code is 1, as that of mien predict.

    Args:
        shards: The result files of all shards; beside each is its record, NAME.shard.
        output: The merged file, of the same format.
        force: Replace a file that is not a result of mien.
        quiet: Print only errors.
    """
    from mien.output.shards import merge_shards

    merged = merge_shards([Path(shard) for shard in shards], output, force=force)
    if not merged.same_order and not quiet:
        say("the shards listed the inputs in different orders; each has the position it had in its shard")
    if merged.failures:
        names = listed([name for name, _ in merged.failures], _NAMED)
        inputs = counted(merged.inputs, "input")
        say(f"{len(merged.failures):,} of {inputs} could not be read: {names}")
    if not quiet:
        say(f"{counted(merged.inputs, 'input')} of {counted(merged.shards, 'shard')} in {merged.path}")
    return INCOMPLETE if merged.failures else 0
