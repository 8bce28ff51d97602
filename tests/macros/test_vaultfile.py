from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from self_distill.errors import VaultError
from self_distill.macros.detectors import DetectorSettings, PatternDetector
from self_distill.macros.scrub import Macros
from self_distill.macros.vault import Vault
from self_distill.macros.vaultfile import forget, load, save, seal, unseal

CODES = PatternDetector(DetectorSettings(deny={"CODE": ("Bluebird", "May", "A")}))
TEXT = "ann@corp.com, [EMAIL_1], https://e.com/?q=Bluebird, May, A and \ud800 10.1.2.30"


def kept(vault: Vault, folder: Path) -> Vault:
    save(vault, folder / "a.vault", folder / "state", hours=1)
    return load(folder / "a.vault", folder / "state")


def refused(path: Path, state: Path) -> str:
    with pytest.raises(VaultError) as error:
        load(path, state)
    assert "\n" not in str(error.value)
    return str(error.value)


@pytest.mark.parametrize("style", ["numbered", "hash", "surrogate", "masked"])
def test_a_loaded_vault_goes_on_as_if_it_had_never_been_away(tmp_path: Path, style: str) -> None:
    macros, vault = Macros([CODES], style=style), Vault()
    shown = macros.scrub(TEXT, vault).text
    again = kept(vault, tmp_path)
    assert macros.restore(shown, again) == macros.restore(shown, vault)
    if style != "masked":
        assert macros.restore(shown, again).text == TEXT
    for text in (TEXT, "b l u e b i r d", "bob@corp.com", "[CODE_1] EMAIL_2"):
        assert macros.scrub(text, again).text == macros.scrub(text, vault).text
    assert again.key == vault.key and dict(again.noted()) == dict(vault.noted()) and again.own == vault.own


@settings(deadline=None, max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.text(max_size=12), max_size=3))
def test_whatever_the_values_are_they_come_back(tmp_path: Path, values: list[str]) -> None:
    vault = Vault()
    macros = Macros([CODES])
    texts = [f"{value} May {value}@corp.com" for value in values]
    shown = [macros.scrub(text, vault).text for text in texts]
    again = kept(vault, tmp_path)
    assert [macros.restore(one, again).text for one in shown] == texts


def test_the_file_and_its_key_are_for_the_owner_only_and_hold_no_value(tmp_path: Path) -> None:
    vault = Vault()
    Macros([CODES]).scrub(TEXT, vault)
    kept(vault, tmp_path)
    for path in (tmp_path / "a.vault", tmp_path / "state" / "vault.key"):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert b"ann@corp" not in path.read_bytes()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.vault", "state"]
    assert [path.name for path in (tmp_path / "state").iterdir()] == ["vault.key"]


def test_the_key_may_come_from_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SELF_DISTILL_VAULT_KEY", Fernet.generate_key().decode())
    kept(Vault(), tmp_path)
    assert not (tmp_path / "state").exists()
    monkeypatch.setenv("SELF_DISTILL_VAULT_KEY", Fernet.generate_key().decode())
    assert "the key does not fit" in refused(tmp_path / "a.vault", tmp_path / "state")
    monkeypatch.setenv("SELF_DISTILL_VAULT_KEY", "short")
    assert "SELF_DISTILL_VAULT_KEY holds no vault key" in refused(tmp_path / "a.vault", tmp_path / "state")


def test_a_file_that_was_cut_or_changed_or_is_missing_or_old_is_refused(tmp_path: Path) -> None:
    path, state = tmp_path / "a.vault", tmp_path / "state"
    assert "No such file" in refused(path, state)
    kept(Vault(), tmp_path)
    whole = path.read_bytes()
    for broken in (whole[:-9], b"", b"\xff\xfe", whole[:40] + b"A" + whole[41:]):
        path.write_bytes(broken)
        assert "cut or changed" in refused(path, state)
    save(Vault(), path, state, hours=-1)
    assert "vault forget" in refused(path, state)
    seal(b"[1, 2]", path, state)
    assert "not a vault" in refused(path, state)
    seal(b"no json", path, state)
    assert unseal(path, state) == b"no json" and "not a vault" in refused(path, state)
    seal(b"[99, 1e12, {}]", path, state)
    assert "another version" in refused(path, state)


def test_without_its_key_a_vault_stays_closed_and_no_new_key_is_made(tmp_path: Path) -> None:
    kept(Vault(), tmp_path)
    (tmp_path / "state" / "vault.key").unlink()
    assert "bring back" in refused(tmp_path / "a.vault", tmp_path / "state")
    assert not (tmp_path / "state" / "vault.key").exists()


def test_a_key_that_others_can_read_is_not_used(tmp_path: Path) -> None:
    kept(Vault(), tmp_path)
    os.chmod(tmp_path / "state" / "vault.key", 0o644)
    assert "chmod 600" in refused(tmp_path / "a.vault", tmp_path / "state")
    with pytest.raises(VaultError, match="chmod 600"):
        save(Vault(), tmp_path / "b.vault", tmp_path / "state", hours=1)


def test_a_file_that_cannot_be_written_leaves_nothing_behind(tmp_path: Path) -> None:
    (tmp_path / "a.vault").mkdir()
    with pytest.raises(VaultError, match="cannot be written"):
        save(Vault(), tmp_path / "a.vault", tmp_path / "state", hours=1)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.vault", "state"]
    (tmp_path / "file").touch()
    with pytest.raises(VaultError, match="file"):
        save(Vault(), tmp_path / "b.vault", tmp_path / "file", hours=1)


def test_a_forgotten_vault_is_gone(tmp_path: Path) -> None:
    kept(Vault(), tmp_path)
    forget(tmp_path / "a.vault")
    assert "No such file" in refused(tmp_path / "a.vault", tmp_path / "state")
    with pytest.raises(VaultError, match="No such file"):
        forget(tmp_path / "a.vault")
