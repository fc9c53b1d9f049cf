"""Programs of drivers: they come with --config, each time, and from nowhere else."""

from pathlib import Path

from cli_lab import lab

from migrate.plan_store.plan_folder import PLAN_FILE

CONFIG = """
controllers:
  lab:
    url: {url}
drivers:
  command:
    program: [{program}]
"""


def test_a_program_runs_only_when_config_names_it(tmp_path: Path) -> None:
    with lab(tmp_path) as (sandbox, cli):
        mark = cli.folder / "mark"
        program = cli.folder / "program"
        program.write_text(f"#!/bin/sh\ncat > /dev/null\necho $MIGRATE_ACTION >> {mark}\nexit 1\n")
        program.chmod(0o755)
        config = cli.folder / "lab.yaml"
        config.write_text(CONFIG.format(url=sandbox.root_url, program=program))
        given = ("--config", str(config))
        chosen = ("--include", "linux-1", "--driver", "linux-1=command", "--no-close")
        planned = cli("plan", "--name", "t", *chosen, *given)
        assert planned.code == 0, planned.err
        assert f"--config {config}" in planned.out + planned.err
        text = (cli.folder / "plans" / "t" / PLAN_FILE).read_text()
        assert str(program) not in text
        shown = cli("show", "plans/t", "-o", "md").out
        assert "the program of drivers: command: in --config is called" in shown
        for words in (("--dry-run",), ("--yes",)):
            refused = cli("apply", "plans/t", *words)
            assert "node linux-1 is moved by the driver command" in refused.problem
            assert refused.next_command == "migrate apply plans/t --config FILE"
        assert f"calls {program}" in cli("apply", "plans/t", "--dry-run", *given).out
        assert not mark.exists()
        assert cli("apply", "plans/t", "--yes", *given).code != 0
        assert mark.read_text().splitlines()[0] == "probe"
