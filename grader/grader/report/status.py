"""A stage's status in the terminal: the table of `make status`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from ..authoring.public_tests import TestsStatus
from ..authoring.status import ProblemStatus, StageStatus, State
from .text import number, plain

LONGEST_KEY = 20  # beyond this there is no room for titles beside the keys in 80 columns


def print_status(stage: StageStatus, console: Console) -> None:
    """Print which blocks are filled, which public tests pass, what that is worth, and what to do next."""
    console.print(Group(*_parts(stage, console.options.ascii_only)), highlight=False)


def next_step(stage: StageStatus) -> tuple[str, str]:
    """What to do next, in the order of the problems: a sentence, and the command to run after it."""
    for problem in stage.problems:
        if problem.done:
            continue
        command = f"make test-{stage.key} K={problem.key}"
        if problem.faults:
            return f"Mend {plain(problem.faults[0])}", command
        lost = [block for block in problem.blocks if block.state == "no markers"]
        if lost:
            return f"Put the markers of {lost[0].label} back into {lost[0].file}", command
        empty = [block for block in problem.blocks if block.state == "empty"]
        if empty:
            return f"Write {empty[0].label} in {empty[0].where}", command
        if problem.tests.first_failed:
            return f"See why {plain(problem.tests.first_failed)} fails", command
        return f"See why the tests of {problem.key} do not run to their end", command
    return "Every public test passes. Hand it in; the hidden cases try other inputs, and decide.", ""


def _parts(stage: StageStatus, ascii_only: bool) -> Iterator[RenderableType]:
    yield Text()
    yield Padding(Text.assemble((stage.key, "bold"), "  ", (plain(stage.title), "bold")), (0, 1))
    yield Text()
    yield _table(stage, ascii_only)
    faults = [(problem.key, plain(fault)) for problem in stage.problems for fault in problem.faults]
    troubles = [(problem.key, plain(problem.tests.trouble)) for problem in stage.problems if problem.tests.trouble]
    yield from _list("Cannot be read", faults)
    yield from _list("Markers missing, so these blocks cannot be graded", _blocks(stage, "no markers"))
    yield from _list("Still to write", _blocks(stage, "empty"))
    yield from _list("Tests that did not run to their end", troubles)
    yield Text()
    sentence, command = next_step(stage)
    step = Table.grid(padding=(0, 1))
    step.add_row(Text("->" if ascii_only else "→", style="cyan"), Text(sentence))
    if command:
        step.add_row("", Text.assemble("then ", (command, "bold")))
    yield Padding(step, (0, 1))
    yield Text()


def _table(stage: StageStatus, ascii_only: bool) -> RenderableType:
    done = [problem for problem in stage.problems if problem.done]
    titles = max(len(problem.key) for problem in stage.problems) <= LONGEST_KEY
    table = Table(box=None, expand=True, padding=(0, 1), header_style="dim", footer_style="bold", show_footer=True)
    table.add_column("")
    table.add_column("Problem", "Passing so far", no_wrap=True)
    table.add_column("", ratio=1, no_wrap=True, overflow="crop" if ascii_only or not titles else "ellipsis")
    table.add_column(
        "Blocks filled", _of([problem.filled for problem in stage.problems], stage), justify="right", no_wrap=True
    )
    table.add_column("Tests passed", justify="right", no_wrap=True)
    points = f"{number(sum(problem.points for problem in done))} / {number(stage.points)}"
    table.add_column("Points", points, justify="right", no_wrap=True)
    for problem in stage.problems:
        symbol, style = _symbol(problem, ascii_only)
        table.add_row(
            Text(symbol, style),
            Text(problem.key),
            Text(plain(problem.title) if titles else "", "dim"),
            Text(f"{problem.filled}/{len(problem.blocks)}", "" if problem.filled == len(problem.blocks) else "yellow"),
            _tests(problem.tests),
            Text(number(problem.points), "" if problem.done else "dim"),
        )
    return table


def _of(filled: Sequence[int], stage: StageStatus) -> str:
    return f"{sum(filled)}/{sum(len(problem.blocks) for problem in stage.problems)}"


def _symbol(problem: ProblemStatus, ascii_only: bool) -> tuple[str, str]:
    if problem.done:
        return "+" if ascii_only else "✓", "green"
    if problem.faults or problem.filled == len(problem.blocks):
        return "x" if ascii_only else "✗", "red"
    return "o" if ascii_only else "○", "yellow"


def _tests(tests: TestsStatus) -> Text:
    if tests.trouble and not tests.total:
        return Text("did not run", "red")
    text = Text(f"{tests.passed}/{tests.total}", "" if tests.good else "red")
    if tests.skipped:
        text.append(f" ({tests.skipped} skipped)", "yellow")
    return text


def _blocks(stage: StageStatus, state: State) -> list[tuple[str, str]]:
    """For each problem and file, the file and below it the blocks in that state, with their lines."""
    rows: list[tuple[str, str]] = []
    for problem in stage.problems:
        by_file: dict[str, list[str]] = {}
        for block in problem.blocks:
            if block.state == state:
                line = "" if block.line is None else f":{block.line}"
                by_file.setdefault(block.file, []).append(f"{block.label}{line}")
        rows += [(problem.key, f"{file}\n{', '.join(labels)}") for file, labels in by_file.items()]
    return rows


def _list(title: str, rows: Sequence[tuple[str, str]]) -> Iterator[RenderableType]:
    if not rows:
        return
    yield Text()
    yield Padding(Text(title, "bold"), (0, 1))
    grid = Table.grid(padding=(0, 2))
    grid.add_column(no_wrap=True, style="dim")
    grid.add_column(overflow="fold")
    previous = ""
    for key, what in rows:
        grid.add_row(key if key != previous else "", Text(what))
        previous = key
    yield Padding(grid, (0, 0, 0, 4))
