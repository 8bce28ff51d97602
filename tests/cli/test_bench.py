from __future__ import annotations

import pytest

from self_distill.cli import main
from self_distill.cli.bench import found


def test_a_wrong_name_lists_the_benches(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        main(["bench", "nothing"])
    assert stopped.value.code == 2
    assert "there are macros" in capsys.readouterr().err


@pytest.mark.parametrize("name", ["report", "scores", "../x", "__init__"])
def test_a_helper_is_no_bench(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["bench", name])
    assert "no bench" in capsys.readouterr().err


def test_a_bench_is_a_module_with_run() -> None:
    assert callable(found("macros").run)
