# Thin calls of `python -m helpers`; the first call makes the environment in .venv.
# The first Python that is new enough; or name one: make course PYTHON=python3.12
PYTHON := $(or $(PYTHON),$(shell for p in python3 python3.13 python3.12 python3.11 python; do \
	"$$p" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done),python3)
COURSE := .venv/bin/python -m helpers
export TF_CPP_MIN_LOG_LEVEL ?= 3

.PHONY: help course test test-lessons test-browser test-slow test-versions lab lint python

help:
	@echo "make course   run every lesson on the embedded sample; pages in build/course/"
	@echo "make test     run the tests, in less than ten minutes"
	@echo "make lab      open the notebooks in JupyterLab"
	@echo "make lint     check notebooks and code"
	@echo "make test-lessons, -browser, -slow, -versions   the long tests: see README.md"
	@echo "python -m helpers --help   everything else"

python:
	@command -v $(PYTHON) >/dev/null || { echo "error: no Python found: install Python 3.11 or newer" >&2; exit 2; }

course: python
	@$(PYTHON) -m helpers setup
	@$(COURSE) course

test: python
	@$(PYTHON) -m helpers setup --extras lessons,lab,demo,export,browser,test
	@.venv/bin/python -m pytest -n 2 --dist worksteal -m "not lessons and not slow and not browser and not colab and not jax"

test-lessons: python
	@$(PYTHON) -m helpers setup --extras lessons,lab,demo,export,browser,test
	@.venv/bin/python -m pytest -n 2 --dist worksteal -m lessons tests/notebooks

test-browser: python
	@$(PYTHON) -m helpers setup --extras lessons,lab,demo,export,browser,test
	@.venv/bin/python -m pytest -m browser tests/browser

test-slow: python
	@$(PYTHON) -m helpers setup --extras lessons,lab,demo,export,browser,test
	@.venv/bin/python -m pytest -m slow

test-versions: python
	@$(PYTHON) -m helpers setup --extras lessons,lab,demo,export,browser,test
	@.venv/bin/python -m pytest -m "colab or jax"

lab: python
	@$(PYTHON) -m helpers setup --extras lessons,lab,demo,export
	@.venv/bin/python -m jupyterlab notebooks

lint: python
	@$(PYTHON) -m helpers setup --extras lessons,lab,demo,export,browser,test
	@$(COURSE) lint
