# Thin: every target makes .venv when it is missing and then calls a program in it.
#   make run FRAMEWORKS=none      leaves the frameworks out (you have them in other environments)
#   make run TORCH_INDEX=https://download.pytorch.org/whl/cpu    PyTorch's own CPU build on Linux
PYTHON ?= python3
FRAMEWORKS ?= all
TORCH_INDEX ?=
BIN := .venv/bin
# One process for each processor, four at most: some tests start a framework of half a gigabyte.
PYTEST := $(BIN)/pytest -n logical --maxprocesses 4 --dist worksteal

ifeq ($(FRAMEWORKS),none)
EXTRAS :=
else
EXTRAS := frameworks
endif

.PHONY: run test test-all lint bench screenshots dist bundle setup setup-dev clean

run: setup
	$(BIN)/framework-advisor

test: setup-dev
	$(PYTEST) -m "not slow and not by_hand"

test-all: test
	$(PYTEST) -m "slow and not by_hand"

lint: setup-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo

# Leave the machine alone meanwhile: 25 minutes, with PARTS="startup decision" only those two. The table
# of budgets comes last, with what other parts said before; build/budgets.json holds it.
PARTS ?= startup decision report growth fleet window probes fidelity
bench: setup-dev
	-$(BIN)/pytest $(PARTS:%=tests/benchmarks/test_%.py) -s -q -p no:randomly -p no:xdist
	$(BIN)/python tests/benchmarks/budgets.py

screenshots: setup
	QT_QPA_PLATFORM=offscreen $(BIN)/framework-advisor gui --screenshots build/screenshots

dist: setup-dev
	$(BIN)/hatchling build -t sdist -t wheel

bundle: setup-dev
	$(BIN)/pyinstaller packages/framework-advisor.spec --noconfirm --distpath dist --workpath build/pyinstaller

setup: .venv/installed$(if $(EXTRAS),-$(EXTRAS))
setup-dev: .venv/installed-dev

.venv/installed: pyproject.toml constraints.txt app/setup_checkout.py
	$(PYTHON) -m app.setup_checkout
	@touch $@
.venv/installed-frameworks: pyproject.toml constraints.txt app/setup_checkout.py
	$(PYTHON) -m app.setup_checkout --extras frameworks --torch-index "$(TORCH_INDEX)"
	@touch $@ .venv/installed
.venv/installed-dev: pyproject.toml constraints.txt app/setup_checkout.py
	$(PYTHON) -m app.setup_checkout --extras frameworks,dev --torch-index "$(TORCH_INDEX)"
	@touch $@ .venv/installed .venv/installed-frameworks

clean:
	rm -rf .venv build dist
