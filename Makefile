# The two commands to know: `make demo` (the package without torch) and `make test` (all checks).
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.PHONY: demo test test-pythons test-long check format docs bench clean

$(BIN)/grade: pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable .
	@$(BIN)/python -m compileall -q grader  # as an installed package is: students' processes cannot write the compiled files
	@touch $@

demo: $(BIN)/grade
	@sh demo/demo.sh $(abspath $(BIN))/grade

# constraints.txt pins torch to the version that this project is developed with
$(VENV)/dev: $(BIN)/grade pyproject.toml constraints.txt
	$(BIN)/python -m pip install --quiet 'pip>=25.1'  # the first that reads dependency groups
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable . --group dev
	-@command -v npm > /dev/null && npm install --silent --no-audit --no-fund --prefix $(VENV) axe-core@4.14.1
	@touch $@

check: $(VENV)/dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

# each run has its own folder for temporary files: pytest's default is shared, and concurrent runs clean up each other's
test: check
	tmp=$$(mktemp -d) && trap 'rm -rf "$$tmp"' EXIT && $(BIN)/python $(MEASURE) -m pytest \
	    --numprocesses auto --maxprocesses 4 --dist loadgroup --basetemp "$$tmp/pytest"

# what depends on the version, on every other Python here
test-pythons: $(VENV)/dev
	sh tests/pythons.sh $(abspath $(BIN))/python

# more generated examples, packaging, the whole suite on every Python, and the coverage, which takes as long as the tests
test-long: export TEST_LONG := 1
test-long: MEASURE := -m coverage run
test-long: test test-pythons
	$(BIN)/coverage combine --quiet
	$(BIN)/coverage report

docs: $(VENV)/dev
	$(BIN)/python docs/generate.py
	$(BIN)/python docs/generate.py --outputs

format: $(VENV)/dev
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: $(VENV)/dev
	$(BIN)/python benchmarks/measure.py

clean:
	rm -rf $(VENV) .coverage* .mypy_cache .ruff_cache dist
