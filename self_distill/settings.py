"""Settings from `self-distill.toml`, the environment (`SELF_DISTILL_…`) and arguments; later ones win.

```toml
model = "llama3.2:3b"
tools = ["tools"]
[macros]
default_style = "numbered"
styles = { SSN = "masked" }
deny = { PROJECT = ["Bluebird"] }
```
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from self_distill.errors import SettingsError

SHIPPED = Path(__file__).parent / "shipped"


def shipped(name: str) -> Path:
    """A folder that comes with the program (`tools`, `tasks`, `experiments`): inside the installed package,
    or in the checkout it runs from."""
    return (SHIPPED if SHIPPED.is_dir() else Path(__file__).parents[1]) / name


class MacroTable(BaseModel):
    """How sensitive values are found and replaced."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    default_style: str = "numbered"
    styles: dict[str, str] = {}
    thresholds: dict[str, float] = {}
    regions: tuple[str, ...] = ()
    allow: tuple[str, ...] = ()
    deny: dict[str, tuple[str, ...]] = {}
    patterns: dict[str, tuple[str, ...]] = {}
    names: bool = True
    presidio: bool = False
    seconds: float = Field(default=30.0, gt=0)


class Settings(BaseSettings):
    """`state` holds the ledger and keys; `at_once` bounds calls under way; `seconds` bounds one call; `carried` is
    what a recorded cassette says of how requests reached the model; `constrain` and `threads` are for the model's
    client (`ClientOptions`). `audit_rate` is the share of certified answers that are audited; with `approve_by_hand`
    what was certified waits for `tools approve`."""

    model_config = SettingsConfigDict(
        frozen=True, extra="forbid", env_prefix="SELF_DISTILL_", env_nested_delimiter="__"
    )
    model: str = ""
    state: Path = Path("~/.local/state/self-distill").expanduser()
    ledger: str = ""
    data: Path | None = None
    tools: tuple[Path, ...] = ()
    tasks: tuple[Path, ...] = ()
    seconds: float = Field(default=120.0, gt=0)
    attempts: int = Field(default=4, ge=1)
    at_once: int = Field(default=16, ge=1)
    remembered: int = Field(default=1024, ge=0)
    vault_hours: float = Field(default=24 * 30, gt=0)
    price_table: Path | None = None
    carried: str = "directly"
    constrain: bool = True
    threads: int = Field(default=0, ge=0)
    audit_rate: float = Field(default=0.02, ge=0, le=1)
    approve_by_hand: bool = False
    macros: MacroTable = MacroTable()

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        file = TomlConfigSettingsSource(settings_cls, config_file())
        return init_settings, env_settings, file

    @property
    def ledger_url(self) -> str:
        return self.ledger or str(self.state / "ledger.db")

    @property
    def tool_folders(self) -> tuple[Path, ...]:
        """Without the setting: the folder that `distill` writes to, if it is here, then the shipped one."""
        if self.tools:
            return self.tools
        here = Path(TOOLS)
        own = (here / TESTS).is_file() and here.resolve() != shipped(TOOLS).resolve()
        return (here, shipped(TOOLS)) if own else (shipped(TOOLS),)

    @property
    def task_folders(self) -> tuple[Path, ...]:
        return (*self.tasks, shipped("tasks"))


TOOLS, TESTS = "tools", "tests.jsonl"
"""The folder of rules, and what `distill` leaves in every one: how many tests were made."""


def config_file() -> Path:
    return Path(os.environ.get("SELF_DISTILL_CONFIG") or "self-distill.toml")


def load_settings(**given: Any) -> Settings:
    """Settings with `given` on top (None is not given); raises `SettingsError` that names the key."""
    try:
        return Settings(**{key: value for key, value in given.items() if value is not None})
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(map(str, first["loc"]))
        raise SettingsError(f"setting `{key}`: {first['msg'].lower()} (in {config_file()} or SELF_DISTILL_*)") from None
    except (OSError, ValueError) as error:
        raise SettingsError(f"{config_file()}: {error}") from None
