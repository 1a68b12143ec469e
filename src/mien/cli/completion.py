"""`mien --install-completion` and `mien --show-completion`: shell completion by Tab."""

from typing import Literal

from cyclopts.completion.detect import ShellDetectionError, detect_shell

from mien.cli.printing import print_result
from mien.errors import MienError

Shell = Literal["bash", "zsh", "fish", "powershell"]


def install_completion(*, shell: Shell | None = None) -> None:
    """Install completion for a shell: write the script, and load it in the shell's startup file.

    Args:
        shell: The shell; the one that runs the command by default.
    """
    from mien.cli.app import build_app

    chosen = shell or _current_shell()
    path = build_app().install_completion(shell=chosen)
    print_result(f"{path}: completion for {chosen}; it works in new shells")


def show_completion(*, shell: Shell | None = None) -> None:
    """Print the completion script of a shell, to install it by hand.

    Args:
        shell: The shell; the one that runs the command by default.
    """
    from mien.cli.app import build_app

    print_result(build_app().generate_completion(shell=shell or _current_shell()))


def _current_shell() -> Shell:
    try:
        return detect_shell()
    except ShellDetectionError as error:
        raise MienError("the shell is unknown; give --shell bash, zsh, fish or powershell") from error
