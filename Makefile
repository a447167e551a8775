# The instructors' verbs; those that students have as well are in course.mk.

include course.mk

STAGE ?= hw1
OUT ?= student
JOBS ?= 2
HTML ?= report.html
BENCH_READY := $(VENV)/.bench-ready
# A mutant is the body of a block, not a file of its own.
NATIVE_SOURCES := '*.cpp' '*.cc' '*.cu' '*.h' '*.cuh' ':!grader/hidden/*/mutants/*'

.PHONY: test release audit grade demo demo-carry lint format bench bench-kernels bench-save bench-training bench-hw4 bench-grader train-hw4 lock

test: $(READY) lib  ## every test: the library, the client, the grader, each homework on its reference
	@$(BIN)/python -m pytest common grader
	@for homework in $(HERE); do $(BIN)/python -m pytest $$homework/tests || exit 1; done

release: $(READY)  ## STAGE=hw1 OUT=dir: write or extend a student repository
	@$(BIN)/grader release $(STAGE) $(OUT)

audit: $(READY)  ## prove every graded test worth its points (S="hw0 hw1": these stages only; S=hw1 P=forward: that problem only; MUTANTS=5: so many of each)
	@$(BIN)/grader audit $(S) $(foreach key,$(P),--problem $(key)) $(if $(MUTANTS),--mutants $(MUTANTS)) --jobs $(JOBS)

grade: $(READY)  ## STAGE=hw1 SUBMISSION=path: grade a folder, zip, tar or git repository in the box
	@test -n "$(SUBMISSION)" || { echo "which submission? make grade STAGE=hw1 SUBMISSION=path"; exit 2; }
	@$(BIN)/grader grade $(STAGE) $(SUBMISSION) --html $(HTML); status=$$?; \
	 [ $$status -gt 1 ] || echo "The same as a page: $(HTML)"; exit $$((status > 1 ? status : 0))

demo: $(READY)  ## the whole path: release hw0 and hw1, play a student, test, grade, report
	@$(BIN)/python scripts/demo.py

demo-carry: $(READY)  ## faults planted under a perfect hw2 and hw4: what they cost, and whom the judge names
	@$(BIN)/python scripts/demo_carry.py

lint: $(READY)  ## ruff, clang-format, mypy
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@git ls-files $(NATIVE_SOURCES) | xargs -r $(BIN)/clang-format --dry-run --Werror
	@$(BIN)/mypy

format: $(READY)  ## rewrite what lint would complain of in layout
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .
	@git ls-files $(NATIVE_SOURCES) | xargs -r $(BIN)/clang-format -i

bench: bench-kernels bench-training bench-hw4 bench-grader  ## every benchmark

bench-kernels: $(READY) lib  ## the kernels beside NumPy, and their share of what the machine can do
	@$(BIN)/python scripts/bench_kernels.py

bench-save: $(READY) lib  ## the same, kept in reports/ as JSON with the machine's description, and a picture for each family
	@mkdir -p reports
	@$(BIN)/python scripts/bench_kernels.py --save reports/kernels.json --plots reports

bench-training: $(BENCH_READY)  ## a training step beside PyTorch's
	@$(BIN)/python scripts/bench_training.py

bench-hw4: $(BENCH_READY) lib  ## convolutions, training steps and peak memory of hw4's networks beside PyTorch's
	@$(BIN)/python scripts/bench_hw4.py

train-hw4: $(BENCH_READY) lib  ## hw4's networks trained beside PyTorch's from the same weights, on the real data
	@$(BIN)/python scripts/train_hw4.py

$(BENCH_READY): requirements/bench.txt | $(READY)
	@echo "installing PyTorch to compare with (once)"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements/bench.txt
	@touch $@

bench-grader: $(READY)  ## grading beside bare pytest, two workers beside one
	@$(BIN)/python scripts/bench_grader.py

lock: $(READY)  ## pin requirements/course.in anew, for Python 3.10 to 3.13
	@$(BIN)/pip install --quiet uv && $(BIN)/uv pip compile --quiet --universal --python-version 3.10 \
	   requirements/course.in --output-file requirements/course.txt
