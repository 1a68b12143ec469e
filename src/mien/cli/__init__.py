"""The command line: `app` has the table of commands, every other file is one of them."""
