"""The command line: the table of commands, and how their errors are shown.

The table names each command by its import path, so that `mien --help` imports none of them. A command is
one function in one file of this package. It raises, and `run` prints the error as one line.
"""

import os
import re
import signal
import sys
from collections.abc import Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Final, NoReturn

from cyclopts import App, CycloptsError, Parameter, UnknownCommandError

from mien import __version__
from mien.cli.help_format import HelpFormatter, shown_default
from mien.cli.messages import announce_pipes, messages_on_stderr, print_traceback, say
from mien.cli.signals import SIGNALS, Interrupted, Signals
from mien.cli.streams import prepare_streams
from mien.cli.usage import converted, usage_error, with_current_options
from mien.errors import MienError, OutputError
from mien.files.targets import FULL, write_error
from mien.optional import missing_extra

COMMANDS: Final = (
    (
        "predict",
        "mien.cli.predict:predict",
        "Recognize expressions in images, folders, data sets and videos.",
    ),
    ("merge", "mien.cli.merge:merge", "Merge the results of all shards of mien predict --shard."),
    ("webcam", "mien.cli.webcam:webcam", "Recognize expressions live in a camera, a stream or a video."),
    ("explain", "mien.cli.explain:explain", "Show which parts of faces support a class."),
    ("serve", "mien.cli.serve:serve", "Serve a web page and a REST API."),
    (
        "bundle",
        "mien.cli.bundle:app",
        "Show the metadata of a bundle, list the shipped bundles, or write a model card.",
    ),
    ("data", "mien.cli.data:app", "Summarize, convert and download data sets."),
    ("explore", "mien.cli.explore:explore", "Draw figures of a data set, and an HTML page with them."),
    ("audit", "mien.cli.audit:audit", "Find duplicates, bad images and label errors in a data set."),
    ("stack", "mien.cli.stack:stack", "Combine out-of-fold predictions and FER+ votes into soft targets."),
    ("recipes", "mien.cli.recipes:app", "List the recipes, or show one with its network."),
    ("train", "mien.cli.train:train", "Train a recipe on a data set, and evaluate the result."),
    ("runs", "mien.cli.runs:app", "List runs as a table, and compare some of them."),
    (
        "tune",
        "mien.cli.tune:app",
        "Search better values of a recipe's keys; show a study; test learning rates.",
    ),
    (
        "evaluate",
        "mien.cli.evaluate:evaluate",
        "Evaluate a run, a bundle or a file of predictions; write the report.",
    ),
    (
        "compare",
        "mien.cli.compare:compare",
        "Rank runs, bundles and other systems on the same faces, with paired tests.",
    ),
    ("export", "mien.cli.export:export", "Export runs as a bundle, one ONNX file."),
)
"""Name, import path and help of each command, in the order of `mien --help`."""

LINES: Final = {text: path for _, path, text in COMMANDS}
"""The import path of each command by its line in `mien --help`."""

COMPLETION: Final = (
    (
        "--install-completion",
        "mien.cli.completion:install_completion",
        "Complete commands, options and values with Tab in this shell.",
    ),
    ("--show-completion", "mien.cli.completion:show_completion", "Print the script of the completion."),
)
"""As `COMMANDS`; named as in other programs."""

_KEYWORD: Final = re.compile(r"(?<![\w.])([a-z]\w*)=(?:\.\.\.|True\b)|(?<=pass )([a-z]\w*)=([\w./-]*\w)")
"""A keyword argument in a message of the library: data=..., skip_bad=True, pass ferplus=fer2013new.csv."""

_WRONG_VALUE: Final = re.compile(r"^([a-z]\w*)=(-?[\d.]+|'[^']*'), expected (.*?)(?:, or None)?$")
"""A wrong value of an argument, whose option may have another name: `count=0, expected a number, or None`."""

_OPTIONS: Final = {"out": "--output", "folder": "--to", "flip": "--tta-flip", "blur": "--tta-blur"}
"""Options that are not named as the keyword argument is."""

OK, NOT_WRITTEN, REFUSED, INTERRUPTED = 0, 1, 2, 130
"""Exit codes; the last is that of a process that was ended by Ctrl-C."""


def main() -> NoReturn:
    """Run the command of `sys.argv` and exit with its code."""
    prepare_streams()
    sys.excepthook = print_traceback
    code = run(sys.argv[1:])
    if code - 128 in SIGNALS:
        os._exit(code)  # a thread may wait for input that never comes
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    sys.exit(code)


def run(arguments: Sequence[str]) -> int:
    """Run one command line and return its exit code; errors that a user can cause become one line.

    A command may return its own exit code; the default is 0.
    """
    words, debug = _without_debug(arguments)
    with messages_on_stderr(), Signals(lambda error: say(str(error))):
        try:
            announce_pipes(words)
            code = build_app()(
                with_current_options(words), exit_on_error=False, print_error=False,
                result_action="return_value",
            )  # fmt: skip
            if not isinstance(code, int) or code - 128 not in SIGNALS:  # after a signal it may block
                sys.stdout.flush()
        except BrokenPipeError:
            return NOT_WRITTEN  # the reader has gone, as after `| head`
        except KeyboardInterrupt as error:
            code = error.code if isinstance(error, Interrupted) else INTERRUPTED
            return _refuse(str(error) or "interrupted", debug=debug, code=code)
        except UnicodeEncodeError as error:
            return _refuse(_unencodable(error), debug=debug)
        except OutputError as error:
            return _refuse(_explained(error), debug=debug, code=NOT_WRITTEN)
        except OSError as error:
            if error.errno in FULL and error.filename is None:
                message = str(write_error(Path("standard output"), error))
                return _refuse(message, debug=debug, code=NOT_WRITTEN)
            return _refuse(_explained(error), debug=debug)
        except (CycloptsError, MienError, ImportError) as error:
            return _refuse(_explained(error), debug=debug)
    return code if isinstance(code, int) else OK


def build_app() -> App:
    """Return the program with its lazy table of commands."""
    app = App(
        name="mien",
        help="Recognize facial expressions in images and video; train, evaluate and export models.",
        help_epilogue="--debug, anywhere on the line, shows the traceback of an error.",
        help_format="plaintext",
        help_formatter=HelpFormatter(LINES),
        default_parameter=Parameter(
            negative=(), json_list=False, json_dict=False, show_default=shown_default, converter=converted
        ),
        version=__version__,
        suppress_keyboard_interrupt=False,
    )
    for position, (name, path, text) in enumerate(COMMANDS):
        app.command(path, name=name, help=text, sort_key=position)
    for name, path, text in COMPLETION:
        app.command(path, name=name, help=text, group="Completion")
    return app


def _without_debug(arguments: Sequence[str]) -> tuple[list[str], bool]:
    """Remove `--debug` from the options, at any position; words after `--` are no options."""
    end = arguments.index("--") if "--" in arguments else len(arguments)
    options = [word for word in arguments[:end] if word != "--debug"]
    return [*options, *arguments[end:]], len(options) < end


def _explained(error: Exception) -> str:
    """Return the message for the user; re-raise an import error that no extra would fix."""
    if isinstance(error, UnknownCommandError) and not error.command_chain:
        return _unknown((error.unused_tokens or ["?"])[0])
    if isinstance(error, CycloptsError):
        return usage_error(error)
    if isinstance(error, ImportError):
        return str(missing_extra(error))
    return with_options(str(error)) if isinstance(error, MienError) else str(error)


def with_options(message: str) -> str:
    """Return a message of the library with command-line options in place of keyword arguments."""
    message = _WRONG_VALUE.sub(r"\1 is \2, expected \3", message)

    def option(keyword: re.Match[str]) -> str:
        return " ".join(filter(None, (_option(keyword[1] or keyword[2]), keyword[3])))

    return _KEYWORD.sub(option, message)


def _option(argument: str) -> str:
    return _OPTIONS.get(argument, f"--{argument.replace('_', '-')}")


def _unknown(word: str) -> str:
    """Return the message for an unknown command; cyclopts would import all commands for it."""
    known = [name for name, *_ in COMMANDS]
    near = get_close_matches(word, known, n=1)
    guess = f" (did you mean {near[0]!r}?)" if near else ""
    kind = "option" if word.startswith("-") else "command"
    return f"no {kind} {word!r}{guess}; the commands are {', '.join(known)}. See mien --help."


def _unencodable(error: UnicodeEncodeError) -> str:
    """Return the message for a name that the encoding of file names lacks."""
    sign = error.object[error.start : error.end]
    return (
        f"{error.object}: the encoding of this environment ({error.encoding}) has no {sign!r}; "
        "set PYTHONUTF8=1 or LC_ALL=C.UTF-8"
    )


def _refuse(message: str, *, debug: bool, code: int = REFUSED) -> int:
    if debug:
        print_traceback(*sys.exc_info())
    say(message)
    return code
