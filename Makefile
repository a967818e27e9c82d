# The environment in .venv, made by the first call, and thin calls of what is in it.
# The first Python that TensorFlow has packages for; or name one: make course PYTHON=python3.12
PYTHON := $(or $(PYTHON),$(shell for p in python3 python3.13 python3.12 python3.11 python; do \
	"$$p" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' 2>/dev/null && echo $$p && break; done),python3)
# TensorFlow's GPU build where there is an NVIDIA driver, else its CPU build; or name it: BACKEND=cpu
BACKEND := $(or $(BACKEND),$(if $(shell command -v nvidia-smi 2>/dev/null),gpu,cpu))
# Two makes at a time wait for each other, where the system has flock.
LOCK := $(if $(shell command -v flock 2>/dev/null),flock .)
COURSE := .venv/bin/python -m helpers
TEST_PACKAGES := packages-lessons,site,lab,demo,export,grading,browser,test
export TF_CPP_MIN_LOG_LEVEL ?= 3
# Two test processes on two cores: with more threads they only wait for each other.
ONE_THREAD := TF_NUM_INTRAOP_THREADS=1 TF_NUM_INTEROP_THREADS=1 OMP_NUM_THREADS=1

.PHONY: help course site test test-site test-browser test-slow test-versions lab grading lint python

help:
	@echo "make course   run every lesson on the embedded sample; pages in build/course/"
	@echo "make site     the same as a site, ready to publish, in build/site"
	@echo "make test     run the tests, in about ten minutes"
	@echo "make lab      open the notebooks in JupyterLab"
	@echo "make grading  install what releasing and marking labs needs"
	@echo "make lint     check notebooks and code"
	@echo "make test-browser, test-site, test-slow, test-versions   the long tests: see CONTRIBUTING.md"
	@echo "python -m helpers --help   everything else"

python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
	echo "error: $(PYTHON) is no Python 3.11 or newer: install one, or name it: make course PYTHON=python3.12" >&2; exit 2; }

# packages-EXTRAS: see that the environment has these extras of pyproject.toml. It is made when it is
# missing or its Python was upgraded; each set of extras is installed when pyproject.toml has changed.
packages-%: python
	@$(LOCK) sh -c '.venv/bin/python -c "import pip" 2>/dev/null || $(PYTHON) -m venv --clear .venv'
	@$(LOCK) $(MAKE) -s ".venv/$*,$(BACKEND).done"

.venv/%.done: pyproject.toml
	@echo "installing $* into .venv: minutes the first time"
	@.venv/bin/python -m pip install --disable-pip-version-check --editable ".[$*]"
	@touch "$@"

course: packages-lessons,site
	@$(COURSE) course

site: course
	@$(COURSE) site

test: $(TEST_PACKAGES)
	@$(ONE_THREAD) .venv/bin/python -m pytest -n 2 --dist worksteal -m "not slow and not browser and not site"

test-browser: $(TEST_PACKAGES)
	@.venv/bin/python -m pytest -m browser tests/browser

test-site: $(TEST_PACKAGES) site
	@.venv/bin/python -m pytest -m site tests/browser

test-slow: $(TEST_PACKAGES)
	@.venv/bin/python -m pytest -m slow

test-versions: packages-lessons,site
	@$(COURSE) versions

lab: packages-lessons,lab,demo,export
	@.venv/bin/python -m jupyterlab notebooks

grading: packages-lessons,grading
	@command -v bwrap >/dev/null || echo "and bubblewrap, the sandbox: sudo apt-get install bubblewrap"
	@echo "ready: .venv/bin/python -m helpers grade --selftest"

lint: $(TEST_PACKAGES)
	@$(COURSE) lint
