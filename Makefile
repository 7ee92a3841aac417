# `make help` lists what can be made. Works with GNU make 3.81 (macOS) and later, in a folder of any name: every path
# is relative or quoted.

SHELL := /bin/sh
MAKEFLAGS += --no-builtin-rules --no-print-directory
.SUFFIXES:
.NOTPARALLEL:
.DEFAULT_GOAL := help

PRESET ?= quick
BACKEND ?= tensorflow
DEVICE ?= cpu
FRESH ?= 0
JOBS ?= all
PORT ?= 8000
PYTHON ?= python3.13 python3.12 python3.11 python3

# Checked before anything is done, misspelt names too: `make book PRESETS=paper` would build another book than meant.
NAMES := PRESET BACKEND DEVICE FRESH JOBS PORT PYTHON
given := $(foreach override,$(MAKEOVERRIDES),$(if $(findstring =,$(override)),$(firstword $(subst =, ,$(override)))))
unknown := $(filter-out $(NAMES),$(given))
$(if $(unknown),$(error $(firstword $(unknown)) is not a variable of this Makefile; they are: $(NAMES)))
one-of = $(if $(and $(filter 1,$(words $($1))),$(filter $2,$($1))),,$(error $1=$($1) is not known; it is one of: $2))
number = $(if $(shell printf %s '$($1)' | grep -Ex '$2'),,$(error $1=$($1) is not known; it is $3))
$(call one-of,PRESET,quick standard paper)
$(call one-of,BACKEND,tensorflow jax)
$(call one-of,DEVICE,cpu gpu)
$(call one-of,FRESH,0 1)
$(call number,JOBS,all|[1-9][0-9]*,a number of cores or all)
$(call number,PORT,[1-9][0-9]*,a number)

# before gigabytes are installed
$(if $(filter gpu,$(DEVICE)),$(if $(shell command -v nvidia-smi 2>/dev/null),,$(error DEVICE=gpu, but nvidia-smi is missing: this machine has no NVIDIA driver)))

# A GPU build brings CUDA libraries of its own, in conflict with those of the other backend: one environment for each.
GPU := $(filter gpu,$(DEVICE))
VENV := $(if $(GPU),.venv-gpu-$(BACKEND),.venv)
LOCKS := requirements.lock $(if $(GPU),requirements-gpu-$(BACKEND).lock)
python := '$(VENV)/bin/python'

# What a stamp is named after is what the environment was made from: content and place, never dates.
digest = $(shell { pwd -P; cat $1; } | cksum | cut -d ' ' -f 1)
ENVIRONMENT := $(VENV)/environment-$(call digest,$(LOCKS))
PACKAGE := $(VENV)/package-$(call digest,$(LOCKS) pyproject.toml)

export PATH := $(CURDIR)/$(VENV)/bin:$(PATH)
export PIP_DISABLE_PIP_VERSION_CHECK := 1
export PYTHONNOUSERSITE := 1
# what else is set for other work must not change this one's
unexport $(filter-out PYTHONNOUSERSITE MPLCONFIGDIR, \
    $(filter PYTHON% JUPYTER% IPYTHON% KERAS% SNAKEMAKE% GIT_% MPL% MATPLOTLIB%, $(.VARIABLES)))

export KERAS_HOME := $(CURDIR)/_build/home/.keras
# tools need a home folder to write to, and in a container there may be none
ifeq ($(shell test -d "$$HOME" && test -w "$$HOME" && echo home),)
export HOME := $(CURDIR)/_build/home
endif

# an environment that a link leads to is another checkout's: it is used as it is, with the library that is here
ifneq ($(shell test -L $(VENV) && echo linked),)
PACKAGE :=
export PYTHONPATH := $(CURDIR)/lib
endif

.PHONY: help environment book pdf test test-kills test-slurm lint bench serve clean lock

help: ## list what can be made
	@echo 'make VERB [NAME=value ...]'
	@sed -n 's/^\([a-z-]*\):.* ## \(.*\)/  \1 \2/p' Makefile | awk '{ n = $$1; $$1 = ""; printf "  %-12s%s\n", n, $$0 }'
	@echo '  PRESET=quick|standard|paper  which results are asked for ($(PRESET))'
	@echo '  BACKEND=tensorflow|jax       what Keras computes with ($(BACKEND))'
	@echo '  DEVICE=cpu|gpu               gpu installs that build of the backend, and needs a GPU ($(DEVICE))'
	@echo '  FRESH=0|1                    1 trains again instead of loading stored results ($(FRESH))'
	@echo '  JOBS=all|N                   cores to use ($(JOBS))'
	@echo '  PORT=N                       where "make serve" listens ($(PORT))'
	@echo '  PYTHON=NAME                  CPython 3.11, 3.12 or 3.13 ($(PYTHON))'

environment: $(PACKAGE) ## install everything into .venv, which the verbs below do when it is needed

book: $(PACKAGE) $(GPU) ## execute every chapter and render the site
	@$(python) -m snakemake --cores $(JOBS) \
	    --config preset=$(PRESET) backend=$(BACKEND) device=$(DEVICE) fresh=$(FRESH)
	@echo 'The book is in _build/html/index.html; "make serve" shows it at http://127.0.0.1:$(PORT)'

pdf: $(PACKAGE) ## print the rendered site as one PDF, which needs Chromium and no TeX
	@$(python) -m relupool.site.pdf

test: $(PACKAGE) ## run the tests, first the fast ones, then a whole book
	@$(python) -m pytest --numprocesses 2 --dist loadscope --no-loadscope-reorder

test-kills: $(PACKAGE) ## kill training at its worst moments, and start it again
	@$(python) -m pytest --numprocesses 2 --dist loadscope tests/kills.py

test-slurm: $(PACKAGE) ## train and build through SLURM, on a cluster of this machine alone, which needs root and apt
	@$(python) tests/slurm.py

lint: $(PACKAGE) ## check style, types, the directions of imports, and that notebooks hold no outputs and say their parameters
	@$(python) -m ruff check
	@$(python) -m ruff format --check
	@lint-imports
	@$(python) -m mypy
	@$(python) -m nbstripout --keep-id --verify chapters/*.ipynb
	@$(python) -m relupool.book.parameters chapters/*.ipynb

bench: $(PACKAGE) ## measure how fast training is
	@relupool bench training

serve: $(PACKAGE) ## show the rendered site on this machine
	@test -f _build/html/index.html || { echo 'There is no site yet: run "make book" first'; exit 1; }
	@$(python) -m http.server --bind 127.0.0.1 --directory _build/html $(PORT)

clean: ## remove what was built; keeps the environment and your own training runs (_build/results, _build/weights)
	@test ! -d _build || find _build -mindepth 1 -maxdepth 1 ! -name results ! -name weights -exec rm -rf {} +
	@rm -rf .snakemake .pytest_cache .ruff_cache .mypy_cache .import_linter_cache .hypothesis
	@find lib tests -name __pycache__ -prune -exec rm -rf {} +

# --- set-up -----------------------------------------------------------------------------------------------------------

# Says whether a Python will do: fine, bare (it cannot make environments), or what it is if it will not.
define PROBE
import platform, sys, sysconfig
places = ("Linux", "x86_64"), ("Linux", "aarch64"), ("Darwin", "arm64")
fits = platform.python_implementation() == "CPython" and (3, 11) <= sys.version_info[:2] <= (3, 13)
if not fits or sysconfig.get_config_var("Py_GIL_DISABLED") or (platform.system(), platform.machine()) not in places:
    sys.exit(print(platform.python_implementation(), platform.python_version(), "on", platform.system(), platform.machine()))
try:
    import ensurepip, venv
    print("fine")
except ImportError:
    print("bare")
endef
export PROBE

$(ENVIRONMENT):
	@for name in $(PYTHON); do \
	    says=$$("$$name" -c "$$PROBE" 2>/dev/null) || says=; \
	    case "$$says" in \
	        fine) python=$$name; break ;; \
	        bare) bare=$$name ;; \
	        ?*) found="$$found $$says;" ;; \
	    esac; \
	done; \
	if [ -n "$$python" ]; then \
	    echo "Setting up $(VENV) with $$("$$python" --version), which takes some minutes the first time"; \
	    "$$python" -m venv --clear $(VENV); \
	elif [ -n "$$bare" ]; then \
	    echo "$$bare cannot make environments: install its venv module (on Debian: apt-get install $$bare-venv)"; exit 1; \
	else \
	    echo "This needs CPython 3.11, 3.12 or 3.13 with venv, on Linux (x86-64, aarch64) or macOS (Apple silicon);" \
	        "found$${found:- no other Python;} install one, or name it: make PYTHON=/path/to/python3.13"; exit 1; \
	fi
	@$(call part,setuptools)
	@$(call part,$(SOURCES))
	@for lock in $(LOCKS); do $(pip) --require-hashes --only-binary :all: -r $$lock || exit; done
	@touch $@

# Nothing is compiled: all packages come as wheels, but for two that have none and are a few lines of Python.
SOURCES := connection-pool|docopt
pip = $(python) -m pip install --quiet --no-build-isolation --use-pep517
part = awk '/^[a-z]/ { keep = /^($1)==/ } keep' requirements.lock > $(VENV)/part.lock && \
    $(pip) --require-hashes --no-deps -r $(VENV)/part.lock

$(or $(PACKAGE),linked): $(ENVIRONMENT)
	@$(pip) --no-index --no-deps --editable .
	@rm -f $(VENV)/package-*
	@touch $@

.PHONY: gpu
gpu: $(PACKAGE)
	@$(python) -c "$$SEES_GPU" $(BACKEND) || { echo 'DEVICE=gpu, but $(BACKEND) sees no GPU on this machine'; exit 1; }

define SEES_GPU
import sys
if sys.argv[1] == "jax":
    import jax
    jax.devices("gpu")
else:
    import tensorflow
    sys.exit(not tensorflow.config.list_physical_devices("GPU"))
endef
export SEES_GPU

# --- the locks --------------------------------------------------------------------------------------------------------

compile = uv pip compile --quiet --upgrade --universal --fork-strategy fewest --python-version 3.11 --generate-hashes \
    --no-annotate --no-emit-index-url --no-emit-find-links --custom-compile-command 'make lock'
PLATFORMS := x86_64-manylinux_2_28 aarch64-manylinux_2_28 aarch64-apple-darwin

lock: $(PACKAGE) ## renew the locks from pyproject.toml
	@$(compile) pyproject.toml --extra site --extra jax --extra dev -o requirements.lock
	@for build in tensorflow[and-cuda] jax[cuda13]; do \
	    echo "$$build; sys_platform == 'linux'" \
	        | $(compile) - -c requirements.lock -o "requirements-gpu-$${build%[*}.lock" || exit; \
	done
	@for lock in requirements*.lock; do for platform in $(PLATFORMS); do for version in 3.11 3.12 3.13; do \
	    uv pip install --quiet --dry-run --target $(VENV)/nowhere --require-hashes --no-build-isolation --no-deps \
	        --only-binary :all: $(patsubst %,--no-binary %,$(subst |, ,$(SOURCES))) \
	        --python-platform $$platform --python-version $$version -r $$lock || exit; \
	done; done; done; echo 'Every locked package has a wheel wherever the book runs'
