"""An import inside a function is there for the start's time, or it stands at the top."""

import ast
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
_HELP = (
    "import io, json, sys\n"
    "import migrate.cli.main as main\n"
    "out, sys.stdout, sys.argv = sys.stdout, io.StringIO(), ['migrate', '--help']\n"
    "try:\n    main.run()\n"
    "except SystemExit as end:\n    assert not end.code\n"
    "json.dump(sorted(sys.modules), out)\n"
)


def imported_inside(tree: ast.AST) -> Iterator[str]:
    """The modules that functions import, each as what it loads."""
    for function in ast.walk(tree):
        if not isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        for node in ast.walk(function):
            if isinstance(node, ast.Import):
                yield from (name.name for name in node.names)
            elif isinstance(node, ast.ImportFrom):
                yield from (_loaded(str(node.module), name.name) for name in node.names)


def _loaded(module: str, name: str) -> str:
    """``from package import module`` loads the module, too."""
    place = ROOT.joinpath(*module.split("."), name)
    return f"{module}.{name}" if place.with_suffix(".py").exists() or place.is_dir() else module


def test_what_is_imported_inside_is_found() -> None:
    text = (
        "import os\n"
        "def f():\n    import ssl\n"
        "    from migrate import cli\n    from migrate.report import json\n"
        "async def g():\n    from rich.text import Text\n"
    )
    found = set(imported_inside(ast.parse(text)))
    assert found == {"ssl", "migrate.cli", "migrate.report.json", "rich.text"}


def test_imports_inside_functions_save_time_at_the_start() -> None:
    done = subprocess.run(
        [sys.executable, "-c", _HELP], capture_output=True, text=True, check=True, timeout=60
    )
    at_start = set(json.loads(done.stdout))
    inside: set[str] = set()
    for path in (ROOT / "migrate").rglob("*.py"):
        # The sandbox's agents and servers are processes of their own, each with its own start.
        if "sandbox" not in path.relative_to(ROOT).parts:
            inside |= set(imported_inside(ast.parse(path.read_text("utf-8"))))
    assert {"kubernetes", "requests", "ruamel.yaml"} <= inside - at_start
    assert inside & at_start == set(), "loaded before any command: import it at the top"
