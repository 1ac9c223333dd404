# Two commands do everything: `make demo` (the package without torch) and `make test` (all checks).
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.PHONY: demo test check format bench clean

$(BIN)/grade: pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable .
	@$(BIN)/python -m compileall -q grader  # as an installed package is; students' processes write no files
	@touch $@

demo: $(BIN)/grade
	@sh demo/demo.sh $(abspath $(BIN))/grade

# torch comes from constraints.txt, as the one version that this project is developed with
$(VENV)/dev: $(BIN)/grade pyproject.toml constraints.txt
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable '.[dev]'
	-@command -v npm > /dev/null && npm install --silent --no-audit --no-fund --prefix $(VENV) axe-core@4.14.1
	@touch $@

check: $(VENV)/dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

test: check
	$(BIN)/coverage erase
	$(BIN)/coverage run -m pytest --numprocesses auto --maxprocesses 4 --dist worksteal
	$(BIN)/coverage combine --quiet
	$(BIN)/coverage report
	sh tests/pythons.sh $(BIN)/python

format: $(VENV)/dev
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: $(VENV)/dev
	$(BIN)/python benchmarks/latency.py
	$(BIN)/python benchmarks/session.py
	$(BIN)/python benchmarks/throughput.py

clean:
	rm -rf $(VENV) .coverage* .mypy_cache .ruff_cache dist
