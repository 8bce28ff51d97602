"""Solvers against the gold, and perturbed copies of made-up texts in the form of the public ones."""

from __future__ import annotations

from pathlib import Path

import pytest

from experiments.perturbed import PERTURBED, perturbed
from experiments.solvers import SOLVERS, options
from self_distill.datasets.load import load_dataset
from self_distill.types import Example

REAL = Path(__file__).parents[2].parent / "shared" / "data"
HEAD = (
    "The following paragraphs each describe a set of three objects arranged in a fixed order. The statements are "
    "logically consistent within each paragraph. On a shelf, there are three books: "
)
ORDER = (
    f"{HEAD}a red book, a blue book, and a tan book. The red book is to the left of the tan book. The blue book is "
    "the rightmost.\nOptions:\n(A) The red book is the leftmost\n(B) The blue book is the leftmost\n"
    "(C) The tan book is the leftmost"
)
GAME = (
    "Ann, Ben, and Cid are playing a game. At the start of the game, they are each holding a ball: Ann has a red ball, "
    "Ben has a blue ball, and Cid has a tan ball.\nAs the game progresses, pairs of players trade balls. First, Ann "
    "and Ben swap balls. Then, Ben and Cid swap balls. At the end of the game, Ann has the\nOptions:\n(A) red ball\n"
    "(B) blue ball\n(C) tan ball"
)
ENDS = "\nOptions:\n- Yes\n- No"
WALK = "If you follow these instructions, do you return to the starting point? "


@pytest.mark.parametrize(
    ("task", "text", "answer"),
    [
        ("boolean_expressions", "not ( True and False ) or False is", "True"),
        ("boolean_expressions", "not not not True is", "False"),
        ("word_sorting", "Sort the following words alphabetically: List: pear fig apple", "apple fig pear"),
        (
            "navigate",
            f"{WALK}Always face forward. Take 2 steps left. Take 2 steps right.{ENDS}",
            "Yes",
        ),
        ("navigate", f"{WALK}Take 2 steps. Turn around. Take 3 steps.\nOptions:\n- Yes\n- No", "No"),
        ("tracking_shuffled_objects_three_objects", GAME, "(B)"),
        ("logical_deduction_three_objects", ORDER, "(A)"),
    ],
)
def test_a_solver_finds_the_answer(task: str, text: str, answer: str) -> None:
    assert SOLVERS[task](text) == answer


def test_a_solver_that_cannot_read_a_text_says_so() -> None:
    assert SOLVERS["logical_deduction_three_objects"](ORDER.replace("the rightmost", "somewhere")) is None


@pytest.mark.parametrize("task", SOLVERS)
def test_solvers_agree_with_the_gold_of_every_original_text(task: str) -> None:
    if not REAL.is_dir():
        pytest.skip("the data sets do not lie beside the project")
    rows = load_dataset(f"bbh/{task}", data=REAL)
    assert [SOLVERS[task](row.text) for row in rows] == [row.label for row in rows]


@pytest.mark.parametrize("task", PERTURBED)
def test_copies_are_new_texts_in_the_old_form_and_the_same_for_the_same_seed(task: str) -> None:
    if not REAL.is_dir():
        pytest.skip("the data sets do not lie beside the project")
    rows = load_dataset(f"bbh/{task}", data=REAL)
    copies = perturbed(task, rows, 30, 1)
    assert copies == perturbed(task, rows, 30, 1) != perturbed(task, rows, 30, 2)
    assert len({row.text for row in copies} | {row.text for row in rows}) == 30 + len({row.text for row in rows})
    labels = {row.label for row in rows}
    assert task == "word_sorting" or all(row.label in labels for row in copies)


def test_a_colour_that_was_the_answer_is_followed_to_its_new_letter() -> None:
    row = Example(
        "1", "On the desk, there is an orange cup. What color is the cup?\nOptions:\n(A) red\n(B) orange", "(B)"
    )
    for copy in perturbed("reasoning_about_colored_objects", [row], 1, 3):
        assert options(copy.text)[str(copy.label)] in copy.text.partition("\n")[0]
