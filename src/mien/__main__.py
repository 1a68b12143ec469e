"""`python -m mien` is the same program as `mien`."""

from mien.cli.app import main

if __name__ == "__main__":
    main()
