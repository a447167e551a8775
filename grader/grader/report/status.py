"""A stage's status in the terminal: the table of `make status`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from ..authoring.public_tests import TestsStatus
from ..authoring.status import ProblemStatus, StageStatus, State
from .text import number, plain

LEAST_TITLE = 16  # columns; where fewer are left for titles, they are left out


def print_status(stage: StageStatus, console: Console) -> None:
    """Print which blocks are filled, which public tests pass, what that is worth, and what to do next."""
    console.print(Group(*_parts(stage, console.options.ascii_only, console.width)), highlight=False)


def next_step(stage: StageStatus) -> tuple[str, str]:
    """What to do next: a sentence, and the command to run after it.

    First what cannot be read, then what is written and fails by its own fault, then the rest in the order of problems.
    """
    undone = [problem for problem in stage.problems if not problem.done]
    # An optional problem comes up when somebody has begun it, and otherwise when nothing else is left.
    open_ = [problem for problem in undone if not problem.optional or problem.filled]
    failing = [problem for problem in open_ if problem.written and not problem.tests.only_stubs]
    order = [*(problem for problem in open_ if problem.faults), *failing, *open_]
    if not order:
        sentence = "Every public test passes. Hand it in; the hidden cases try other inputs, and decide."
        left = next((problem for problem in undone if problem.optional), None)
        more = f" {left.key} is optional: {number(left.points)} more points." if left else ""
        return sentence + more, ""
    problem = order[0]
    command = f"make test-{stage.key} K={problem.key}"
    if problem.faults:
        return f"Mend {plain(problem.faults[0])}", command
    empty = [block for block in problem.blocks if block.state == "empty"]
    if empty:
        return f"Write {empty[0].label} in {empty[0].where}", command
    if problem.tests.unbuilt:
        return f"Build the C++ of {problem.key}", "make lib"
    waits_for = re.fullmatch(r"(hw\d+) (\w+): (.+)", problem.tests.stub or "")
    if problem.tests.only_stubs and waits_for:
        stage_key, key, label = waits_for.groups()
        sentence = f"Write {plain(label)} of {stage_key} {key}: {problem.key} is filled, and its tests stop there"
        return sentence, f"make test-{stage_key} K={key}"
    if problem.tests.first_failed:
        of = "" if problem.unmarked else f" ({problem.key} is filled, and not right yet)"
        return f"See why {plain(problem.tests.first_failed)} fails{of}", command
    return f"See why the tests of {problem.key} do not run to their end", command


def _parts(stage: StageStatus, ascii_only: bool, width: int) -> Iterator[RenderableType]:
    yield Text()
    yield Padding(Text.assemble((stage.key, "bold"), "  ", (plain(stage.title), "bold")), (0, 1))
    yield Text()
    yield _table(stage, ascii_only, width)
    yield from _list("Cannot be read", _faults(stage))
    unmarked = "Markers missing: cannot tell whether these are filled (grading does not need them)"
    yield from _list(unmarked, _blocks(stage, "no markers"))
    yield from _list("Still to write", _blocks(stage, "empty"))
    yield from _list("Tests that did not run to their end", _troubles(stage))
    yield Text()
    sentence, command = next_step(stage)
    step = Table.grid(padding=(0, 1))
    step.add_row(Text("->" if ascii_only else "→", style="cyan"), Text(sentence))
    if command:
        step.add_row("", Text.assemble("then ", (command, "bold")))
    yield Padding(step, (0, 1))
    yield Text()


def _table(stage: StageStatus, ascii_only: bool, width: int) -> RenderableType:
    problems = stage.problems
    filled = f"{sum(problem.filled for problem in problems)}/{sum(len(problem.blocks) for problem in problems)}"
    reached = sum(problem.points for problem in problems if problem.done and not problem.optional)
    done = f"{number(reached)} / {number(stage.points)}"
    columns = [
        ["x"],
        ["Problem", *(problem.key for problem in problems)],
        ["Blocks filled", filled],
        ["Tests passed", *(_tests(problem.tests).plain for problem in problems)],
        ["Points so far", done, *(_points(problem) for problem in problems)],
    ]
    others = sum(max(map(len, column)) + 2 for column in columns)
    longest = max(len(plain(problem.title)) + (11 if problem.optional else 0) for problem in problems)
    titles = width - others - 2 >= min(LEAST_TITLE, longest)
    table = Table(box=None, expand=True, padding=(0, 1), header_style="dim", footer_style="bold", show_footer=True)
    table.add_column("")
    table.add_column("Problem", "Total", no_wrap=True)
    table.add_column("", ratio=1, no_wrap=True, overflow="crop" if ascii_only or not titles else "ellipsis")
    table.add_column("Blocks filled", filled, justify="right", no_wrap=True)
    table.add_column("Tests passed", justify="right", no_wrap=True)
    table.add_column("Points so far", done, justify="right", no_wrap=True)
    for problem in problems:
        symbol, style = _symbol(problem, ascii_only)
        blocks = f"{problem.filled}/{len(problem.blocks)}" + ("?" if problem.unmarked else "")
        table.add_row(
            Text(symbol, style),
            Text(problem.key),
            Text(f"{plain(problem.title)}{' (optional)' if problem.optional else ''}" if titles else "", "dim"),
            Text(blocks, "" if problem.filled == len(problem.blocks) else "yellow"),
            _tests(problem.tests),
            Text(_points(problem)),
        )
    return table


def _points(problem: ProblemStatus) -> str:
    if problem.optional:  # how many of them, its speed decides or nobody: they are no part of what there is to reach
        return f"+{number(problem.points)}" if problem.done else "optional"
    return f"{number(problem.points if problem.done else 0)} / {number(problem.points)}"


def _symbol(problem: ProblemStatus, ascii_only: bool) -> tuple[str, str]:
    if problem.done:
        return "+" if ascii_only else "✓", "green"
    if problem.faults or problem.written:
        return "x" if ascii_only else "✗", "red"
    return "o" if ascii_only else "○", "yellow"


def _tests(tests: TestsStatus) -> Text:
    if tests.unbuilt:
        return Text("not built", "red")
    if tests.trouble and not tests.total:
        return Text("did not run", "red")
    text = Text(f"{tests.passed}/{tests.total}", "" if tests.good else "red")
    if tests.skipped:
        text.append(f" ({tests.skipped} skipped)", "yellow")
    return text


def _blocks(stage: StageStatus, state: State) -> list[str]:
    """For each problem its key, and below it, one a line, the blocks in that state with the places to click on."""
    lines: list[str] = []
    for problem in stage.problems:
        blocks = [block for block in problem.blocks if block.state == state]
        lines += [problem.key, *(f"  {block.where}  {block.label}" for block in blocks)] if blocks else []
    return lines


def _faults(stage: StageStatus) -> list[str]:
    """What is wrong with files, each once."""
    return list(dict.fromkeys(plain(fault) for problem in stage.problems for fault in problem.faults))


def _troubles(stage: StageStatus) -> list[str]:
    """What stopped tests, each once with the problems it stopped, unless a file that cannot be read explains it."""
    by_trouble: dict[str, list[str]] = {}
    for problem in stage.problems:
        trouble = plain(problem.tests.trouble or "")
        broken = {block.file for block in problem.blocks if block.state == "unreadable"}
        if trouble and not any(file in trouble for file in broken):
            by_trouble.setdefault(trouble, []).append(problem.key)
    return [f"{', '.join(keys)}: {trouble}" for trouble, keys in by_trouble.items()]


def _list(title: str, lines: Sequence[str]) -> Iterator[RenderableType]:
    if not lines:
        return
    yield Text()
    yield Padding(Text(title, "bold"), (0, 1))
    for line in lines:
        indent = len(line) - len(line.lstrip())
        yield Padding(Text(line.lstrip(), overflow="fold"), (0, 0, 0, 3 + indent))
