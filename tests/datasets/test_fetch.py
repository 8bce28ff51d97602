from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from self_distill.datasets.fetch import REMOTE, Remote, cache_folder, fetched
from self_distill.errors import DataError

BODY = b"rows\n" * 1000


@dataclass
class Site:
    """Serves `BODY` under any path but /none; /cut promises more than it sends."""

    url: str
    asked: list[str] = field(default_factory=list)

    def file(self, path: str, name: str = "set/a.txt", body: bytes = BODY) -> Remote:
        return Remote(name, f"{self.url}{path}", sha256(body).hexdigest())


@pytest.fixture
def site() -> Iterator[Site]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            found.asked.append(self.path)
            self.send_response(404 if self.path == "/none" else 200)
            self.send_header("content-length", str(len(BODY)))
            self.end_headers()
            self.wfile.write(BODY[:99] if self.path == "/cut" else BODY)

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        found = Site(f"http://127.0.0.1:{server.server_port}")
        threading.Thread(target=server.serve_forever, args=(0.01,)).start()
        yield found
        server.shutdown()


def refused(remote: Remote, folder: Path) -> str:
    with pytest.raises(DataError) as error:
        fetched([remote], folder)
    assert "\n" not in str(error.value)
    assert not [path for path in folder.rglob("*") if path.is_file()], "something was half there"
    return str(error.value)


def test_files_are_fetched_once_and_kept(site: Site, tmp_path: Path) -> None:
    files = [site.file("/a"), site.file("/b", "set/b.txt")]
    assert fetched(files[:1], tmp_path) == tmp_path
    fetched(files, tmp_path)
    assert site.asked == ["/a", "/b"]
    assert (tmp_path / "set/a.txt").read_bytes() == (tmp_path / "set/b.txt").read_bytes() == BODY


def test_another_file_than_the_known_one_is_not_kept(site: Site, tmp_path: Path) -> None:
    assert "SHA-256 differs" in refused(site.file("/a", body=b"others"), tmp_path)


def test_half_a_file_is_not_kept(site: Site, tmp_path: Path) -> None:
    assert f"{site.url}/cut" in refused(site.file("/cut"), tmp_path)


def test_a_missing_file_says_what_to_do(site: Site, tmp_path: Path) -> None:
    assert "(HTTP 404): give a folder that has the data with --data" in refused(site.file("/none"), tmp_path)


def test_without_a_network_it_says_what_to_do(tmp_path: Path) -> None:
    remote = Remote("a.txt", "http://127.0.0.1:9/a.txt", "0" * 64)
    assert "cannot be had (URLError): give a folder that has the data with --data" in refused(remote, tmp_path)


def test_a_cache_that_cannot_be_written_says_what_to_do(site: Site, tmp_path: Path) -> None:
    (tmp_path / "set").write_text("a file where a folder should be")
    with pytest.raises(DataError, match="give a folder that has the data with --data"):
        fetched([site.file("/a")], tmp_path)
    assert site.asked == []


def test_the_public_files_are_named_at_a_commit_with_their_hash() -> None:
    for remotes in REMOTE.values():
        for remote in remotes:
            assert len(remote.sha256) == 64 and remote.url.startswith("https://")
            assert any(len(part) == 40 for part in remote.url.split("/"))


def test_the_cache_is_where_the_desktop_keeps_its_caches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", "/somewhere")
    assert cache_folder() == Path("/somewhere/self-distill/data")
