"""ingress-nginx's grammar of a tcp-services entry."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from migrate.cluster.tcp_services import RESERVED, atoi, parse_entry


@pytest.mark.parametrize(
    ("value", "namespace", "service", "port", "decode", "encode"),
    [
        ("jenkins/agent:50000", "jenkins", "agent", "50000", False, False),
        ("jenkins/agent:agent-listener", "jenkins", "agent", "agent-listener", False, False),
        ("jenkins/agent:50000:PROXY", "jenkins", "agent", "50000", True, False),
        ("jenkins/agent:50000:proxy", "jenkins", "agent", "50000", True, False),
        ("jenkins/agent:50000:PROXY:PROXY", "jenkins", "agent", "50000", True, True),
        ("jenkins/agent:50000::PROXY", "jenkins", "agent", "50000", False, True),
        # The encode slot counts only when there are exactly four parts.
        ("jenkins/agent:50000:PROXY:PROXY:x", "jenkins", "agent", "50000", True, False),
        ("jenkins/agent:50000:yes:no", "jenkins", "agent", "50000", False, False),
        # Whitespace is part of the names: such a Service or port is not found later.
        (" jenkins/agent : 50000", " jenkins", "agent ", " 50000", False, False),
        ("jenkins/agent:", "jenkins", "agent", "", False, False),
        ("/agent:1", "", "agent", "1", False, False),
    ],
)
def test_values(
    value: str, namespace: str, service: str, port: str, decode: bool, encode: bool
) -> None:
    entry = parse_entry("50000", value)
    assert entry.problem is None
    assert (entry.namespace, entry.service, entry.service_port) == (namespace, service, port)
    assert (entry.proxy_decode, entry.proxy_encode) == (decode, encode)
    assert entry.external_port == 50000


@pytest.mark.parametrize(
    ("key", "value", "problem"),
    [
        ("agents", "a/b:1", '"agents" is not a valid TCP port number'),
        (" 50000", "a/b:1", '" 50000" is not a valid TCP port number'),
        ("50_000", "a/b:1", '"50_000" is not a valid TCP port number'),
        ("٥٠", "a/b:1", '"٥٠" is not a valid TCP port number'),
        (
            "443",
            "a/b:1",
            "Port 443 cannot be used for TCP stream services. "
            "It is reserved for the Ingress controller.",
        ),
        ("50000", "a/b", 'Invalid Service reference "a/b" for TCP port 50000'),
        ("50000", "", 'Invalid Service reference "" for TCP port 50000'),
        ("50000", "b:1", "invalid format (namespace/name) found in 'b'"),
        ("50000", "a/b/c:1", "invalid format (namespace/name) found in 'a/b/c'"),
        ("0", "a/b:1", "nginx can't listen on port 0"),
        ("-5", "a/b:1", "nginx can't listen on port -5"),
        ("70000", "a/b:1", "nginx can't listen on port 70000"),
    ],
)
def test_problems_in_the_words_of_ingress_nginx(key: str, value: str, problem: str) -> None:
    assert parse_entry(key, value).problem == problem


def test_reserved_ports_move_with_the_flags() -> None:
    assert frozenset({80, 443, 442, 8181, 10254, 10245, 10246, 10247}) == RESERVED
    moved = (RESERVED - {8181}) | {9090}
    assert parse_entry("8181", "a/b:1", moved).problem is None
    assert "reserved" in (parse_entry("9090", "a/b:1", moved).problem or "")


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("50000", 50000),
        ("+50000", 50000),
        ("-1", -1),
        ("0050", 50),
        ("9223372036854775807", 2**63 - 1),
        ("9223372036854775808", None),
        ("-9223372036854775808", -(2**63)),
        ("0" * 5000 + "7", 7),
        ("9" * 5000, None),
        ("", None),
        ("+", None),
        ("5 ", None),
        ("5\n", None),
        ("0x10", None),
        ("1e3", None),
    ],
)
def test_atoi_as_go_does(text: str, number: int | None) -> None:
    assert atoi(text) == number


@given(st.integers(min_value=-(2**63), max_value=2**63 - 1))
def test_atoi_reads_every_int64(number: int) -> None:
    assert atoi(str(number)) == number


@given(st.text(max_size=30), st.text(max_size=60))
def test_anything_is_an_entry_or_a_problem(key: str, value: str) -> None:
    entry = parse_entry(key, value)
    assert (entry.key, entry.value) == (key, value)
    if entry.problem is None:
        assert entry.external_port not in RESERVED
        assert entry.namespace is not None
        assert value.startswith(f"{entry.namespace}/{entry.service}:{entry.service_port}")
    elif entry.namespace is None:
        assert not (entry.proxy_decode or entry.proxy_encode)


_NAME = st.text(alphabet="abcdefghijklmnopqrstuvwxyz0123456789-. ", min_size=0, max_size=12)


@given(
    st.integers(min_value=1, max_value=65535).filter(lambda p: p not in RESERVED),
    _NAME,
    _NAME,
    _NAME,
    st.lists(st.sampled_from(["PROXY", "proxy", "ProXy", "", "x"]), max_size=4),
)
def test_round_trip(
    port: int, namespace: str, service: str, service_port: str, slots: list[str]
) -> None:
    entry = parse_entry(str(port), ":".join([f"{namespace}/{service}", service_port, *slots]))
    assert entry.problem is None
    assert (entry.external_port, entry.namespace) == (port, namespace)
    assert (entry.service, entry.service_port) == (service, service_port)
    assert entry.proxy_decode == bool(slots and slots[0].upper() == "PROXY")
    assert entry.proxy_encode == (len(slots) == 2 and slots[1].upper() == "PROXY")
