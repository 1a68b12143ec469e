"""The program: `mien`, and `python -m mien`."""

import signal
from typing import NoReturn


def main() -> NoReturn:
    """Run the command line; Ctrl-C during its imports ends the program without a traceback."""
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    from mien.cli.app import main as run

    run()


if __name__ == "__main__":
    main()
