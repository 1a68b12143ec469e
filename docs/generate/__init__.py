"""Pages of the documentation that are made from the code, and checks of all pages.

Each module that makes pages has a function `pages()`, which returns the Markdown of each page by its path
below `docs/`. Nothing here imports MkDocs, so that the tests run without it; `docs/hooks.py` connects these
modules with it.
"""
