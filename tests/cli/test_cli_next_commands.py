"""What a person is told to type next: it parses, and it holds the options that were given."""

import re
import shlex
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import typer.main
from cli_lab import Cli, Done, lab

from migrate.cli.main import COMMANDS, make_app
from migrate.model.next_command import CONNECTION, PLANS, READING, TAKES
from migrate.sandbox.installation import Sandbox

TOLD = re.compile(r"^(?:next: |    |Then go on: )?(migrate [a-z]+.*)$", re.MULTILINE)
CODE = re.compile(r"`(migrate [a-z]+[^`]*)`")


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Sandbox, Cli]]:
    with lab(tmp_path_factory.mktemp("next")) as (sandbox, cli):
        shutil.copy(cli.settings["KUBECONFIG"], cli.folder / "kube config")
        (cli.folder / "to ken").write_text(cli.settings["JENKINS_API_TOKEN"] + "\n")
        (cli.folder / "ca.pem").write_text("")
        for name in ("JENKINS_URL", "JENKINS_API_TOKEN", "KUBECONFIG"):
            del cli.settings[name]
        yield sandbox, cli


def options(sandbox: Sandbox, *more: str) -> tuple[str, ...]:
    """With spaces, which a shell must not part."""
    return ("--jenkins-url", sandbox.root_url, "--token-file", "to ken", "--timeout", "20", *more)


def told(text: str) -> list[list[str]]:
    """Each command that is told to be run, as the words that a shell makes of it."""
    found = [*TOLD.findall(text), *CODE.findall(text)]
    return [shlex.split(line, comments=True)[1:] for line in found]


def check(text: str, given: tuple[str, ...], least: int = 1, wrong: tuple[str, ...] = ()) -> None:
    """Each command parses with the real CLI and holds what of ``given`` it takes. Of an option
    that was ``wrong`` the command may show how it is to be."""
    commands = told(text)
    assert len(commands) >= least, text
    for words in commands:
        assert parses(words), words
        for option in (word for word in given if word.startswith("--")):
            if option in TAKES.get(words[0], ()):
                assert option in words, (option, words)
                value = (*given, "--")[given.index(option) + 1]
                if not value.startswith("--") and option not in wrong:
                    assert value in words, (option, words)


def parses(words: list[str]) -> bool:
    app = typer.main.get_command(make_app(words[0]))
    command = app.get_command(None, words[0])  # type: ignore[attr-defined]
    assert command is not None, words
    made = command.make_context(words[0], list(words[1:]), resilient_parsing=False)
    return bool(made.params) or words[1:] == []


def test_the_table_is_that_of_the_commands() -> None:
    known = {*CONNECTION, *READING, PLANS}
    for command in COMMANDS:
        app = typer.main.get_command(make_app(command.name))
        found = app.get_command(None, command.name)  # type: ignore[attr-defined]
        takes = {name for one in found.params for name in one.opts if name in known}
        assert takes == set(TAKES.get(command.name, ())), command.name


def test_scan_plan_show_and_ticket(running: tuple[Sandbox, Cli]) -> None:
    sandbox, cli = running
    given = options(sandbox, "--kubeconfig", "kube config")
    check(cli("scan", "-q", *given).out, given, 2)
    check(cli("scan", "-q", "--details", *given).out, given)
    doctor = cli("doctor", "-q", *given)
    check(doctor.err, given)
    made = cli("plan", "-q", "--name", "t", "--probe-hold", "1", *given)
    check(made.err, given)
    check(made.out, given, 4)
    ticket = (cli.folder / "plans/t/plan.md").read_text()
    check(ticket, given, 8)
    for fmt in ("md", "text"):
        check(cli("show", "plans/t", "-o", fmt).out, given, 8)
    secret = (cli.folder / "to ken").read_text().strip()
    assert secret not in made.out + ticket + (cli.folder / "plans/t/plan.json").read_text()
    check(cli("apply", "plans/t", "--dry-run", "--jenkins-url", "http://127.0.0.1:9/").err, ())


def test_a_run_its_status_and_its_report(running: tuple[Sandbox, Cli]) -> None:
    sandbox, cli = running
    given = options(sandbox, "--no-cluster")
    cli("plan", "-q", "--name", "run", "--probe-hold", "1", "--include", "linux-1", *given)
    run = ("apply", "plans/run", "--yes", "--until", "nodes", "--soak", "0", "-q", "--poll", "0.1")
    done = cli(*run, *given)
    check(done.err, given)
    for text in (cli("status", "plans/run").out, cli("report", "plans/run").out):
        check(text, given)
    assert "--no-cluster" in cli("report", "plans/run", "-o", "html").out
    check(cli("apply", "plans/run", "--yes", *given).err, given)
    check(cli("rollback", "plans/run", "--yes", "-q", "--poll", "0.1", *given).err, given)
    check(cli("report", "plans/run").out, given)


def names_the_plan(text: str, here: Path, least: int = 1) -> None:
    """Each command that names a plan or a run names one that is there, from ``here``; and one
    that looks for plans, or makes one, does so where they are."""
    found = 0
    for words in told(text):
        paths = [word for word in words if "/" in word and "://" not in word]
        if words[0] in ("show", "apply", "rollback", "status", "report", "continue", "unlock"):
            assert [w for w in paths if (here / w).is_dir()], words
            found += 1
        elif PLANS in TAKES.get(words[0], ()):
            assert (here / words[words.index(PLANS) + 1] / "t/plan.json").is_file(), words
            found += 1
    assert found >= least, text


def test_plans_in_another_folder(running: tuple[Sandbox, Cli]) -> None:
    sandbox, cli = running
    given = options(sandbox, "--no-cluster")
    at = ("--plans", "the changes")
    made = cli("plan", "-q", "--name", "t", "--probe-hold", "1", "--include", "linux-1",
               "--driver", "*=manual", *at, *given)  # fmt: skip
    names_the_plan(made.out + made.err, cli.folder, 5)
    plan = cli.folder / "the changes/t"
    ticket = (plan / "plan.md").read_text()
    names_the_plan(ticket, cli.folder, 9)
    assert "plans/t" not in ticket + (plan / "plan.json").read_text()
    (runbook,) = (plan / "runbooks").iterdir()
    assert "migrate apply 'the changes/t' --resume" in (plan / "plan.json").read_text(), runbook
    names_the_plan(
        cli("plan", "-q", "--name", "t", "--probe-hold", "2", *at, *given).err, cli.folder
    )
    there = "the changes/t"
    names_the_plan(cli("show", there).out, cli.folder, 8)
    assert "plans" not in (done := cli("show", there, "-o", "json")).err and done.code == 0
    run = ("apply", there, "--yes", "--soak", "0", "-q", "--poll", "0.1")
    done = cli(*run, *given)
    assert done.code != 0
    names_the_plan(done.err, cli.folder)
    for told_in in (cli("status", there).out, cli("report", there).out):
        names_the_plan(told_in, cli.folder)
    names_the_plan(cli("apply", there, "--yes", *given).err, cli.folder)
    done = cli("mark", there, "linux-1", "undone", "--reason", "r")
    names_the_plan(done.err, cli.folder)
    names_the_plan(cli("verify", *at, *given).err, cli.folder, 0)
    # From another folder it is another path.
    away = replace(cli, folder=cli.folder / "home")
    names_the_plan(away("show", str(plan)).out, away.folder, 8)
    back = [words for words in told(away("report", str(plan)).out) if words[0] == "rollback"]
    assert all(word[-1].startswith(str(plan)) for word in back)
    page = (next((plan / "runs").iterdir()) / "report.html").read_text()
    assert "plans/t" not in page and "the changes/t" in page


def test_a_way_that_nobody_reaches_names_the_hosts_that_were_asked(
    running: tuple[Sandbox, Cli],
) -> None:
    sandbox, cli = running
    far = ("verify", "--agent-address", "no-such-host.invalid:50000", "--no-cluster")
    done = cli(*far, *options(sandbox))
    (line,) = (row for row in done.out.splitlines() if row.startswith("no-such-host.invalid:50000"))
    assert "not tried: cannot be reached from here" in line
    told = re.findall(r"; cannot be reached from the host of ([\w-]+) \(UnknownHost", line)
    assert len(told) == 3 and told == sorted(told)
    command = "nc -vz no-such-host.invalid 50000"
    assert f"; try it on the host of {' or '.join(told)}: {command} (Windows:" in line


@pytest.mark.parametrize(
    "words",
    [
        ("scan", "--ca-file", "no such file"),
        ("doctor", "--kubeconfig", "no such file"),
        ("doctor", "--context", "no such context", "--kubeconfig", "kube config"),
        ("apply", "plans/t", "--node", "nobody"),
        ("verify", "--no-cluster"),
        ("scan", "--config", "no such file", "--controller", "x"),
        ("unlock", "nowhere", "--no-cluster"),
        ("plan", "--name", "../up", "--no-cluster"),
    ],
)
def test_errors(running: tuple[Sandbox, Cli], words: tuple[str, ...]) -> None:
    sandbox, cli = running
    given = (*options(sandbox), *words[1:])
    done: Done = cli(words[0], "--jenkins-url", sandbox.root_url, *options(sandbox)[2:], *words[1:])
    assert done.code != 0
    check(done.err, given, wrong=words)


def test_a_password_in_an_url_is_not_repeated(running: tuple[Sandbox, Cli]) -> None:
    _, cli = running
    done = cli("scan", "--jenkins-url", "https://ann:hunter2@j.example/", "--config", "nowhere")
    assert done.code == 2
    assert "hunter2" not in done.out + done.err


def test_no_door_is_passed_by(tmp_path: Path) -> None:
    """Each line ``next:`` is written by one function, but for that of an error, whose command has
    the options already."""
    root = Path(__file__).parents[2] / "migrate"
    doors = [p.name for p in root.rglob("*.py") if re.search(r"""["']next: """, p.read_text())]
    assert sorted(doors) == ["console.py", "main.py"]
