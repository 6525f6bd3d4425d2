# make run     start the daemon on the example, with demo credentials, on this machine only
# make demo    in a second terminal: play five stories and a day against it
# make test    everything CI runs
# make bench   ratios, measured in one run
PYTHON ?= python3
BIN := .venv/bin

.PHONY: help run demo test check format bench clean

help:
	@sed -n 's/^# //p' Makefile

.venv/installed: setup.cfg pyproject.toml
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --disable-pip-version-check --editable .
	@touch $@

.venv/installed-test: .venv/installed
	$(BIN)/pip install --quiet --disable-pip-version-check --editable '.[test]'
	@touch $@

.venv/installed-bench: .venv/installed-test
	$(BIN)/pip install --quiet --disable-pip-version-check --editable '.[bench]'
	@touch $@

run: .venv/installed
	@set -a; . ./demo.env; exec $(BIN)/switchhook --config config.example.yaml run --demo-clock

demo: .venv/installed
	@set -a; . ./demo.env; exec $(BIN)/switchhook --config config.example.yaml demo --day day.example.yaml

test: check

check: .venv/installed-test
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m pytest -n 2 --dist worksteal --cov --cov-report=term --cov-fail-under=95
	$(BIN)/coverage report --include='rules/*' --fail-under=100

format: .venv/installed-test
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: .venv/installed-bench
	$(BIN)/python -m bench

clean:
	rm -rf .venv state build dist *.egg-info .coverage .mypy_cache .ruff_cache .pytest_cache .hypothesis
