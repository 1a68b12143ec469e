# Commands for development. PYTHON=python3.13 chooses the interpreter of a new .venv.
# On Linux without a GPU, PIP_EXTRA_INDEX_URL=https://download.pytorch.org/whl/cpu saves 2 GB.
PYTHON ?= python3
BIN := .venv/bin
RELEASE := .venv/release/bin
# Percent of lines that the tests must run; raised as it grows, never lowered.
COVERAGE := 90
# Three processes for two cores, since tests wait for processes that they start.
WORKERS := $$(( ($$(getconf _NPROCESSORS_ONLN) * 3 + 1) / 2 ))
TESTS := OMP_NUM_THREADS=1 $(BIN)/python -m pytest --numprocesses $(WORKERS) --dist worksteal
INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-compile -c constraints.txt
# Some environments forbid to write bytecode: each process of the tests would compile torch again.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help demo test types tests test-all coverage images docs docs-serve docs-run package sbom clean

help:
	@echo "make demo    train, evaluate and report a model on synthetic faces; needs no data (runs/demo)"
	@echo "make test    check style, types, import order and tests, as CI does"
	@echo "make test-all  all tests, also those marked slow"
	@echo "make coverage  the tests with the lines that they run; twice as slow as make test"
	@echo "make images  redraw docs/images from synthetic faces; needs Chromium"
	@echo "make docs    build the documentation in build/site, without warnings, and check its links"
	@echo "make docs-serve  show the documentation at http://127.0.0.1:8001, and update it while you write"
	@echo "make docs-run  run the code blocks of the documentation"
	@echo "make package  build wheel and source distribution, and check their contents (dist)"
	@echo "make sbom    list the packages that 'pip install mien' installs, with versions and licenses (dist, CycloneDX)"
	@echo "make clean   remove .venv, caches and runs/demo"

demo: .venv/for-train
	@echo "==> training the recipe 'demo' on 6,000 synthetic faces, then evaluating it"
	@rm -rf runs/demo
	$(BIN)/mien train demo --data synthetic:6000 -o runs/demo
	@echo "==> the report:"
	@find "$(CURDIR)/runs/demo/report" -name '*.html'

test: .venv/for-dev
	@echo "==> style"
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	@$(MAKE) --no-print-directory --jobs=2 types tests

# mypy has one thread, so it runs beside the tests, and first beside the compilation of what they import.
types: .venv/for-dev
	@echo "==> types and import order"
	$(BIN)/mypy
	$(BIN)/lint-imports

tests: .venv/bytecode
	@echo "==> tests"
	$(TESTS) -m "not slow"

test-all: .venv/for-dev-slow
	$(TESTS)

coverage: .venv/for-dev-slow
	$(TESTS) --cov --cov-report=term:skip-covered --cov-fail-under=$(COVERAGE)

docs docs-run: export PYTHONPATH = docs

images: .venv/for-dev-slow
	OMP_NUM_THREADS=1 $(BIN)/python docs/make_images.py

# NO_MKDOCS_2_WARNING: the theme announces its successor with each build.
docs: .venv/for-docs
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict
	$(BIN)/python -m generate.check_site build/site
	@echo "==> build/site/index.html"

docs-serve: .venv/for-docs
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs serve --dev-addr 127.0.0.1:8001

docs-run: .venv/for-dev
	$(BIN)/python -m generate.run_blocks

package: .venv/release/installed
	rm -rf dist
	$(RELEASE)/python -m build --no-isolation
	$(RELEASE)/python -m twine check --strict dist/*
	$(RELEASE)/python tests/wheel_contents.py dist/*.whl

sbom: package
	rm -rf .venv/runtime
	$(BIN)/python -m venv .venv/runtime
	$(BIN)/python -m pip --python .venv/runtime/bin/python install --quiet -c constraints.txt dist/*.whl
	.venv/runtime/bin/python tests/installed.py
	$(BIN)/python -m pip --python .venv/runtime/bin/python uninstall --quiet --yes pip setuptools
	$(RELEASE)/cyclonedx-py environment --output-reproducible --pyproject pyproject.toml --mc-type library \
	    --output-file "$$(ls dist/*.whl | sed 's/-py3-none-any.whl/.cdx.json/')" .venv/runtime/bin/python
	@$(BIN)/python -c "import json, pathlib; file = next(pathlib.Path('dist').glob('*.cdx.json')); \
	    bill = json.loads(file.read_text()); \
	    bill['metadata']['component']['version'] = file.name.removesuffix('.cdx.json').partition('-')[2]; \
	    file.write_text(json.dumps(bill, indent=2) + '\n')"

clean:
	rm -rf .venv runs/demo build dist .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis

# A stamp for each extra: pip runs again when what it should install has changed.
.venv/for-%: pyproject.toml constraints.txt | .venv/bin/python
	@echo "==> installing mien[$*] into .venv, at the versions of constraints.txt (a minute or two)"
	@$(INSTALL) -e '.[$*]'
	@touch $@

.venv/release/installed: requirements-release.txt | .venv/bin/python
	@echo "==> installing the tools of releases into .venv/release"
	@$(BIN)/python -m venv .venv/release
	@$(RELEASE)/python -m pip install --quiet --disable-pip-version-check -r requirements-release.txt
	@touch $@

# Otherwise each process of the first run compiles what the tests import.
.venv/bytecode: .venv/for-dev
	@echo "==> compiling what the tests import"
	@$(BIN)/python -m pytest --collect-only > /dev/null || true
	@touch $@

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "mien needs Python 3.11 or newer: make PYTHON=python3.11")'
	@echo "==> creating .venv with $$($(PYTHON) --version)"
	@$(PYTHON) -m venv .venv
	@$(INSTALL) --upgrade pip  # that of Python 3.11 takes three times as long to resolve the versions
