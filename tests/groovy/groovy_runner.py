"""Runs the tool's scripts with a real Groovy 2.4, the version that Jenkins embeds."""

import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from migrate.jenkins.console import parse_result, render

LIBRARIES = Path("/usr/share/groovy/lib")
STUBS = Path(__file__).parent / "stubs"

needs_groovy = pytest.mark.skipif(
    not (LIBRARIES.is_dir() and shutil.which("java")),
    reason="no groovy here (Debian: apt-get install groovy)",
)


Sent = tuple[str, dict[str, Any], str]
"""(script, arguments, Groovy to run before it)."""

_SEPARATOR = "=== next script ==="


def run_all(
    scripts: list[Sent], folder: Path, *, stubs: bool = False, libraries: tuple[Path, ...] = ()
) -> list[tuple[Any, str]]:
    """For each script its result and everything that it printed; one JVM runs them in turn."""
    lines = []
    for number, (script, arguments, before) in enumerate(scripts):
        source = folder / f"sent{number}.groovy"
        source.write_text(before + "\n" + render(script, arguments), encoding="utf-8")
        lines.append(
            f"try {{ new GroovyShell(this.class.classLoader).evaluate(new File('{source.name}')) }}"
            f" catch (Throwable e) {{ println e }}\nprintln '{_SEPARATOR}'"
        )
    (folder / "all.groovy").write_text("\n".join(lines), encoding="utf-8")
    path = ":".join([f"{LIBRARIES}/*", *map(str, libraries), *([str(STUBS)] if stubs else [])])
    java = ["java", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Dfile.encoding=UTF-8"]
    done = subprocess.run(
        [*java, "-cp", path, "groovy.ui.GroovyMain", "-c", "UTF-8", "all.groovy"],
        capture_output=True,
        text=True,
        timeout=90,
        cwd=folder,
    )
    outputs = (done.stdout + done.stderr).split(_SEPARATOR + "\n")
    return [
        (parse_result(script, "this machine", output), output)
        for (script, _, _), output in zip(scripts, outputs, strict=False)
    ]


def run_groovy(
    script: str, arguments: dict[str, Any], folder: Path, *, before: str = "", stubs: bool = False
) -> tuple[Any, str]:
    """``run_all`` for a single script."""
    return run_all([(script, arguments, before)], folder, stubs=stubs)[0]
