"""``make test-real``: the same stories against real parts, as far as they are here.

Says what is missing and where to get it; runs nothing, and says so, when nothing is here.
"""

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from e2e_kube import missing as kube_missing
from e2e_real import missing as jenkins_missing


def in_use_missing(environment: Mapping[str, str]) -> str:
    """What it takes to read a controller that is in use; empty: all is there."""
    if environment.get("JENKINS_WAR"):
        return "JENKINS_WAR is set: the stories run on that war, and nothing else is read"
    names = ("JENKINS_URL", "JENKINS_USER_ID", "JENKINS_API_TOKEN")
    without = [name for name in names if not environment.get(name)]
    if not without:
        return ""
    return (
        f"{', '.join(without)} not set: they name a controller in use, which is only read "
        "(scan, plan, dry run)"
    )


def main() -> int:
    """Exit code of pytest, or 0 when there was nothing to run on."""
    parts = (
        ("real Jenkins", jenkins_missing()),
        ("controller in use", in_use_missing(os.environ)),
        ("real Kubernetes API", kube_missing()),
    )
    for name, why in parts:
        print(f"{name}: {why or 'here'}")
    if all(why for _, why in parts):
        print("Nothing was run. docs/testing.md has the commands that fetch these parts.")
        return 0
    here = str(Path(__file__).parent)
    words = ("-m", "pytest", here, "-k", "real or in_use", "--long", "-v", "-rs", "--timeout=1200")
    return subprocess.run([sys.executable, *words], check=False).returncode


if __name__ == "__main__":
    raise SystemExit(main())
