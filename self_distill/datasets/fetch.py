"""Public files by download: checked against a known SHA-256, kept in a cache, never half there."""

from __future__ import annotations

import hashlib
import http.client
import os
import tempfile
import urllib.error
import urllib.request
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from self_distill.errors import DataError

SECONDS = 60.0
BLOCK = 1 << 20
GITHUB = "https://raw.githubusercontent.com"
_COLA = f"{GITHUB}/nyu-mll/CoLA-baselines/dd095d3646ed05a315280aaa8ed4ec84ba435b3e/acceptability_corpus/raw"
_GSM8K = f"{GITHUB}/openai/grade-school-math/3101c7d5072418e28b9008a6636bde82a006892c/grade_school_math/data"


@dataclass(frozen=True, slots=True)
class Remote:
    """A file at a fixed commit; `path` is its place in the cache."""

    path: str
    url: str
    sha256: str


REMOTE: dict[str, tuple[Remote, ...]] = {
    "cola": (
        Remote(
            "cola/raw/in_domain_train.tsv",
            f"{_COLA}/in_domain_train.tsv",
            "cb368ebeb9f27d7ad03720d27ddc95687a311bdb100781a2fe59a5f5b1bc0624",
        ),
        Remote(
            "cola/raw/in_domain_dev.tsv",
            f"{_COLA}/in_domain_dev.tsv",
            "1cb3318c392433f6e75e399f7d1ccc16544ff3c0d17712e702467a93c19d1392",
        ),
        Remote(
            "cola/raw/out_of_domain_dev.tsv",
            f"{_COLA}/out_of_domain_dev.tsv",
            "20619967264bdf09937dd2a0ae509e83d142d9977ff8a84be4c7f3cdb6041c1e",
        ),
    ),
    "gsm8k": (
        Remote(
            "gsm8k/train.jsonl",
            f"{_GSM8K}/train.jsonl",
            "17f347dc51477c50d4efb83959dbb7c56297aba886e5544ee2aaed3024813465",
        ),
        Remote(
            "gsm8k/test.jsonl",
            f"{_GSM8K}/test.jsonl",
            "3730d312f6e3440559ace48831e51066acaca737f6eabec99bccb9e4b3c39d14",
        ),
    ),
}


def cache_folder() -> Path:
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "self-distill" / "data"


def fetched(remotes: Sequence[Remote], folder: Path, seconds: float = SECONDS) -> Path:
    """`folder` with all the files in it; those that are there already are not asked for again. Raises
    `DataError` when one cannot be had or is not the known one."""
    for remote in remotes:
        if not (folder / remote.path).is_file():
            _download(remote, folder / remote.path, seconds)
    return folder


def _download(remote: Remote, target: Path, seconds: float) -> None:
    part = ""
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        handle, part = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
        digest = hashlib.sha256()
        with os.fdopen(handle, "wb") as file, urllib.request.urlopen(remote.url, timeout=seconds) as reply:
            while block := reply.read(BLOCK):
                digest.update(block)
                file.write(block)
        if digest.hexdigest() != remote.sha256:
            raise DataError(f"{remote.url} is not the file that was measured here (SHA-256 differs): nothing was kept")
        os.replace(part, target)
    except (OSError, http.client.HTTPException) as error:
        reason = type(error).__name__
        if isinstance(error, urllib.error.HTTPError):
            error.close()
            reason = f"HTTP {error.code}"
        raise DataError(f"{remote.url} cannot be had ({reason}): give a folder that has the data with --data") from None
    finally:
        if part:
            Path(part).unlink(missing_ok=True)
