"""The reference of the commands, from their parsers.

cyclopts gives a help formatter the parts of a command's help. The one here keeps them instead of printing,
so that the pages state exactly what `--help` does.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, partial
from io import StringIO
from typing import Any, Final

from cyclopts import App
from cyclopts.help import HelpEntry, HelpPanel
from rich.console import Console

from generate.markdown import escaped, prose, slug, table
from mien.cli.app import COMMANDS, LINES, build_app
from mien.cli.help_format import long_description

FOLDER: Final = "reference/commands"

INDEX: Final = """\
# Commands

{commands}

`mien COMMAND --help` prints the same reference in the terminal. `mien --version` prints the version, and
`--debug`, anywhere on the line, shows the traceback of an error.

## Shell completion

`mien --install-completion` lets bash, zsh, fish or PowerShell complete commands, options, files and names
with Tab. `mien --show-completion` prints the script instead.

## Exit codes

| code | meaning |
|---:|---|
| 0 | success |
| 1 | an output could not be written; `mien predict`: some inputs could not be read |
| 2 | the command was refused; the last line on standard error states why |
| 130 | interrupted with Ctrl-C; 128 plus its number after another signal |

Results go to standard output, messages and errors to standard error.
"""


_ARGUMENTS: Final = re.compile(r"\[ARGS(\.\.\.)?\]")


@dataclass
class CommandHelp:
    """The parts of the help of one command: a help formatter of cyclopts that keeps what it gets."""

    words: tuple[str, ...]
    usage: str = ""
    description: str = ""
    panels: list[HelpPanel] = field(default_factory=list)

    def __call__(self, _console: object, _options: object, panel: HelpPanel) -> None:
        """Keep a group of options or commands."""
        self.panels.append(panel)

    def render_usage(self, _console: object, _options: object, usage: object) -> None:
        """Keep the line of usage."""
        self.usage = _plain(usage).strip().removeprefix("Usage: ")

    def render_description(self, _console: object, _options: object, description: object) -> None:
        """Keep the description."""
        self.description = long_description(_plain(description), LINES)

    @property
    def name(self) -> str:
        """The command as it is typed, such as "mien data info"."""
        return " ".join(("mien", *self.words))

    def subcommands(self) -> list[str]:
        """Return the names of the commands below this one."""
        entries = [entry for panel in self.panels if panel.format == "command" for entry in panel.entries]
        return [name for entry in entries for name in entry.names if not name.startswith("-")]

    def options(self) -> Iterator[tuple[str, list[HelpEntry]]]:
        """Yield each group of options with its title, without --help and --version."""
        for panel in self.panels:
            if panel.format == "parameter" and panel.entries:
                yield str(panel.title), panel.entries


def help_of(app: App, words: Sequence[str]) -> CommandHelp:
    """Return the parts of the help of the command `words`, such as ("data", "info")."""
    found = CommandHelp(tuple(words))
    app.help_formatter = found
    app.help_print(list(words), console=Console(file=StringIO()))
    return found


@cache
def all_commands() -> tuple[CommandHelp, ...]:
    """Return the help of each command, in the order of `mien --help`, each before its subcommands."""
    app = build_app()
    return tuple(found for name, *_ in COMMANDS for found in _with_subcommands(app, (name,)))


def _with_subcommands(app: App, words: tuple[str, ...]) -> Iterator[CommandHelp]:
    command = help_of(app, words)
    yield command
    for name in command.subcommands():
        yield from _with_subcommands(app, (*words, name))


def pages(guides: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return the pages of the commands.

    Args:
        guides: The Markdown of the written pages by path. A page of a command links to those that use it.
    """
    commands = all_commands()
    texts: dict[str, list[str]] = {command.words[0]: [] for command in commands}
    for command in commands:
        texts[command.words[0]].append(_section(command))
    rows = [(f"[`{'mien ' + name}`]({name}.md)", prose(text)) for name, _, text in COMMANDS]
    index = INDEX.format(commands=table(("command", "purpose"), rows))
    result = {f"{FOLDER}/index.md": index}
    for name, sections in texts.items():
        result[f"{FOLDER}/{name}.md"] = "\n".join([*sections, *_see_also(name, guides or {})])
    return result


def _section(command: CommandHelp) -> str:
    """Return the section of one command; the first word's is the page."""
    level = "#" * len(command.words)
    option = partial(_linked, command)
    lines = [
        f"{level} {command.name}",
        "",
        prose(command.description, option),
        "",
        "```text",
        _usage(command),
        "```",
        "",
    ]
    if subcommands := command.subcommands():
        lines += [_subcommand_list(command, subcommands)]
    for title, entries in command.options():
        lines += [f"{level}# {title} {{ #{_anchor(command, title)}-options }}", ""]
        lines += [_entry(command, entry, option) for entry in entries]
    return "\n".join(lines)


def _usage(command: CommandHelp) -> str:
    """Return the line of usage, with the names of the arguments, which cyclopts calls [ARGS...]."""
    entries = [entry for _, found in command.options() for entry in found]
    optional = [entry.positional_label for entry in entries if entry.positional_label and not entry.required]
    return _ARGUMENTS.sub(lambda found: f"[{'] ['.join(optional)}{found[1] or ''}]", command.usage)


def _subcommand_list(command: CommandHelp, names: Sequence[str]) -> str:
    entries = [entry for panel in command.panels for entry in panel.entries]
    texts = {name: prose(_plain(entry.description)) for entry in entries for name in entry.names}
    titles = {name: f"{command.name} {name}" for name in names}
    rows = ((f"[`{title}`](#{slug(title)})", texts[name]) for name, title in titles.items())
    return table(("command", "purpose"), rows)


def _entry(command: CommandHelp, entry: HelpEntry, option: Callable[[str], str]) -> str:
    """Return an option or argument as an entry of a definition list."""
    labels = (entry.positional_label,) if entry.positional_label else entry.display_labels_with_metavar
    anchor = _anchor(command, entry.names[0] if entry.names else str(labels[0]))
    term = ", ".join(f"`{label}`" for label in labels) + " *(required)*" * entry.required
    text = prose(_plain(entry.description), option) + _facts(entry)
    return f'<a id="{anchor}"></a>{term}\n:   {text}\n'


def _facts(entry: HelpEntry) -> str:
    """Return the choices and the default of an option, each as a sentence."""
    facts = []
    if entry.choices:
        facts.append(f"Choices: {', '.join(f'`{choice}`' for choice in entry.choices)}.")
    if entry.default:
        facts.append(f"Default: `{entry.default}`.")
    return "".join(f" {fact}" for fact in facts)


def _linked(command: CommandHelp, name: str) -> str:
    """Return an option in code, with a link where this command has it."""
    known = {own for _, entries in command.options() for entry in entries for own in entry.names}
    return f"[`{name}`](#{_anchor(command, name)})" if name in known else f"`{name}`"


def _anchor(command: CommandHelp, name: str) -> str:
    return slug(" ".join((*command.words, name.strip("-"))))


def _see_also(name: str, guides: Mapping[str, str]) -> Iterator[str]:
    """Yield links to the guides that use a command."""
    using = {
        path: text for path, text in guides.items() if f"mien {name}" in text and path.startswith("guides/")
    }
    if using:
        yield "## Guides\n"
    for path, text in using.items():
        title = next(line for line in text.splitlines() if line.startswith("# "))
        yield f"- [{escaped(title.removeprefix('# '))}](../../{path})"


def _plain(text: Any) -> str:  # noqa: ANN401 - cyclopts has no type for it
    """Return the text of what cyclopts would print."""
    if text is None:
        return ""
    text = getattr(text, "primary_renderable", text)
    return str(getattr(text, "plain", text)).strip()
