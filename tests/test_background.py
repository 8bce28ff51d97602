from __future__ import annotations

import signal
import subprocess
import sys

import pytest

ENDLESS = """
import asyncio, signal
signal.signal(signal.SIGINT, signal.default_int_handler)
import polars
from self_distill.background import run_sync

async def work():
    print("begun", flush=True)
    try:
        await asyncio.Event().wait()
    finally:
        print("cancelled", flush=True)

try:
    run_sync(work())
except KeyboardInterrupt:
    print("interrupted", flush=True)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="no SIGINT for a single process")
def test_an_interrupt_reaches_who_waits_also_where_a_library_took_the_signal() -> None:
    process = subprocess.Popen([sys.executable, "-c", ENDLESS], stdout=subprocess.PIPE, text=True)
    assert process.stdout
    assert process.stdout.readline() == "begun\n"
    process.send_signal(signal.SIGINT)
    out, _ = process.communicate(timeout=60)
    assert out.split() == ["cancelled", "interrupted"] and process.returncode == 0
