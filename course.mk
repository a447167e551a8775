# The verbs that instructors and students share. `make help` lists them all.

VENV ?= .venv
PYTHON ?= python3
BIN := $(VENV)/bin
READY := $(VENV)/.ready
HERE := $(patsubst %/assignment.toml,%,$(wildcard hw*/assignment.toml))
NATIVE := $(patsubst %/CMakeLists.txt,%,$(wildcard hw*/CMakeLists.txt common/needle/CMakeLists.txt))
TESTS := test-hw0 test-hw1 test-hw2 test-hw3 test-hw4
SUBMITS := $(patsubst test-%,submit-%,$(TESTS))
# K=softmax_loss runs the tests of that problem, K=other what matches; S=hw1 asks the status of one homework.
FILTER = $(if $(K),-k "$(K)")
CHOSEN = $(or $(if $(K),$(wildcard $(1)/tests/test_$(K).py)),$(1)/tests $(FILTER))

# hw4 computes with the arrays of hw3, also where its public cases' values are sent from; NEEDLE_BACKEND=np: with NumPy's.
SENT_FROM = $(if $(filter hw4,$(1)),NEEDLE_BACKEND=$(or $(NEEDLE_BACKEND),nd) NEEDLE_KERNELS=$(or $(NEEDLE_KERNELS),exercise))

# The C++ that a homework's tests need: its own, and needle's arrays where they are what computes.
NEEDED = $(filter $(1) $(if $(filter nd,$(NEEDLE_BACKEND))$(filter hw3 hw4,$(1)),common/needle),$(NATIVE))

# SAN=1 runs tests with needle's C++ watched by sanitizers: the first access outside an array ends them, explained.
RUN = $(if $(SAN),sh scripts/sanitized.sh,$(BIN)/python)

.DEFAULT_GOAL := help
.PHONY: help setup lib data status clean $(TESTS) $(SUBMITS)

help:  ## this list
	@awk -F ':.*## ' '/^[a-z].*:.*## / { printf "  %-14s %s\n", $$1, $$2 }' course.mk $(filter-out course.mk,$(MAKEFILE_LIST))
	@for stage in hw0 hw1 hw2 hw3 hw4; do \
	   if [ -f $$stage/assignment.toml ]; then about="the public tests of $$stage (K=KEY: of one problem; make status lists the keys)"; \
	   else about="comes with $$stage, which is not here yet"; fi; \
	   printf '  %-14s %s\n' "test-$$stage" "$$about"; done
	@printf '  %-14s %s\n' submit-hw1 "send one problem's values to the course's service (K=forward; any homework)"

setup: $(READY)  ## build .venv with everything pinned (other verbs do it when it is needed)

$(READY): requirements/course.txt scripts/setup.sh $(wildcard common/*/pyproject.toml grader/pyproject.toml)
	@PYTHON="$(PYTHON)" VENV="$(VENV)" sh scripts/setup.sh

lib: $(READY)  ## build the C++ parts
	@for homework in $(NATIVE); do BIN="$(BIN)" sh scripts/build.sh $$homework || exit 1; done

data: $(READY)  ## download MNIST, CIFAR-10 and a text (ONLY=mnist: that one; LIST=1: what is there; HELP=1: how)
	@$(BIN)/python -m needle_data $(if $(HELP),--help) $(if $(LIST),--list) $(ONLY)

$(TESTS): test-%: $(READY)
	@if [ ! -f $*/assignment.toml ]; then \
	   echo "make test-$* comes with $*, which is not in this repository yet; here now: $(HERE)"; exit 2; fi
	@$(if $(SAN),$(if $(filter common/needle,$(call NEEDED,$*)),:,echo "SAN=1 watches the C++ of needle's arrays,"; \
	   echo "which the tests of $* do not use; those of hw3 do: make test-hw3 SAN=1"; exit 2),:)
	@for folder in $(filter-out $(if $(SAN),common/needle),$(call NEEDED,$*)); do \
	   SAN= BIN="$(BIN)" sh scripts/build.sh $$folder || echo "(the other tests of $* run all the same)"; done
	@BIN="$(BIN)" TARGETS=exercise $(RUN) -m pytest $(call CHOSEN,$*) || { status=$$?; [ $$status != 5 ] || \
	   echo "no test of $* matches K=$(K); its problems: $(patsubst $*/tests/test_%.py,%,$(wildcard $*/tests/test_*.py))"; \
	   [ $$status -lt 128 ] || [ -z "$(filter common/needle,$(call NEEDED,$*))" ] || \
	   echo "The C++ crashed: make test-$* SAN=1$(if $(K), K=$(K)) names the line."; \
	   exit $$status; }

$(SUBMITS): submit-%: $(READY)
	@$(call SENT_FROM,$*) $(BIN)/python -m mugrade submit $* $(FILTER)

status: $(READY)  ## your homeworks: blocks filled, public tests, points (S=hw1: one)
	@for homework in $(if $(S),$(call NEEDED,$(S)),$(NATIVE)); do \
	   BIN="$(BIN)" sh scripts/build.sh $$homework >/dev/null 2>&1 || \
	   echo "The C++ of $$homework does not compile: make lib shows where."; done
	@$(BIN)/grader status $(S)

clean:  ## remove what was built (not .venv, not your work)
	rm -rf $(addsuffix /build,$(NATIVE)) .pytest_cache .mypy_cache .ruff_cache
	find $(HERE) common grader -name __pycache__ -type d -prune -exec rm -rf {} +
	find $(HERE) -name '*.so' -path '*/src/*' -delete
	find common/needle/python -name '*.so' -delete
