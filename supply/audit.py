"""Known vulnerabilities of what the lock names: ``make audit``, and part of ``make check``.

pip-audit asks the index's vulnerability service. Where that does not answer (no network, an index
that mirrors files alone) this says so and is no failure; a vulnerability is one.
"""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

LOCK = Path(__file__).with_name("dev.txt")
PATIENCE = 150.0
"""Seconds for all questions together."""


def judge(output: str, code: int) -> tuple[bool, str]:
    """Whether it is a failure, and what to say, from pip-audit's JSON and its exit code."""
    try:
        found: list[dict[str, Any]] = list(json.loads(output)["dependencies"])
    except (ValueError, KeyError, TypeError):
        return False, f"not audited: pip-audit had no answer here (exit {code})"
    asked = [each for each in found if "skip_reason" not in each]
    bad = [
        f"{each['name']} {each['version']}: {vulnerability['id']}"
        f" (fixed in {', '.join(vulnerability['fix_versions']) or 'no version'})"
        for each in asked
        for vulnerability in each["vulns"]
    ]
    if bad:
        return True, "\n".join(["known vulnerabilities:", *bad])
    if not asked:
        return False, "not audited: the vulnerability service knows none of the packages here"
    left = len(found) - len(asked)
    told = f"{len(asked)} packages have no known vulnerability"
    return False, told + (f"; {left} could not be asked for" if left else "")


def main() -> int:
    """Exit code: 1 for a vulnerability."""
    command = [
        *(sys.executable, "-m", "pip_audit", "--requirement", str(LOCK), "--no-deps"),
        *("--disable-pip", "--format", "json", "--progress-spinner", "off", "--timeout", "10"),
    ]
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=PATIENCE, check=False
        )
    except subprocess.TimeoutExpired:
        print(f"audit: not audited: no answer within {PATIENCE:.0f} s")
        return 0
    failed, told = judge(done.stdout, done.returncode)
    print(f"audit: {told}")
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
