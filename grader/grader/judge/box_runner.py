"""What runs inside the box: one problem's cases, a native build, timed work. Nothing here decides anything.

This is the only file of the grader that student code can see, and it shares its process with that code: every byte it
sends may have been forged, and `protocol` reads it as such. It uses the standard library and NumPy alone.

A job comes on standard input as JSON. Answers leave by the file descriptor that the first argument names, as frames:

    header length, payload length (two little-endian u32) | header (JSON) | payload (bytes)

Headers by their "k":

    ready                       the interpreter stands; student code has not run yet
    import                      loading the cases (hence student code) raised: see `_describe`
    begin, end    case          around each case
    value         case, index, value, rtol, atol     one submitted value (see `_encode`); arrays' bytes are the payload
    raise         case          the case raised: see `_describe`
    done                        all cases were run
    file          name          a file that a build made; its bytes are the payload
    log                         what a build printed; its bytes are the payload
    built         ok            whether the build succeeded
    loaded                      timed work only: the module is imported, and a challenge may come
    answer                      timed work only: the answer to a challenge is the payload (see `_run_timed`)
    exit          status        the reference's worker only: a request is finished

With the argument `serve` it is the trusted side's worker for the reference instead: requests of the same form, each
preceded by its length, are run in a fork each, so that NumPy is imported once.
"""

from __future__ import annotations

import json
import os
import struct
import sys

TYPE_CHECKING = False  # without importing typing, which costs milliseconds in every box
if TYPE_CHECKING:
    from typing import Any

# A number that is larger is sent as a value of an unknown type: no honest case hands one over.
_INT_BITS = 1024
_DTYPES = frozenset(
    {"bool", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64"}
    | {"float16", "float32", "float64", "complex64", "complex128"}
)
_TRACE_FRAMES = 8
_TEXT = 2000
_DEPTH = 32


class Sender:
    """Writes frames to a descriptor."""

    def __init__(self, descriptor: int) -> None:
        self.descriptor = descriptor

    def __call__(self, kind: str, payload: bytes = b"", **fields: Any) -> None:
        header = json.dumps({"k": kind, **fields}).encode()
        self._write(struct.pack("<II", len(header), len(payload)) + header)
        self._write(payload)

    def _write(self, data: bytes) -> None:
        view = memoryview(data)
        while view:
            view = view[os.write(self.descriptor, view) :]


def _encode(value: Any, payload: bytearray, depth: int = 0) -> list[Any]:
    """A value as JSON nodes `[kind, ...]`; arrays' bytes are appended to the bytearray `payload`."""
    import numpy as np

    kind = type(value)
    if value is None:
        return ["none"]
    if kind is bool:
        return ["bool", value]
    if kind is int and value.bit_length() <= _INT_BITS:
        return ["int", str(value)]
    if kind is float:
        return ["float", value.hex()]
    if kind is str:
        return ["str", value]
    if depth < _DEPTH:
        if kind is list or kind is tuple:
            return [kind.__name__, [_encode(item, payload, depth + 1) for item in value]]
        if kind is dict:
            pairs = value.items()
            return [
                "dict",
                [[_encode(key, payload, depth + 1), _encode(item, payload, depth + 1)] for key, item in pairs],
            ]
    if kind is np.ndarray or isinstance(value, np.generic):
        if value.dtype.name not in _DTYPES:
            return ["odd", "array" if kind is np.ndarray else "scalar"]
        little = np.asarray(value, order="C")
        data = little.astype(little.dtype.newbyteorder("<"), copy=False).tobytes()
        start = len(payload)
        payload += data
        return ["array" if kind is np.ndarray else "scalar", value.dtype.name, list(value.shape), start, len(data)]
    if isinstance(value, np.dtype):
        return ["dtype", str(value)]
    if isinstance(value, type):
        return ["type", value.__module__, value.__qualname__]
    return ["other", kind.__module__, kind.__qualname__]


def _describe(error: BaseException, root: str) -> dict[str, Any]:
    """An exception as plain fields: type, nearest built-in base, message, the frames in the tree at `root`."""
    kind = type(error)
    base = next((parent.__name__ for parent in kind.__mro__ if parent.__module__ == "builtins"), "object")
    frames = []
    trace = error.__traceback__
    while trace is not None:
        name = trace.tb_frame.f_code.co_filename
        if name.startswith(root):
            frames.append([name[len(root) :], trace.tb_lineno])
        trace = trace.tb_next
    if isinstance(error, SyntaxError) and isinstance(error.filename, str) and error.filename.startswith(root):
        frames.append([error.filename[len(root) :], error.lineno or 1])
    try:
        message = str(error)[:_TEXT]
    except BaseException as second:
        message = f"(its message raised {type(second).__name__})"
    return {
        "module": str(kind.__module__)[:_TEXT],
        "type": str(kind.__qualname__)[:_TEXT],
        "base": base,
        "message": message.encode("utf-8", "replace").decode(),
        "frames": frames[-_TRACE_FRAMES:],
    }


def _run_cases(job: dict[str, Any], send: Sender) -> None:
    """Run the cases of a job in order. Student code runs from the moment the cases are loaded."""
    import random
    import types

    import numpy as np

    root = job["tree"].rstrip("/") + "/"
    os.environ.update(job.get("environment", {}))
    for folder in reversed(job["path"]):
        sys.path.insert(0, folder)
    current: dict[str, Any] = {"case": "", "index": 0}

    def submit(value: Any, *, rtol: float | None = None, atol: float | None = None) -> None:
        """Hand over a value as it is now: what happens to it afterwards does not matter."""
        payload = bytearray()
        node = _encode(value, payload)
        tolerances = [None if bound is None else float(bound).hex() for bound in (rtol, atol)]
        send(
            "value",
            bytes(payload),
            case=current["case"],
            index=current["index"],
            value=node,
            rtol=tolerances[0],
            atol=tolerances[1],
        )
        current["index"] += 1

    client = types.ModuleType("mugrade")
    client.submit = submit  # type: ignore[attr-defined]
    sys.modules["mugrade"] = client
    cases = types.ModuleType("hidden_cases")
    sys.modules["hidden_cases"] = cases
    np.random.seed(job["seed"])
    random.seed(job["seed"])
    send("ready")
    try:
        exec(compile(job.pop("source"), "<cases>", "exec", dont_inherit=True), cases.__dict__)
    except BaseException as error:
        send("import", **_describe(error, root))
        return
    for case in job["cases"]:
        np.random.seed(case["seed"])
        random.seed(case["seed"])
        current["case"], current["index"] = case["name"], 0
        send("begin", case=case["name"])
        try:
            getattr(cases, case["name"])()
        except BaseException as error:
            send("raise", case=case["name"], **_describe(error, root))
        else:
            send("end", case=case["name"])
    send("done")


def _run_timed(job: dict[str, Any], send: Sender, challenges: int) -> None:
    """Answer the judge's challenges, which come by a descriptor, 17 bytes each: a letter and two seeds.

    e   echo: make the two matrices that follow from the seeds, and answer with the first
    w   work: make them, and answer with what the job's function makes of them
    p   peak: answer with the speed that the module measures as this machine's limit, as a C double

    Which seeds will come is not known before, so nothing of the work can be done before.
    """
    import importlib

    os.environ.update(job["environment"])
    size = job["size"]
    buffers = [bytearray(b"\xff") * (4 * size * size) for _ in range(3)]  # NaN: what is not written is wrong
    a, b, out = (memoryview(buffer).cast("f", (size, size)) for buffer in buffers)
    for folder in reversed(job["path"]):
        sys.path.insert(0, folder)
    send("ready")
    try:
        module = importlib.import_module(job["module"])
        function = getattr(module, job["function"])
        send("loaded")
        while len(challenge := os.read(challenges, 17)) == 17:
            kind, *seeds = struct.unpack("<cQQ", challenge)
            if kind == b"p":
                send("answer", struct.pack("<d", module.peak(0.02)))
                continue
            module.fill(a, seeds[0])
            module.fill(b, seeds[1])
            if kind == b"w":
                function(a, b, out)
            send("answer", buffers[0] if kind == b"e" else buffers[2])
    except BaseException as error:
        send("import", **_describe(error, job["tree"]))


def _whole_seconds(member: Any) -> Any:
    """A tar member with its time rounded down: rounded up by a nanosecond, it is newer than what ninja wrote down."""
    member.mtime = int(member.mtime)
    return member


def _build(job: dict[str, Any], send: Sender) -> None:
    """Configure (unless a prepared folder is given), build, and send the module or the whole folder."""
    import io
    import subprocess
    import tarfile

    send("ready")
    folder = job["folder"]
    if job["prepared"]:
        with tarfile.open(job["prepared"], "r:") as archive:
            archive.extractall(folder)  # made by a build of the course's own files, in a box like this one
    log = b""
    for command in job["commands"]:
        done = subprocess.run(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, cwd=folder
        )
        log = done.stdout
        if done.returncode != 0:
            send("log", log[-job["log_limit"] :])
            send("built", ok=False)
            return
    send("log", log[-job["log_limit"] :])
    if job["pack"]:
        buffer = io.BytesIO()
        with tarfile.open(fileobj=buffer, mode="w:", format=tarfile.PAX_FORMAT) as archive:
            for name in sorted(os.listdir(folder)):
                archive.add(os.path.join(folder, name), arcname=name, filter=_whole_seconds)
        send("file", buffer.getvalue(), name="prepared.tar")
    send("file", _called(folder, job["kernels"]), name="called")
    for name in sorted(os.listdir(job["output"])):
        if name.startswith(job["module"] + "."):
            with open(os.path.join(job["output"], name), "rb") as file:
                send("file", file.read(), name=name)
    send("built", ok=True)


def _called(folder: str, kernels: list[str]) -> bytes:
    """What the object files made of these sources leave undefined, a symbol a line: what they call elsewhere."""
    import subprocess

    objects = [
        os.path.join(place, name)
        for place, _, names in os.walk(folder)
        for name in names
        if name.endswith(".o") and any(name.startswith(f"{source}.") for source in kernels)
    ]
    if not objects:
        return b""
    told = subprocess.run(["nm", "-u", "-P", *sorted(objects)], stdout=subprocess.PIPE, check=True).stdout
    return b"\n".join(line.split()[0] for line in told.splitlines() if line.split()[1:2] in ([b"U"], [b"w"]))


def _confine(job: dict[str, Any]) -> None:
    """Take on the job's limits and, where the judge is root, an identity of the box's own. Neither can be undone."""
    import resource

    for name, (soft, hard) in job["rlimits"].items():
        resource.setrlimit(getattr(resource, "RLIMIT_" + name), (soft, hard))
    if job["uid"] is not None:
        os.setgroups([])
        os.setresgid(job["uid"], job["uid"], job["uid"])
        os.setresuid(job["uid"], job["uid"], job["uid"])


def _serve(sites: str) -> None:
    """Answer requests on standard input until it ends. Trusted code only: there is no box around it."""
    sys.path.extend(sites.split(os.pathsep))
    import random  # noqa: F401

    import numpy.random  # noqa: F401  (imported once, here, for every fork)

    requests = sys.stdin.buffer
    descriptor = os.dup(1)
    os.dup2(2, 1)
    send = Sender(descriptor)
    while True:
        head = requests.read(4)
        if len(head) < 4:
            return
        job = json.loads(requests.read(struct.unpack("<I", head)[0]))
        child = os.fork()
        if child == 0:
            status = 1
            try:
                _run_cases(job, send)
                status = 0
            finally:
                os._exit(status)
        send("exit", status=os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))


def main() -> None:
    if sys.argv[1] == "serve":
        _serve(sys.argv[2])
        return
    send = Sender(int(sys.argv[1]))
    job = json.loads(sys.stdin.buffer.read())
    _confine(job)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    sys.path.extend(filter(None, job["site"].split(os.pathsep)))
    if job["kind"] == "build":
        _build(job, send)
    elif job["kind"] == "timed":
        _run_timed(job, send, int(sys.argv[2]))
    else:
        _run_cases(job, send)
    os._exit(0)  # no atexit handler, no thread and no finaliser of student code gets another turn


if __name__ == "__main__":
    main()
