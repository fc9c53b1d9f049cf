"""Version order, and what each version can do."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from migrate.model.versions import (
    Version,
    java_feature,
    java_needed,
    practical_websocket,
    v,
)

ORDER = [
    "2.62",
    "3.14",
    "4.0",
    "4.2.1",
    "4.3",
    "4.11.2",
    "4.13",
    "4.14",
    "3020.vcc32c3b_cc767",
    "3063.v26e24490f041",
    "3107.v665000b_51092",
    "3160.vd76b_9ddd10cc",
    "3206.vb_15dcf73f6a_9",
    "3206.3208.v409508a_675ff",
    "3283.v92c105e0f819",
    "3355.v388858a_47b_33",
    "3355.3357.v931d3c992987",
    "3386.v353e57a_1b_ea_0",
]


def test_old_numbers_come_before_new_ones_and_backports_after_their_base() -> None:
    assert sorted(ORDER, key=v) == ORDER


@given(st.lists(st.integers(0, 9999), min_size=1, max_size=4))
def test_any_dotted_number_is_read(numbers: list[int]) -> None:
    text = ".".join(map(str, numbers))
    assert v(text).numbers == tuple(numbers)
    assert v(text + ".vabc_1") == v(text)
    assert v(f" {text}\n") == v(text)


@pytest.mark.parametrize("text", [None, "", "x", "v3160", "?"])
def test_what_is_no_version_is_none(text: str | None) -> None:
    assert Version.maybe(text) is None
    with pytest.raises(ValueError, match="not a version"):
        v(text or "")


@pytest.mark.parametrize(
    ("core", "works"),
    [
        ("2.204.6", False),
        ("2.217", False),
        ("2.222.1", False),
        ("2.222.3", False),
        ("2.222.4", True),
        ("2.228", False),
        ("2.229", True),
        ("2.235.1", True),
        ("2.426.2", True),
    ],
)
def test_which_controllers_serve_websocket_agents(core: str, works: bool) -> None:
    assert practical_websocket(core) is works


@pytest.mark.parametrize(
    ("remoting", "java"),
    [
        ("4.14", 8),
        ("3025.vf64a_a_3da_6b_55", 8),
        ("3044.vb_940a_a_e4f72e", 11),
        ("3283.v92c105e0f819", 11),
        ("3299.v0d0d06908537", 17),
        ("3355.v388858a_47b_33", 17),
    ],
)
def test_the_java_that_a_jar_needs(remoting: str, java: int) -> None:
    assert java_needed(remoting) == java


@pytest.mark.parametrize(
    ("text", "feature"),
    [
        ("1.8.0_392", 8),
        ("11.0.2", 11),
        ("17.0.9+9", 17),
        ("21", 21),
        ("21-ea", 21),
        (None, None),
        ("x", None),
    ],
)
def test_java_features(text: str | None, feature: int | None) -> None:
    assert java_feature(text) == feature


def test_a_number_of_thousands_of_digits_is_no_version() -> None:
    assert Version.maybe("9" * 5000) is None
