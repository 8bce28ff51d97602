from __future__ import annotations

from html.parser import HTMLParser

from hypothesis import given
from hypothesis import strategies as st

from self_distill.rlm.page import page
from self_distill.rlm.trajectory import Event, Tree
from self_distill.rlm.way import Outcome
from self_distill.types import Usage

NASTY = "</pre><script>alert(1)</script><img src=x onerror=y>\"'&amp;"
HEAD = {"question": f"Who? {NASTY}", "model": NASTY, "trace": "t"}


def story(text: str) -> list[Event]:
    return [
        Event("start", "0", text=text),
        Event("turn", "0", turn=1),
        Event("reply", "0", text=text, by="model:m", usage=Usage(5, 2)),
        Event("call", "0.1", text=text, output="llm"),
        Event("answer", "0.1", text=text, by="rule:a/b@1234"),
        Event("call", "0.2", text=text, output="rlm"),
        Event("start", "0.2", text=text),
        Event("reply", "0.2", turn=1, text=text, by=text, usage=Usage(3, 1)),
        Event("answer", "0.2", text=text, by=text, usage=Usage(), error=text),
        Event("cell", "0", turn=1, text=text, output=text, error=text),
        Event("end", "0", text=text, by="rlm:m"),
    ]


class Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.seen: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.add(tag)
        assert not any(name.startswith("on") or name in ("src", "href") for name, _ in attrs)


@given(st.text(max_size=60) | st.just(NASTY))
def test_no_text_of_a_run_becomes_markup(text: str) -> None:
    tags = Tags()
    tags.feed(page(HEAD, story(text), Outcome(text, False, text, 1, text)))
    assert tags.seen <= set("html head meta title style body h1 h4 p span details summary b pre mark".split())


def test_the_page_loads_nothing_and_marks_what_stands_for_a_value() -> None:
    html = page(HEAD, story("to [EMAIL_12] and [SSN_MASKED]"), Outcome("x", True, "rlm:m", 1))
    assert "Content-Security-Policy\" content=\"default-src 'none'" in html
    assert "<mark>[EMAIL_12]</mark> and <mark>[SSN_MASKED]</mark>" in html
    assert 'class="free">rule:a/b@1234' in html


def test_events_fold_into_a_tree_with_the_tokens_of_each_node() -> None:
    root = Tree(story("x")).root
    assert (root.usage, root.total, root.below()) == (Usage(5, 2), Usage(8, 3), 2)
    assert [child.by for child in root.children.values()] == ["rule:a/b@1234", "x"]


@given(st.lists(st.sampled_from(story("t [EMAIL_1]"))))
def test_events_survive_the_way_through_json(events: list[Event]) -> None:
    assert [Event.from_json(event.as_json()) for event in events] == events
    Tree(events)
