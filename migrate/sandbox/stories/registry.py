"""Every story with its checks."""

from collections.abc import Callable, Iterator

from migrate.sandbox.installation import Sandbox
from migrate.sandbox.stories.act import Act
from migrate.sandbox.stories.behind_proxies import BEHIND_PROXIES_STORY, behind_proxies_checks
from migrate.sandbox.stories.faults import DEAD_AGENT_STORY, NO_UPGRADE_STORY
from migrate.sandbox.stories.fleet import FLEET_STORY, fleet_checks
from migrate.sandbox.stories.fronts import (
    NGINX_INC_STORY,
    SHORT_TIMEOUT_STORY,
    SSO_STORY,
    back_checks,
    closed_checks,
)
from migrate.sandbox.stories.main import MAIN_STORY, main_checks
from migrate.sandbox.stories.seen import open_checks, untouched_checks
from migrate.sandbox.stories.two_edges import TWO_EDGES_STORY, two_edges_checks

Story = tuple[tuple[Act, ...], Callable[[Sandbox], Iterator[tuple[str, bool]]]]
STORIES: dict[str, Story] = {
    "": (MAIN_STORY, main_checks),
    "no-upgrade": (NO_UPGRADE_STORY, untouched_checks),
    "dead-agent": (DEAD_AGENT_STORY, open_checks),
}
"""Of the scenario ``default``, by fault."""
OTHER_SCENARIOS: dict[str, Story] = {
    "fleet": (FLEET_STORY, fleet_checks),
    "behind-proxies": (BEHIND_PROXIES_STORY, behind_proxies_checks),
    "two-edges": (TWO_EDGES_STORY, two_edges_checks),
    "nginx-inc": (NGINX_INC_STORY, closed_checks),
    "short-timeout": (SHORT_TIMEOUT_STORY, back_checks),
    "sso": (SSO_STORY, closed_checks),
}
