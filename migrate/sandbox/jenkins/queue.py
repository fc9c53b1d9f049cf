"""The build queue as /queue/api/json shows it: ids and reasons, no jobs (there are none)."""

from migrate.sandbox.jenkins.exports import Bean, Field
from migrate.sandbox.jenkins.state import Build, Installation


def queue(home: Installation) -> Bean:
    """hudson.model.Queue."""
    waiting = [build for build in home.builds if build.state == "queued"]
    return Bean(
        "hudson.model.Queue",
        (
            Field("discoverableItems", list),
            Field("items", lambda: [_item(number, b) for number, b in enumerate(waiting, 1)]),
        ),
    )


def _item(number: int, build: Build) -> Bean:
    return Bean(
        "hudson.model.Queue$BuildableItem",
        (
            Field("id", lambda: number),
            Field("blocked", lambda: False),
            Field("buildable", lambda: True),
            Field("stuck", lambda: False),
            Field(
                "why", lambda: f"Waiting for next available executor on \u2018{build.node}\u2019"
            ),
        ),
    )
