"""A report in the terminal: how much, which problems, what to look at. Reads well without colour, in 80 columns."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from ..results import CaseResult, Failure, ProblemResult, Report, ValueResult, Verdict
from .advice import KIND_NAMES, advise
from .carried import meaning, remaining, score_line, total_line
from .selection import (
    ended_here,
    import_failure,
    never_ran_line,
    paths_of,
    raised_at,
    ran,
    telling_values,
    was_cut_off,
)
from .speed import HEADING, rung_line, rung_points
from .text import count, number, of_points, one_line, plain, tail

MOST_CASES = 8
MOST_VALUES = 4
MOST_FRAMES = 3
MOST_PATHS = 8
LOG_LINES = 20
LEAST_TITLE = 16  # columns; where fewer are left for titles, they are left out

_STYLES = {Verdict.AC: "green", Verdict.NI: "yellow", Verdict.SKIP: "dim", Verdict.IE: "magenta"}
_SYMBOLS = {Verdict.AC: ("✓", "+"), Verdict.NI: ("○", "o"), Verdict.SKIP: ("–", "-"), Verdict.IE: ("!", "!")}


def print_report(report: Report, console: Console, *, files: Mapping[str, Sequence[str]] | None = None) -> None:
    """Print the report. Shows what it holds: hand over `report.for_student()` for students' eyes.

    files: problem key -> the files that hold its blocks, for the advice; None where the course is not at hand.
    """
    ascii_only = console.options.ascii_only
    console.print(_Page(report, files, ascii_only, console.width).whole(), highlight=False, soft_wrap=False)


class _Page:
    """The parts of the page. Student text enters as `Text`, never as markup."""

    def __init__(self, report: Report, files: Mapping[str, Sequence[str]] | None, ascii_only: bool, width: int):
        self.report, self.files, self.ascii_only, self.width = report, files, ascii_only, width

    def whole(self) -> Group:
        parts: list[RenderableType] = [Text(), self.header(), Text(), self.table()]
        for problem in self.report.problems:
            if problem.verdict is not Verdict.AC or problem.speed:
                parts += [Text(), *self.problem(problem)]
        parts += [*self.files_left(), Text(), self.closing(), Text()]
        return Group(*parts)

    def header(self) -> RenderableType:
        report = self.report
        share, score = report.score / report.points if report.points else 0.0, number(report.score)
        grid = Table.grid(expand=True, padding=(0, 1))
        grid.add_column(ratio=1)
        grid.add_column(justify="right", no_wrap=True)
        grid.add_row(Text(one_line(report.course), style="dim"), "")
        grid.add_row(
            Text.assemble((report.stage, "bold"), "  ", (one_line(report.title), "bold")),
            Text.assemble((score, "bold"), of_points(report.score, report.points).removeprefix(score)),
        )
        grid.add_row(Text(one_line(report.submission.name, 48)), self.bar(share, 24))
        both = total_line(report)
        return Padding(Group(grid, Text(f"{both}.", style="dim")) if both else grid, (0, 1))

    def bar(self, share: float, width: int) -> Text:
        """A bar of `width` cells; full only if everything is right, empty only if nothing is."""
        share = min(max(share, 0.0), 1.0)
        filled = round(share * width)
        filled = min(max(filled, share > 0), width - (share < 1))
        full, empty = ("#", ".") if self.ascii_only else ("━", "─")
        return Text.assemble((full * filled, "green" if share == 1 else ""), (empty * (width - filled), "dim"))

    def symbol(self, verdict: Verdict) -> Text:
        return Text(_SYMBOLS.get(verdict, ("✗", "x"))[self.ascii_only], style=_style(verdict))

    def table(self) -> RenderableType:
        titles = self.has_room_for_titles()
        rows = Table(box=None, expand=True, padding=(0, 1), pad_edge=True, header_style="dim")
        rows.add_column("")
        rows.add_column("Problem", no_wrap=True)
        if titles:
            rows.add_column("", ratio=1, no_wrap=True, overflow="crop" if self.ascii_only else "ellipsis")
        rows.add_column("", no_wrap=True)
        rows.add_column("Verdict")
        rows.add_column("Values", justify="right", no_wrap=True)
        rows.add_column("Points", justify="right", no_wrap=True)
        for problem in self.report.problems:
            style = _style(problem.verdict)
            rows.add_row(
                self.symbol(problem.verdict),
                Text(problem.key),
                *([Text(one_line(problem.title), "dim")] if titles else []),
                Text(problem.verdict.value, style),
                Text(_meaning(problem), style),
                Text(_tally(problem)),
                Text(_points(problem)),
            )
        return rows

    def has_room_for_titles(self) -> bool:
        """Whether a title beside the other columns would keep enough letters to be read."""
        problems = self.report.problems
        columns = [
            ["x"],
            ["Problem", *(problem.key for problem in problems)],
            [problem.verdict.value for problem in problems],
            ["Verdict", *(_meaning(problem) for problem in problems)],
            ["Values", *(_tally(problem) for problem in problems)],
            ["Points", *(_points(problem) for problem in problems)],
        ]
        others = sum(max(map(len, column), default=0) + 2 for column in columns)
        longest = max((len(one_line(problem.title)) for problem in problems), default=0)
        return self.width - others - 2 >= min(LEAST_TITLE, longest)

    def problem(self, problem: ProblemResult) -> Iterator[RenderableType]:
        title = Text.assemble((problem.key, "bold"), f" {'-' if self.ascii_only else '·'} {one_line(problem.title)}")
        yield Rule(title, align="left", style="dim", characters="-" if self.ascii_only else "─")
        body: list[RenderableType] = list(self.carried(problem))
        if problem.note:
            body.append(Text(plain(problem.note)))
        wrong = [case for case in ran(problem) if case.verdict is not Verdict.AC]
        waiting = [case for case in wrong if case.verdict is Verdict.NI]
        # The case in which the process ended explains the problem, so it is told first.
        told = sorted(
            (case for case in wrong if case.verdict is not Verdict.NI), key=lambda case: not was_cut_off(case)
        )
        seen: set[tuple[str, ...]] = set()
        for case in told[:MOST_CASES]:
            body += self.case(case, seen)
        if len(told) > MOST_CASES:
            body.append(Text(f"and {count(len(told) - MOST_CASES, 'more case')} like these", style="dim"))
        if waiting:
            verb = "waits" if len(waiting) == 1 else "wait"
            tally = f" {count(len(waiting), 'case')} {verb} for code that is not written"
            body.append(Text.assemble(self.symbol(Verdict.NI), tally))
        unrun = never_ran_line(problem)
        if unrun:
            body.append(Text(unrun, style="dim"))
        stopped_by = import_failure(problem)
        if stopped_by is not None:
            body.append(_failure(stopped_by))
        fine = sum(case.verdict is Verdict.AC for case in problem.cases)
        if fine and wrong:
            body.append(Text(f"The other {'case' if fine == 1 else f'{fine} cases'} came out right.", style="dim"))
        if problem.speed:
            body += [Text(HEADING), self.speed(problem)]
        if problem.log:
            body += [Text("The compiler said:"), _quoted(tail(problem.log, LOG_LINES))]
        if problem.output:
            body += [Text("The code printed, at the end:"), _quoted(tail(problem.output, LOG_LINES))]
        left = remaining(problem)
        if left and problem.sound is not None:
            body.append(Text(left))
            for case in problem.sound.cases[:MOST_CASES]:
                body += self.case(case, seen)
        yield Padding(Group(*body, *self.advice(problem)), (0, 2))

    def speed(self, problem: ProblemResult) -> RenderableType:
        """A row for each rung."""
        rows = Table.grid(expand=True, padding=(0, 1))
        rows.add_column(width=1)
        rows.add_column(no_wrap=True)
        rows.add_column(ratio=1)
        rows.add_column(justify="right", no_wrap=True)
        for rung in problem.speed:
            told = Text(rung_line(rung), "dim" if rung.verdict is Verdict.AC else _style(rung.verdict))
            rows.add_row(self.symbol(rung.verdict), Text(rung.title), told, Text(rung_points(problem, rung)))
        return rows

    def carried(self, problem: ProblemResult) -> Iterator[RenderableType]:
        """Both scores of a problem that has two, and what follows from them."""
        line = score_line(problem)
        if line:
            yield Text(f"{line}.", style="bold")
        sentences = meaning(problem, self.report.carry_forward)
        if sentences:
            yield Text(" ".join(sentences))
        if line:
            yield Text("As it stands:")
        if problem.sound is not None and problem.sound.verdict is Verdict.IE and problem.sound.note:
            yield Text(plain(problem.sound.note), style="dim")

    def case(self, case: CaseResult, seen: set[tuple[str, ...]]) -> Iterator[RenderableType]:
        """One case that is not right. seen: the exceptions told so far, by type and place; they are not told twice."""
        row = Table.grid(expand=True, padding=(0, 1))
        row.add_column(width=1)
        row.add_column(ratio=1)
        row.add_column(justify="right", no_wrap=True)
        tally = f"{case.right} of {case.total} right" if case.total else case.verdict.meaning
        row.add_row(self.symbol(case.verdict), Text(one_line(case.title, 240)), Text(tally, style="dim"))
        yield row
        wrong = telling_values(case)
        if wrong:
            yield Padding(_values(wrong), (0, 0, 0, 4))
        if case.failure is not None:
            failure = case.failure
            told = (failure.type, failure.message or "", *raised_at([case]))
            again = Text(f"{one_line(failure.type)}, as above", style="red")
            yield Padding(again if told in seen else _failure(failure), (0, 0, 0, 4))
            seen.add(told)
        elif was_cut_off(case):
            yield Padding(Text(ended_here(case), style="red"), (0, 0, 0, 4))
        elif not wrong and case.total and case.verdict is not Verdict.AC:
            yield Padding(Text(case.verdict.meaning, style="dim"), (0, 0, 0, 4))

    def advice(self, problem: ProblemResult) -> Iterator[RenderableType]:
        advice = advise(self.report.stage, problem, self.files, self.report.submission.missing)
        lines: list[Text] = [Text(hint) for hint in advice.hints]
        if advice.places:
            lines.append(Text("Look at " + ", ".join(advice.places) + advice.more))
        if advice.command:
            lines.append(Text.assemble("Then run ", (advice.command, "bold")))
        for line in lines:
            row = Table.grid(padding=(0, 1))
            row.add_row(Text("->" if self.ascii_only else "→", style="cyan"), line)
            yield row

    def files_left(self) -> Iterator[RenderableType]:
        info = self.report.submission
        if info.missing:
            yield Text()
            yield Padding(Text("Not in the submission, so graded as they were handed out:"), (0, 1))
            yield _paths([(path, "") for path in info.missing], len(info.missing[MOST_PATHS:]))
        if info.set_aside:
            yield Text()
            yield Padding(Text("In the submission, but set aside:"), (0, 1))
            yield _paths([(item.path, item.reason) for item in info.set_aside], paths_of(info.set_aside[MOST_PATHS:]))

    def closing(self) -> RenderableType:
        report = self.report
        if report.internal_error:
            line = Text(
                "Some problems met a fault of the grader; they will be graded again and cost nothing.", style="magenta"
            )
        elif report.accepted:
            line = Text("Everything is right. Well done.", style="green")
        else:
            done = sum(problem.verdict is Verdict.AC for problem in report.required)
            line = Text(f"{done} of {count(len(report.required), 'problem')} fully right.")
        if report.audience == "instructor":
            seed = "none" if report.seed is None else str(report.seed)
            digest = report.submission.digest[:16]
            line.append(f"\nseed {seed}, sandbox {report.sandbox}, {report.seconds:.1f} s, digest {digest}", "dim")
        return Padding(line, (0, 1))


def _style(verdict: Verdict) -> str:
    return _STYLES.get(verdict, "red")


def _meaning(problem: ProblemResult) -> str:
    return f"{problem.verdict.meaning}, optional" if problem.optional else problem.verdict.meaning


def _tally(problem: ProblemResult) -> str:
    right, total = sum(case.right for case in problem.cases), sum(case.total for case in problem.cases)
    return f"{right}/{total}" if total else ""


def _points(problem: ProblemResult) -> str:
    return f"{number(problem.score)} / {number(problem.points)}"


def _values(wrong: Sequence[ValueResult]) -> RenderableType:
    grid = Table.grid(padding=(0, 2))
    grid.add_column(no_wrap=True)
    grid.add_column(no_wrap=True, style="dim")
    grid.add_column()
    for value in wrong[:MOST_VALUES]:
        difference = value.difference
        kind = KIND_NAMES[difference.kind] if difference is not None else ""
        message = plain(difference.message) if difference is not None else value.verdict.meaning
        grid.add_row(Text(f"value {value.number}"), Text(kind), Text(message))
    if len(wrong) > MOST_VALUES:
        grid.add_row(Text(f"and {len(wrong) - MOST_VALUES} more", style="dim"), "", "")
    return grid


def _failure(failure: Failure) -> RenderableType:
    lines = [Text(one_line(failure.type), style="red")]
    if failure.message:
        lines[0].append(f": {one_line(failure.message, 400)}", "")
    if len(failure.frames) > MOST_FRAMES:
        lines.append(Text(f"  {count(len(failure.frames) - MOST_FRAMES, 'call')} before", "dim"))
    for frame in failure.frames[-MOST_FRAMES:]:
        lines.append(Text(f"  {one_line(frame.file)}:{frame.line}, in {one_line(frame.function, 60)}"))
    return Group(*lines)


def _paths(pairs: Sequence[tuple[str, str]], further: int) -> RenderableType:
    """The first paths; `further` is how many there are besides."""
    grid = Table.grid(padding=(0, 2))
    grid.add_column(overflow="fold")
    grid.add_column(style="dim")
    for path, reason in pairs[:MOST_PATHS]:
        grid.add_row(Text(one_line(path, 60)), Text(plain(reason)))
    if further:
        grid.add_row(Text(f"and {count(further, 'more path')}", style="dim"), "")
    return Padding(grid, (0, 0, 0, 4))


def _quoted(text: str) -> RenderableType:
    return Padding(Text(text, style="dim", overflow="fold"), (0, 0, 0, 4))
