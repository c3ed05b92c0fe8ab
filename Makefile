# make run     installs what is missing, then starts everything on http://127.0.0.1:8000
# make setup   only installs, into .venv
# make test    installs what is missing, then runs every test
# make check   everything that CI checks: format, lint, types, layers, then the tests
# make bench   what an approval costs, beside the least SQL by hand; `make bench DATABASE=sqlite`
# make format  formats the code, and mends what the linter can mend
# make pictures  takes the pictures of the guide anew (needs Chromium)
# make catalogue  takes up new sentences into words/locales, for their Chinese
# make lock    resolves pyproject.toml into the locks again; `make lock UPGRADE=--upgrade` renews

.PHONY: run setup setup-dev test check bench format pictures catalogue lock
.DELETE_ON_ERROR:
export PIP_DISABLE_PIP_VERSION_CHECK = 1

# The first of these that is 3.11, 3.12 or 3.13 makes .venv; `make setup PYTHON=...` names another.
PYTHON = python3 python3.13 python3.12 python3.11
BIN = .venv/bin
INPUTS = pyproject.toml requirements-uv.lock

run: setup
	@exec $(BIN)/luodi up

setup: .venv/setup
setup-dev: .venv/setup-dev

# uv installs in seconds. It reads none of pip's settings, so where only pip knows the way to the
# packages, pip goes it, in a minute. The locks name every file by its hash for both.
define install
	@echo "Installing $< into .venv ..."
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes -r $< \
	&& $(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation -e . \
	|| { echo "uv could not install it; pip tries, which takes longer." >&2; \
	$(BIN)/pip install --quiet --require-hashes -r $< \
	&& $(BIN)/pip install --quiet --no-deps --no-build-isolation -e .; }
endef

.venv/setup: requirements.lock $(INPUTS) | .venv/uv
	$(install)
	@touch $@

# The developers' lock holds everything in the users' lock, in the same versions.
.venv/setup-dev: requirements-dev.lock requirements.lock $(INPUTS) | .venv/uv
	$(install)
	@touch .venv/setup $@

.venv/uv: requirements-uv.lock | $(BIN)/pip
	@$(BIN)/pip install --quiet --require-hashes -r $< || echo "No uv to be had; pip will do." >&2
	@touch $@

$(BIN)/pip:
	@for python in $(PYTHON); do \
	  "$$python" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' 2>/dev/null \
	  || continue; \
	  "$$python" -m venv --clear .venv && exit; rm -rf .venv; exit 1; \
	done; \
	echo "Luodi needs Python 3.11, 3.12 or 3.13; looked for: $(PYTHON)." \
	  "Name yours: make setup PYTHON=/path/to/python3.12" >&2; \
	exit 1

test: setup-dev
	$(BIN)/pytest --numprocesses=logical --maxprocesses=4 --dist=loadgroup

check: setup-dev
	$(BIN)/ruff format --check
	$(BIN)/ruff check
	$(BIN)/mypy
	$(BIN)/lint-imports
	@$(MAKE) --no-print-directory test

# Small: a look at the ratios. For figures to quote, give each command its `--n`.
DATABASE = postgresql

bench: setup-dev
	$(BIN)/python bench/approve.py --n 100 --database $(DATABASE)

format: setup-dev
	$(BIN)/ruff format
	$(BIN)/ruff check --fix

pictures: setup-dev
	$(BIN)/python -m tests.browser.take_pictures

catalogue: setup-dev
	$(BIN)/python -m words.extract

# One lock for every system and Python that we support, and no registry's address in it.
LOCK = $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
  --no-emit-index-url --no-annotate --no-header $(UPGRADE)

lock: | .venv/uv
	$(LOCK) pyproject.toml --group build -o requirements.lock
	$(LOCK) pyproject.toml --group build --group dev -c requirements.lock -o requirements-dev.lock
	$(LOCK) --group uv -o requirements-uv.lock
