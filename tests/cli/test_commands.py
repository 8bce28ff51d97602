from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from self_distill.cli import main


def call(*args: str) -> int:
    with pytest.raises(SystemExit) as stop:
        main(args)
    return int(stop.value.code or 0)


def said(capfd: pytest.CaptureFixture[str], *args: str) -> tuple[int, str, str]:
    code = call(*args)
    out, err = capfd.readouterr()
    return code, out, err


def test_scrub_and_restore_are_inverse(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    text = "Call +44 20 7946 0958 or write to ada@example.org.\nUnchanged [EMAIL_1].\n"
    (tmp_path / "in.txt").write_text(text)
    vault = str(tmp_path / "v.vault")
    code, masked, _ = said(capfd, "scrub", str(tmp_path / "in.txt"), "--vault", vault)
    assert code == 0 and "ada@" not in masked and "7946" not in masked
    (tmp_path / "masked.txt").write_text(masked)
    assert said(capfd, "restore", str(tmp_path / "masked.txt"), "--vault", vault) == (0, text, "")


def test_a_file_of_lines_keeps_order_ids_and_offsets_into_the_input(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    rows = [{"id": f"r{i}", "text": f"row {i}: user{i}@example.org", "extra": i} for i in range(5)]
    source, target = tmp_path / "x.jsonl", tmp_path / "y.jsonl"
    source.write_text("".join(json.dumps(row) + "\n" for row in rows))
    assert call("scrub", "--in", str(source), "--out", str(target)) == 0
    written = [json.loads(line) for line in target.read_text().splitlines()]
    assert [row["id"] for row in written] == [row["id"] for row in rows]
    for before, after in zip(rows, written, strict=True):
        (span,) = after["spans"]
        assert str(before["text"])[span["start"] : span["end"]] == f"user{before['extra']}@example.org"
        assert set(after) == {"id", "text", "spans"} and "@" not in after["text"]


def test_a_broken_line_is_named_and_the_next_try_goes_on(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    source, target = tmp_path / "x.jsonl", tmp_path / "y.jsonl"
    good = [json.dumps({"text": f"line {i}"}) for i in range(3)]
    source.write_text("\n".join([*good[:2], '{"text": 7}', good[2]]))
    code, _, err = said(capfd, "scrub", "--in", str(source), "--out", str(target))
    assert code == 2 and "line 3" in err and err.count("\n") == 1 and not target.exists()
    source.write_text("\n".join(good))
    assert call("scrub", "--in", str(source), "--out", str(target), "--resume") == 0
    assert [json.loads(line)["text"] for line in target.read_text().splitlines()] == ["line 0", "line 1", "line 2"]


def test_lines_that_are_gone_on_with_come_back_from_one_vault(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    source, target, vault = tmp_path / "x.jsonl", tmp_path / "y.jsonl", tmp_path / "v.vault"
    good = [json.dumps({"text": f"Write to user{i}@example.org"}) for i in range(2001)]
    args = ("scrub", "--in", str(source), "--out", str(target), "--vault", str(vault))
    source.write_text("\n".join([*good[:2000], '{"text": 7}']))
    assert call(*args) == 2 and vault.exists()
    source.write_text("\n".join(good))
    kept = vault.read_bytes()
    vault.unlink()
    code, _, err = said(capfd, *args, "--resume")
    assert code == 2 and "without --resume" in err and not target.exists()
    vault.write_bytes(kept)
    vault.chmod(0o600)
    assert call(*args, "--resume") == 0
    masked = [json.loads(line)["text"] for line in target.read_text().splitlines()]
    assert len(set(masked)) == 2001
    (tmp_path / "masked.txt").write_text("\n".join(masked[-2:]))
    capfd.readouterr()
    code, back, _ = said(capfd, "restore", str(tmp_path / "masked.txt"), "--vault", str(vault))
    assert code == 0 and back == "Write to user1999@example.org\nWrite to user2000@example.org"


@pytest.mark.parametrize(
    ("args", "code", "word"),
    [
        (("ask", "hello"), 2, "which model"),
        (("ask", " ", "--model", "local/smollm2"), 2, "empty"),
        (("ask", "hello", "--model", "nobody/knows"), 2, "nobody/knows"),
        (("ask", "hello", "--model", "replay/none.jsonl"), 2, "none.jsonl"),
        (("ask", "hello", "--model", "replay/none.jsonl", "--task", "shoes"), 2, "none.jsonl"),
        (("run", "exp999"), 2, "exp001"),
        (("run", "exp003", "--cola", "many"), 2, "--cola"),
        (("run", "exp003", "--cola", "5"), 2, "which model"),
        (("scrub", "no-such-file"), 2, "no-such-file"),
        (("scrub", "--in", "x.jsonl"), 2, "belong together"),
        (("scrub", "--style", "pink", "README.md"), 2, "pink"),
        (("restore", "--vault", "no.vault"), 1, "no.vault"),
        (("tools", "show", "shoes/size"), 2, "shoes/size"),
        (("ledger", "show", "abcdef"), 2, "abcdef"),
        (("nonsense",), 2, "nonsense"),
    ],
)
def test_a_wrong_call_is_one_line_that_says_what_to_do(
    args: tuple[str, ...], code: int, word: str, capfd: pytest.CaptureFixture[str]
) -> None:
    got, out, err = said(capfd, *args)
    assert (got, out) == (code, "")
    assert word in err and err.count("\n") == 1 and err.startswith("self-distill: ")


def test_a_server_that_is_down_is_one_line(capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_BASE_URL", "http://127.0.0.1:9/v1")
    monkeypatch.setenv("SELF_DISTILL_ATTEMPTS", "1")
    code, out, err = said(capfd, "ask", "hello", "--model", "openai/x")
    assert (code, out, err.count("\n")) == (1, "", 1) and "127.0.0.1:9" in err


def test_a_state_folder_that_cannot_be_written_is_one_line(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("SELF_DISTILL_STATE", str(tmp_path / "file" / "state"))
    code, out, err = said(capfd, "ledger", "show")
    assert (code, out, err.count("\n")) == (2, "", 1) and "ledger" in err


def test_doctor_checks_every_part(capfd: pytest.CaptureFixture[str]) -> None:
    code, out, _ = said(capfd, "doctor", "--json")
    rows = {row["check"]: row for row in json.loads(out)}
    assert code == 0 and {"macros", "sandbox", "tools", "ledger", "model", "extras"} <= set(rows)
    assert rows["sandbox"]["detail"] == "runs a rule" and "exactly" in rows["macros"]["detail"]


def test_importing_the_package_loads_nothing_heavy() -> None:
    code = "import sys, self_distill; print(','.join(sorted(sys.modules)))"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    heavy = {
        "pydantic",
        "polars",
        "aiohttp",
        "sqlalchemy",
        "phonenumbers",
        "numpy",
        "matplotlib",
        "mlflow",
        "hyperscan",
    }
    assert not heavy & set(loaded.strip().split(","))


def test_lines_are_restored_as_json_whatever_a_value_holds(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "s.toml").write_text("[macros.deny]\nCODE = ['blue \"bird\"']\n")
    monkeypatch.setenv("SELF_DISTILL_CONFIG", str(tmp_path / "s.toml"))
    text = 'the "blue "bird"" of ada@example.org'
    (tmp_path / "x.jsonl").write_text(json.dumps({"id": 1, "text": text}) + "\n")
    vault = ("--vault", str(tmp_path / "v.vault"))
    assert call("scrub", "--in", str(tmp_path / "x.jsonl"), "--out", str(tmp_path / "y.jsonl"), *vault) == 0
    code, out, _ = said(capfd, "restore", str(tmp_path / "y.jsonl"), *vault)
    assert code == 0 and json.loads(out)["text"] == text
    (tmp_path / "y.jsonl").write_text("no json\n")
    code, _, err = said(capfd, "restore", str(tmp_path / "y.jsonl"), *vault)
    assert code == 2 and "line 1" in err


def test_calls_that_would_lose_something_are_refused_in_one_line(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    source, target = tmp_path / "x.jsonl", tmp_path / "y.jsonl"
    source.write_text(json.dumps({"text": "ada@example.org"}) + "\n")
    for args in (
        ("--in", str(source), "--out", str(source)),
        ("--in", str(source), "--out", str(target), "--explain"),
        ("--resume",),
    ):
        code, out, err = said(capfd, "scrub", *args)
        assert code == 2 and not out and err.count("\n") == 1
    assert call("scrub", "--in", str(source), "--out", str(target)) == 0
    source.write_text(source.read_text() * 2)
    code, _, err = said(capfd, "scrub", "--in", str(source), "--out", str(target), "--resume")
    assert code == 2 and "has 2 lines" in err
    code, out, err = said(capfd, "scrub", str(source), "--vault", str(source / "v"))
    assert code != 0 and not out
