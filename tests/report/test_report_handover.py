"""What owners read."""

import report_samples as samples

from migrate.report.dispatch import render_page
from migrate.report.handover import Page, Told, document, message


def page(text: str = "a", runbook: str = "a.sh") -> Page:
    told = Told(text, text, text, runbook, text)
    return Page(text, "https://jenkins.example.com/", "Friday", "#jenkins", (told,))


def test_the_page_says_what_by_when_how_and_how_back() -> None:
    told = render_page(document(page("team")))
    for words in ("by Friday", "WebSocket", "sh check.sh", "runbooks/a.sh", "undo", "#jenkins"):
        assert words in told, words


def test_the_message_can_be_sent_as_it_is() -> None:
    told = message(page("team"))
    assert told.startswith("Subject: 1 Jenkins agent of team to be moved by Friday\n\n")
    assert "  sh check.sh\n" in told
    assert told.endswith("Questions: #jenkins\n")
    assert max(len(row) for row in told.splitlines()) <= 95


def test_hostile_names_stay_text() -> None:
    told = render_page(document(page(samples.HOSTILE)))
    assert "<script" not in told
    assert "\x1b" not in told + message(page(samples.HOSTILE))
    assert "\n# h" not in message(page(samples.HOSTILE))
