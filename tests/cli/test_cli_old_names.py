"""Options that have another name by now."""

import pytest

from migrate.cli.old_names import OPTIONS, modern


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("apply p --hold-file f", "apply p --wait-file f"),
        ("apply p --hold-file=f --max-hold=1h", "apply p --wait-file=f --max-wait=1h"),
        ("apply p --on-failure hold", "apply p --on-failure leave"),
        ("apply p --on-failure=hold", "apply p --on-failure=leave"),
        ("doctor --hold 40", "doctor --hold 40"),
        ("apply p --source=a=b --node hold", "apply p --source=a=b --node hold"),
        ("mark r s done -- --hold-file", "mark r s done -- --hold-file"),
    ],
)
def test_an_old_name_is_read_as_the_new_one(typed: str, meant: str) -> None:
    assert modern(typed.split()) == meant.split()


def test_no_command_has_an_option_by_an_old_name() -> None:
    from typer.main import get_command

    from migrate.cli.main import make_app

    app = get_command(make_app())
    names = {
        option
        for command in app.commands.values()  # type: ignore[attr-defined]
        for parameter in command.params
        for option in parameter.opts
    }
    assert set(OPTIONS.values()) <= names
    assert not OPTIONS.keys() & names
