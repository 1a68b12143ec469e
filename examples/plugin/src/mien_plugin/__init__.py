"""An example of a package that extends mien by entry points."""
