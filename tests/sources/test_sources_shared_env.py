"""What agents of one compose file share."""

import pytest

from migrate.sources.shared_env import shared_first

AGENT = "    image: jenkins/inbound-agent\n"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (
            "x: &e\n  JENKINS_URL: u\n  JENKINS_TUNNEL: t\nservices:\n  a:\n" + AGENT
            + "    environment: *e\n",
            'x: &e\n  JENKINS_URL: u\n  JENKINS_WEB_SOCKET: "true"\nservices:\n  a:\n' + AGENT
            + "    environment: *e\n",
        ),
        (
            "x: &e\n  - JENKINS_URL=u\n  - JENKINS_TUNNEL=t\nservices:\n  a:\n" + AGENT
            + "    environment: *e\n",
            "x: &e\n  - JENKINS_URL=u\n  - JENKINS_WEB_SOCKET=true\nservices:\n  a:\n" + AGENT
            + "    environment: *e\n",
        ),
        (
            "x: &e\n  JENKINS_URL: u\nservices:\n  a:\n" + AGENT + "    environment: *e\n",
            'x: &e\n  JENKINS_URL: u\n  JENKINS_WEB_SOCKET: "true"\nservices:\n  a:\n' + AGENT
            + "    environment: *e\n",
        ),
        (
            "x: &e\n  JENKINS_WEB_SOCKET: 'no'\n  JENKINS_TUNNEL: t\nservices:\n  a:\n" + AGENT
            + "    environment: *e\n",
            'x: &e\n  JENKINS_WEB_SOCKET: "true"\nservices:\n  a:\n' + AGENT
            + "    environment: *e\n",
        ),
    ],
)  # fmt: skip
def test_shared_by_agents_alone(old: str, new: str) -> None:
    assert shared_first(old) == new
    assert shared_first(new) == new


@pytest.mark.parametrize(
    "text",
    [
        "services: [",
        "services:\n  a:\n" + AGENT + "    environment: {JENKINS_TUNNEL: t}\n",
        "x: &e {JENKINS_TUNNEL: t}\nservices:\n  web: {image: nginx, environment: *e}\n  a:\n"
        + AGENT + "    environment: *e\n",
    ],
)  # fmt: skip
def test_left_to_others(text: str) -> None:
    assert shared_first(text) == text
