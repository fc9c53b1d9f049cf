"""Windows over midnight, over changes of the clocks, and deadlines."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from migrate.engine.admission.window import (
    Limits,
    parse_deadline,
    parse_window,
    parse_windows,
)
from migrate.model.errors import UsageProblem


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


def is_open(window: str, when: str) -> bool:
    return parse_window(window, UTC).around(at(when)) is not None


@pytest.mark.parametrize(
    ("window", "when", "expected"),
    [
        ("Sat 22:00-02:00 Europe/Berlin", "2026-01-31T22:00+01:00", True),
        ("Sat 22:00-02:00 Europe/Berlin", "2026-01-31T21:59:59+01:00", False),
        ("Sat 22:00-02:00 Europe/Berlin", "2026-02-01T01:59:59+01:00", True),  # Sunday already
        ("Sat 22:00-02:00 Europe/Berlin", "2026-02-01T02:00+01:00", False),
        ("Sat 22:00-02:00 Europe/Berlin", "2026-01-31T01:00+01:00", False),  # of no Friday
        ("Mon-Fri 20:00-06:00", "2026-01-30T23:00Z", True),
        ("Mon-Fri 20:00-06:00", "2026-01-31T05:00Z", True),
        ("Mon-Fri 20:00-06:00", "2026-01-31T23:00Z", False),
        ("Fri-Mon 01:00-02:00", "2026-02-01T01:30Z", True),
        ("Fri-Mon 01:00-02:00", "2026-02-03T01:30Z", False),
        ("daily 01:00-24:00 UTC", "2026-02-03T23:59Z", True),
        ("01:00-04:00", "2026-02-03T03:59Z", True),
        ("daily 00:00-00:00", "2026-02-03T12:00Z", True),
        # The night when clocks go forward in Berlin: 02:30 does not exist, 03:30 is in.
        ("Sun 01:00-04:00 Europe/Berlin", "2026-03-29T03:30+02:00", True),
        ("Sun 01:00-04:00 Europe/Berlin", "2026-03-29T04:00+02:00", False),
    ],
)
def test_a_window_is_open(window: str, when: str, expected: bool) -> None:
    assert is_open(window, when) is expected


def test_a_night_with_a_change_of_the_clocks_has_its_real_length() -> None:
    window = parse_window("Sat 22:00-04:00 Europe/Berlin", UTC)
    spring = window.around(at("2026-03-28T23:00+01:00"))
    autumn = window.around(at("2026-10-24T23:00+02:00"))
    assert spring is not None and spring[1] - spring[0] == timedelta(hours=5)
    assert autumn is not None and autumn[1] - autumn[0] == timedelta(hours=7)


def test_the_next_opening_keeps_its_local_hour_over_a_change_of_the_clocks() -> None:
    window = parse_window("Sun 22:00-23:00 Europe/Berlin", UTC)
    assert window.next_opening(at("2026-03-23T12:00Z")) == at("2026-03-29T22:00+02:00")


def test_several_windows_in_one_text_and_lists_of_days() -> None:
    found = parse_windows(
        ["Sat,Sun 01:00-05:00 America/New_York, Wed 22:00-23:00 UTC", "daily 3:00-4:00"], UTC
    )
    assert [sorted(w.days) for w in found] == [[5, 6], [2], list(range(7))]


def test_windows_that_touch_are_one() -> None:
    limits = Limits(parse_windows(["Sat 22:00-24:00, Sun 00:00-03:00"], UTC))
    assert limits.ends(at("2026-01-31T23:00Z")) == at("2026-02-01T03:00Z")


def test_the_deadline_and_the_window_whichever_is_first() -> None:
    windows = parse_windows(["daily 20:00-23:00"], UTC)
    early, late = at("2026-01-31T21:00Z"), at("2026-02-02T00:00Z")
    now = at("2026-01-31T20:30Z")
    assert Limits(windows, early).ends(now) == early
    assert Limits(windows, late).ends(now) == at("2026-01-31T23:00Z")
    assert Limits((), early).ends(at("2026-01-31T22:00Z")) == at("2026-01-31T22:00Z")


def test_the_next_opening_is_told_in_the_zone_of_the_window() -> None:
    limits = Limits(parse_windows(["Sat 22:00-02:00 Europe/Berlin"], UTC))
    told = limits.told_opening(at("2026-01-28T12:00Z"))
    assert "2026-01-31 22:00 CET" in told
    assert "2026-01-31 21:00 UTC" in told


@pytest.mark.parametrize(
    "text",
    ["", "Sat", "Sat 22-02", "Sat 25:00-26:00", "Sat 22:00-02:00 Mars/Olympus", "Xyz 1:00-2:00",
     "Sat 22:00", "Sat 22:00-02:00 ../../etc/passwd"],
)  # fmt: skip
def test_what_is_no_window_is_a_usage_problem(text: str) -> None:
    with pytest.raises(UsageProblem):
        parse_window(text, UTC)


def test_deadlines() -> None:
    now = at("2026-01-31T20:00Z")
    assert parse_deadline("2h", now, UTC) == at("2026-01-31T22:00Z")
    assert parse_deadline("2026-02-01T04:00+01:00", now, UTC) == at("2026-02-01T03:00Z")
    assert parse_deadline("2026-02-01T04:00", now, UTC) == at("2026-02-01T04:00Z")
    with pytest.raises(UsageProblem):
        parse_deadline("soon", now, UTC)


moments = st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31)).map(
    lambda d: d.replace(tzinfo=UTC, microsecond=0)
)
clocks = st.times().map(lambda t: f"{t:%H:%M}")
zones = st.sampled_from(["UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe"])
days = st.sampled_from(["daily", "Sat", "Mon-Fri", "Fri-Mon", "Tue,Thu"])


@given(moments, days, clocks, clocks, zones)
def test_when_closed_it_opens_next_and_is_open_then(
    now: datetime, on: str, first: str, last: str, zone: str
) -> None:
    window = parse_window(f"{on} {first}-{last} {zone}", UTC)
    found = window.around(now)
    if found is not None:
        assert found[0] <= now < found[1]
    opening = window.next_opening(now)
    assert opening > now
    there = window.around(opening)
    # An hour that the change of the clocks leaves out makes a window without length.
    assert there is None or there[0] <= opening
    local = opening.astimezone(window.zone)
    if there is not None and local.fold == 0 and f"{local:%H:%M}" == first:
        assert local.weekday() in window.days
