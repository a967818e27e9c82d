# Thin calls of `python -m helpers`; the first call makes the environment in .venv.
# The first Python that is new enough; or name one: make course PYTHON=python3.12
PYTHON := $(or $(PYTHON),$(shell for p in python3 python3.13 python3.12 python3.11 python; do \
	"$$p" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done),python3)
COURSE := .venv/bin/python -m helpers
TEST_EXTRAS := lessons,site,lab,demo,export,browser,test
export TF_CPP_MIN_LOG_LEVEL ?= 3

.PHONY: help course test test-browser test-slow test-versions lab lint python test-environment

help:
	@echo "make course   run every lesson on the embedded sample; pages in build/course/"
	@echo "make test     run the tests, in less than ten minutes"
	@echo "make lab      open the notebooks in JupyterLab"
	@echo "make lint     check notebooks and code"
	@echo "make test-browser, test-slow, test-versions   the long tests: see README.md"
	@echo "python -m helpers --help   everything else"

python:
	@command -v $(PYTHON) >/dev/null || { echo "error: no Python found: install Python 3.11 or newer" >&2; exit 2; }

course: python
	@$(PYTHON) -m helpers setup
	@$(COURSE) course

test-environment: python
	@$(PYTHON) -m helpers setup --extras $(TEST_EXTRAS)

test: test-environment
	@.venv/bin/python -m pytest -n 2 --dist worksteal -m "not slow and not browser and not colab and not jax"

test-browser: test-environment
	@.venv/bin/python -m pytest -m browser tests/browser

test-slow: test-environment
	@.venv/bin/python -m pytest -m slow

test-versions: test-environment
	@.venv/bin/python -m pytest -m "colab or jax" tests/notebooks

lab: python
	@$(PYTHON) -m helpers setup --extras lessons,lab,demo,export
	@.venv/bin/python -m jupyterlab notebooks

lint: test-environment
	@$(COURSE) lint
