"""Nothing that looks like a secret gets through."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from migrate.model.secrets import MASK, mask

HEX64 = "0123456789abcdef" * 4
TOKEN = "11" + "a1b2c3d4" * 4


@pytest.mark.parametrize(
    ("text", "hidden"),
    [
        (f"java -jar agent.jar -secret {HEX64} -name n", HEX64),
        (f"hudson.remoting.jnlp.Main -headless -url u {HEX64} n", HEX64),
        (f"<argument>{HEX64}</argument>", HEX64),
        (f"curl -u admin:{TOKEN} https://j/", TOKEN),
        ("https://ann:hunter2@j.example.org/", "hunter2"),
        ("Authorization: Bearer abc.def-1", "abc.def-1"),
        ("Authorization: Basic YWRtaW46c2VjcmV0", "YWRtaW46c2VjcmV0"),
        ("--password=hunter2", "hunter2"),
        ("-jnlpCredentials ann:hunter2", "hunter2"),
        ("JENKINS_SECRET=hunter2 java", "hunter2"),
        ("DB_PASSWORD=hunter2", "hunter2"),
        ("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.sig", "eyJzdWIiOiIxIn0"),
    ],
)
def test_secrets_are_masked(text: str, hidden: str) -> None:
    shown = mask(text)
    assert hidden not in shown
    assert MASK in shown


@pytest.mark.parametrize(
    "text",
    [
        "java -jar agent.jar -secret @/srv/secret-file -name n",
        "node-a is on WebSocket, remoting 3160.vd76b_9ddd10cc",
        "uid 11111111-1111-4111-8111-111111111111",
        "https://j.example.org:8443/computer/a/",
    ],
)
def test_the_rest_stays_readable(text: str) -> None:
    assert mask(text) == text


@given(
    st.text(max_size=60),
    st.text("0123456789abcdef", min_size=64, max_size=64),
    st.text(max_size=60),
)
def test_an_agent_secret_between_blanks_never_survives(
    before: str, secret: str, after: str
) -> None:
    assert secret not in mask(f"{before} {secret} {after}")


@given(st.text(max_size=120))
def test_masking_twice_changes_nothing(text: str) -> None:
    assert mask(mask(text)) == mask(text)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("-Djavax.net.ssl.trustStorePassword=hid a", "-Djavax.net.ssl.trustStorePassword=**** a"),
        ('"-Dssl.keyStorePassword=hid den" x', '"-Dssl.keyStorePassword=****" x'),
        ("-Dhttp.proxyPassword='hid den' x", "-Dhttp.proxyPassword=**** x"),
        ("-Dmy.api-key=hid", "-Dmy.api-key=****"),
        ("-Dapp.secret=@hid", "-Dapp.secret=****"),
        ("-Djavax.net.ssl.trustStore=/etc/cacerts", "-Djavax.net.ssl.trustStore=/etc/cacerts"),
    ],
)  # fmt: skip
def test_javas_properties_with_a_secret(text: str, shown: str) -> None:
    assert mask(text) == shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("http://bob:p@ss@p:3128 x", "http://****@p:3128 x"),
        ("http://bob:p/w@p:3128", "http://****@p:3128"),
        ("http_proxy=bob:p@ss@p:3128", "http_proxy=****@p:3128"),
        ("HTTPS_PROXY='bob:pw@p:3128'", "HTTPS_PROXY='****@p:3128'"),
        ("curl -x bob:pw@p:3128 https://j/", "curl -x ****@p:3128 https://j/"),
        ("curl --proxy=bob:pw@p https://j/", "curl --proxy=****@p https://j/"),
        # No password: a port, and a name with an @.
        ("https://j:8443/computer/a@b/", "https://j:8443/computer/a@b/"),
        ("https://j/a:b@c", "https://j/a:b@c"),
        (
            "no_proxy=a,b http_proxy=http://p:3128/ mail=a@b",
            "no_proxy=a,b http_proxy=http://p:3128/ mail=a@b",
        ),
    ],
)
def test_a_proxys_user_is_cut_off_however_it_is_written(text: str, shown: str) -> None:
    assert mask(text) == shown
