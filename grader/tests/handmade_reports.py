"""Reports made by hand, for the tests of every format."""

from __future__ import annotations

from typing import Any

from grader.results import (
    Blame,
    CaseResult,
    Difference,
    Failure,
    Frame,
    ProblemResult,
    Report,
    SetAside,
    SoundResult,
    SubmissionInfo,
    ValueResult,
    Verdict,
)

OPS = "common/needle/python/needle/ops/ops_mathematic.py"


def right_case(number: int) -> CaseResult:
    values = [ValueResult(number=n, verdict=Verdict.AC) for n in (1, 2)]
    return CaseResult(
        name=f"submit_fine_{number}",
        title=f"A case that is right, {number}",
        verdict=Verdict.AC,
        right=2,
        total=2,
        values=values,
    )


def wrong_case() -> CaseResult:
    differences = {
        2: Difference(kind="shape", message="expected shape (2, 3), got (5, 2, 3)"),
        3: Difference(kind="close", message="not close: the largest error is of the order of 1e-01"),
    }
    values = [
        ValueResult(number=n, verdict=Verdict.WA if n in differences else Verdict.AC, difference=differences.get(n))
        for n in (1, 2, 3)
    ]
    return CaseResult(
        name="submit_matmul",
        title="MatMul sums out broadcast batch dimensions",
        verdict=Verdict.WA,
        right=1,
        total=3,
        values=values,
    )


def raised_case(message: str = "secret 42", file: str = OPS) -> CaseResult:
    frames = [Frame(file=file, line=88, function="gradient"), Frame(file=file, line=214, function="helper")]
    failure = Failure(type="ValueError", frames=frames, message=message)
    return CaseResult(
        name="submit_log", title="Log of positive numbers", verdict=Verdict.RTE, right=0, total=2, failure=failure
    )


def killed_cases(verdict: Verdict = Verdict.RTE) -> list[CaseResult]:
    """The process ended in the second of four cases, after its first value of three."""
    missing = Difference(kind="missing", message="this value was not handed over")
    values = [ValueResult(number=1, verdict=Verdict.AC)]
    values += [ValueResult(number=number, verdict=Verdict.WA, difference=missing) for number in (2, 3)]
    fatal = CaseResult(name="submit_fatal", title="A large batch", verdict=verdict, right=1, total=3, values=values)
    later = [
        CaseResult(name=f"submit_later_{number}", title=f"Never begun {number}", verdict=verdict, right=0, total=2)
        for number in (1, 2)
    ]
    return [right_case(1), fatal, *later]


def problem(
    key: str = "backward", verdict: Verdict = Verdict.WA, score: float = 10.0, points: float = 25.0, **kwargs: Any
) -> ProblemResult:
    kwargs.setdefault("title", f"The title of {key}")
    return ProblemResult(key=key, points=points, score=score, verdict=verdict, **kwargs)


def report(*problems: ProblemResult, **kwargs: Any) -> Report:
    """By default: one problem right, one wrong in two ways, one not written."""
    problems = problems or (
        problem("forward", Verdict.AC, 10.0, 10.0, title="Forward computation", cases=[right_case(1), right_case(2)]),
        problem(
            cases=[right_case(1), wrong_case(), raised_case()],
            title="Gradients of each op",
            output="printed by the student",
        ),
        problem("topo_sort", Verdict.NI, 0.0, 20.0, title="Topological sort"),
    )
    info = SubmissionInfo(
        name="ada",
        digest="ab" * 32,
        taken=[OPS],
        missing=["hw1/apps/simple_ml.py"],
        set_aside=[SetAside(path="conftest.py", reason="not a file that students change")],
    )
    defaults = {
        "course": "Deep Learning Systems: needle",
        "stage": "hw1",
        "title": "Automatic differentiation",
        "submission": info,
        "seed": 123456789,
        "score": sum(one.score for one in problems),
        "points": sum(one.points for one in problems),
        "problems": list(problems),
        "sandbox": "bubblewrap",
        "started": "2026-01-02T03:04:05Z",
        "seconds": 1.25,
    }
    return Report(**{**defaults, **kwargs})


def tiny_report(name: str = "ada", verdict: Verdict = Verdict.AC, *, score: float = 10.0) -> Report:
    """A report on hw0 of the tiny course: its first problem right, its second with this verdict."""
    problems = [
        problem("total", Verdict.AC, 4.0, 4.0, cases=[right_case(1)]),
        problem("mean", verdict, score - 4.0, 6.0, cases=[raised_case()] if verdict is Verdict.RTE else []),
    ]
    made = report(*problems, stage="hw0", title="Sums", course="A Tiny Course")
    made.submission.name = name
    return made


def blame(label: str = "MatMul.gradient", problem: str | None = "backward", kind: str = "wrong") -> Blame:
    return Blame(name=f"needle.ops:{label}", label=label, stage="hw1", problem=problem, kind=kind)


def sound(score: float = 10.0, verdict: Verdict = Verdict.AC, *blames: Blame, **kwargs: Any) -> SoundResult:
    """A result on sound foundations; by default right, with one block to blame."""
    blames = blames or (blame(),)
    return SoundResult(**{"stages": ["hw1"], "score": score, "verdict": verdict, "blame": list(blames), **kwargs})


def carried(*sounds: SoundResult, policy: str = "sound", own: float = 2.5) -> Report:
    """A report on hw2: for each of these results a problem of 10 points that earns less as it stands, and one more
    that is right."""
    problems = [problem("init", Verdict.AC, 5.0, 5.0, cases=[right_case(1)])]
    for number, one in enumerate(sounds or (sound(),)):
        score = max(own, one.score) if policy == "sound" else own
        key = "modules" if number == 0 else f"modules_{number}"
        more = {"own_score": own, "sound": one, "cases": [right_case(1), wrong_case()]}
        problems.append(problem(key, Verdict.WA, score, 10.0, **more))
    return report(
        *problems,
        stage="hw2",
        title="The neural network library",
        own_score=sum(one.own_score for one in problems),
        sound_score=sum(one.sound.score if one.sound else one.own_score for one in problems),
        carry_forward=policy,
    )
