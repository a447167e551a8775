"""The handouts run: from top to bottom on the reference, and for a student up to the first block that is not filled."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import nbformat
import numpy as np
import pytest
from grader.authoring.manifest import Course, find_root
from grader.authoring.trees import released_tree, write_tree
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError
from needle import backend_ndarray as nd

COURSE = Course.load(find_root(Path(__file__)))
STAGES = [stage.key for stage in COURSE.stages]
SECONDS = 300  # for one cell; the longest trains a network


def run(notebook: Path) -> None:
    handout = nbformat.read(notebook, as_version=4)
    NotebookClient(handout, timeout=SECONDS, resources={"metadata": {"path": str(notebook.parent)}}).execute()


@pytest.fixture(autouse=True)
def data(mnist_folder, monkeypatch):
    monkeypatch.setenv("NEEDLE_DATA", str(mnist_folder))


@pytest.mark.parametrize("stage", STAGES)
# Jupyter's own packages announce what they will drop; that is theirs to mend.
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_a_handout_runs_from_top_to_bottom_on_the_reference(stage):
    run(COURSE.root / stage / f"{stage}.ipynb")


@pytest.mark.parametrize("stage", STAGES)
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_a_released_handout_stops_at_an_empty_block_and_names_its_problem(stage, tmp_path):
    write_tree(released_tree(COURSE, stage), tmp_path)
    with pytest.raises(CellExecutionError) as stopped:
        run(tmp_path / stage / f"{stage}.ipynb")
    assert stopped.value.ename == "NotImplementedError"
    problem = stopped.value.evalue.split(":")[0]
    assert problem in [f"{stage} {problem.key}" for problem in COURSE.stage(stage).problems]


@pytest.mark.parametrize("stage", STAGES)
def test_a_handout_carries_no_outputs(stage):
    cells = json.loads((COURSE.root / stage / f"{stage}.ipynb").read_text(encoding="utf-8"))["cells"]
    assert [cell["id"] for cell in cells if cell.get("outputs")] == []


VIEWS = {
    "whole": lambda a: a,
    "permuted": lambda a: a.permute((2, 0, 1)),
    "part": lambda a: a[1:, 1, ::3],
    "backwards": lambda a: a[:, ::-1, ::-2],
    "repeated": lambda a: a[:, :1].broadcast_to((5, 2, 6, 4)),
    "nothing": lambda a: a[2:],
}


@pytest.mark.parametrize("view", VIEWS.values(), ids=VIEWS)
def test_hw3s_pictures_put_each_element_where_it_lies(view, monkeypatch):
    """In memory that holds 0, 1, 2, ... each number says its own place."""
    monkeypatch.setattr(sys, "path", [str(COURSE.root / "hw3/apps"), *sys.path])
    from memory_pictures import places

    array = view(nd.array(np.arange(24).reshape(2, 3, 4), device=nd.cpu_numpy()))
    np.testing.assert_array_equal(places(array), array.numpy())
