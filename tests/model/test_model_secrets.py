"""Nothing that looks like a secret gets through."""

import time

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


@pytest.mark.parametrize(
    "text",
    [
        "SECRET=hid-den", "export TOKEN='hid den'", "password: hid-den", "password: hid den",
        '{"password": "hid-den"}', '{"password":"hid\\"den"}', '{\\"apiToken\\":\\"hid-den\\"}',
        "AWS_SECRET_ACCESS_KEY=hid/den", "AWS_SESSION_TOKEN=hid-den", "DB_PASS=hid-den",
        "-H 'X-Api-Key: hid-den'", '--header "CF-Access-Client-Secret: hid den"',
        "-webSocketHeader X-Own=hid-den", "-webSocketHeader 'X-Own=hid den'", "Cookie: a=hid-den",
        "Authorization: token hid-den", '"Authorization": "Bearer hid-den"',
        "-storepass hid-den", "--trust-store-password hid-den", "trustStorePassword=hid-den",
        "-trustStorePassword 'hid den'", "-srcstorepass hid-den",
        "{AQAAABAAAAAQhid-den}".replace("-", "+"), "https://hid-den@git.example/x",
        "https://ann:hid-den@git.example/x", "curl -u ann:hid-den https://j/",
        "--user=ann:hid-den", "<password>hid-den</password>", "<x password='hid-den'/>",
        "clientSecret: 'hid-den'", "client_secret => hid-den", "passphrase=hid-den",
        "api_key: hid-den", "?token=hid-den&x=1", "token: |\n  hid-den\n  more\nnext: 1",
        "-----BEGIN RSA PRIVATE KEY-----\nhid-den\n-----END RSA PRIVATE KEY-----",
        "openssl -passin pass:hid-den", "ACCOUNT_KEY=hid-den", "http://:hid-den@proxy:3128/",
        "<string>DB_PASSWORD</string>\n  <string>hid-den</string>", "ENV DB_PASSWORD hid-den",
        "- name: DB_PASSWORD\n  value: hid-den", '<env name="DB_PASSWORD" value="hid-den"/>',
        '{"name": "API_TOKEN", "value": "hid-den"}', 'setx TOKEN "hid-den"',
        "docker login -u ann -p hid-den registry", "sshpass -p hid-den ssh h",
    ],
)  # fmt: skip
def test_a_secret_is_masked_however_it_is_written(text: str) -> None:
    shown = mask(text)
    assert MASK in shown
    assert not any(part in shown for part in ("hid-den", "hid den", "hid+den", "hid/den", 'hid\\"'))
    assert mask(shown) == shown


@pytest.mark.parametrize(
    "text",
    [
        "credentialsId: ssh-key-1", "secretName: jenkins-agent", "--token-file /run/token",
        "TOKEN_FILE=/run/token", '{"secret_in_clear": true}', "tokens_path: /x", "SECRET=@/srv/s",
        "curl -H 'Host: j.example' -H 'Accept: text/html' https://j/", "ssh://ci@build-1/",
        "git@github.com:x/y", "keystore=/etc/ks", "compass: north", "it passed: 3 of 4",
        "make a new token on the page", "--secrets-to-files", "bypass=1",
        "- name: TOKEN_FILE\n  value: /run/token", "- name: JENKINS_URL\n  value: https://j/",
        '{"name": "JENKINS_SECRET", "valueFrom": {}}', "docker login -u ann", "ENV PATH /usr/bin",
        "TOKEN=$(cat t)", "PASSWORD=$P", "password: ${FROM_ENV}",
    ],
)  # fmt: skip
def test_what_only_tells_where_a_secret_is_stays(text: str) -> None:
    assert mask(text) == text


@pytest.mark.parametrize(
    "text",
    [
        "a" * 300_000,
        "-" * 300_000,
        "password" * 40_000,
        'token="' * 40_000,
        "secret: " * 40_000,
        "name: " * 60_000,
        "name=token value" * 20_000,
        "docker login -p" * 20_000,
    ],
)
def test_masking_takes_no_longer_for_hostile_text(text: str) -> None:
    began = time.process_time()
    mask(text)
    assert time.process_time() - began < 5
