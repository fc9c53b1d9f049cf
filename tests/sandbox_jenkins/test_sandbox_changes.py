"""Each line of the table of versions: what the controller answers just before and just after."""

from pathlib import Path

import pytest

from migrate.sandbox.installation import Sandbox, SandboxError
from migrate.sandbox.jenkins.changes import CHANGES, RELEASES, minimum_remoting, release

ROWS = {
    "minimum-4.7": ("2.378", "2.387.1"),
    "own-not-found-page": ("2.421", "2.426.1"),
    "minimum-4.13": ("2.425", "2.426.1"),
    "redirect-script": ("2.433", "2.440.1"),
    "disk-thresholds": ("2.434", "2.440.1"),
    "origin-checked": ("2.442", "2.426.3"),
    "java-17": ("2.463", "2.479.1"),
    "minimum-3107": ("2.467", "2.479.1"),
    "jetty-12": ("2.472", "2.479.1"),
    "mark-in-node": ("2.482", "2.492.1"),
    "reason-escaped": ("2.483", "2.492.1"),
    "origin-explained": ("2.485", "2.492.1"),
    "titles": ("2.495", "2.504.1"),
    "secrets-redacted": ("2.500", "2.492.2"),
    "refused-400": ("2.511", "2.516.1"),
    "same-site": ("2.513", "2.516.1"),
    "closed-without-stack": ("2.523", "2.528.1"),
    "csp-headers": ("2.539", "2.541.1"),
    "java-21": ("2.545", "2.555.1"),
    "minimum-3176": ("2.545", "2.555.1"),
    "page-keeps-mark": ("2.548", "2.541.2"),
    "cause-escaped": ("2.551", "2.541.2"),
    "origin-configured": ("2.555", "2.541.3"),
    "reload-keeps-mark": ("2.564", "2.568.1"),
    "cause-plain": ("2.568", "2.555.3"),
}


def test_the_table_is_as_read_in_the_sources() -> None:
    assert {c.name: (c.weekly, c.lts) for c in CHANGES} == ROWS


@pytest.mark.parametrize(
    ("version", "has"),
    [("2.441", False), ("2.442", True), ("2.426.2", False), ("2.426.3", True), ("2.440.1", True)],
)
def test_weekly_and_lts_count_for_themselves(version: str, has: bool) -> None:
    change = next(c for c in CHANGES if c.name == "origin-checked")
    assert change.is_in(version) is has


def test_what_is_in_a_release() -> None:
    assert [(r.version, r.jar, minimum_remoting(r.version)) for r in RELEASES] == [
        ("2.361.4", "3044.vb_940a_a_e4f72e", "4.2.1"),
        ("2.426.2", "3160.vd76b_9ddd10cc", "4.13"),
        ("2.541.3", "3352.v17a_fb_4b_2773f", "3107.v665000b_51092"),
        ("2.568.2", "3355.3357.v931d3c992987", "3176.v207ec082a_8c0"),
    ]
    assert release("2.500").version == "2.426.2"


def test_an_unknown_version_is_named_with_the_known_ones(tmp_path: Path) -> None:
    with pytest.raises(SandboxError) as error:
        Sandbox(tmp_path, jenkins_version="2.400")
    assert "known: 2.361.4, 2.426.2, 2.541.3, 2.568.2" in str(error.value)
