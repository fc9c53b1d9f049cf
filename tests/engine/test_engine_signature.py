"""Whose plan and whose record it is, by real signatures of OpenSSH."""

import json
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from engine_lab import Lab, installed

from migrate.engine.record.folder import last_run
from migrate.engine.record.signature import (
    PLAN_NAMESPACE,
    RUN_NAMESPACE,
    expect_id,
    require_signed_plan,
    signed_by,
)
from migrate.model.errors import Blocked, UsageProblem
from migrate.model.plan import content_id
from migrate.plan_store.plan_folder import read_inventory, read_plan
from migrate.plan_store.plan_json import plan_to_json


@dataclass(frozen=True)
class Signer:
    """Somebody with a key of their own."""

    key: Path

    def sign(self, file: Path, namespace: str = PLAN_NAMESPACE) -> None:
        file.with_name(f"{file.name}.sig").unlink(missing_ok=True)
        command = [
            "ssh-keygen",
            "-Y",
            "sign",
            "-q",
            "-f",
            str(self.key),
            "-n",
            namespace,
            str(file),
        ]
        subprocess.run(command, check=True, capture_output=True)

    def allowed(self, who: str = "anna@example.org,ben@example.org", also: str = "") -> Path:
        kind, key, *_ = self.key.with_suffix(".pub").read_text().split()
        file = self.key.with_name("allowed")
        file.write_text(f"# who may\n{who} {also} {kind} {key}\n")
        return file


def signer(folder: Path) -> Signer:
    folder.mkdir()
    key = folder / "key"
    command = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "test", "-f", str(key)]
    subprocess.run(command, check=True, capture_output=True)
    return Signer(key)


@pytest.fixture
def anna(tmp_path: Path) -> Signer:
    return signer(tmp_path / "anna")


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    with installed(tmp_path_factory.mktemp("lab")) as lab:
        yield lab


def test_a_signed_plan_is_that_of_its_signer(tmp_path: Path, anna: Signer) -> None:
    file = tmp_path / "plan.json"
    file.write_text("x\n")
    anna.sign(file)
    assert signed_by(file, anna.allowed(), PLAN_NAMESPACE) == (b"x\n", "anna@example.org")
    pattern = anna.allowed("*@example.org", 'namespaces="migrate-*"')
    assert signed_by(file, pattern, PLAN_NAMESPACE)[1] == "*@example.org"


@pytest.mark.parametrize("how", ["text", "other-key", "namespace", "none", "expired", "no-signer"])
def test_what_nobody_there_signed_is_refused(tmp_path: Path, anna: Signer, how: str) -> None:
    file = tmp_path / "plan.json"
    file.write_text("x\n")
    allowed = anna.allowed(also='valid-before="20200101"' if how == "expired" else "")
    (signer(tmp_path / "eve") if how == "other-key" else anna).sign(
        file, "git" if how == "namespace" else PLAN_NAMESPACE
    )
    if how == "text":
        file.write_text("x \n")
    if how == "none":
        file.with_name("plan.json.sig").unlink()
    if how == "no-signer":
        allowed.write_text("")
    with pytest.raises(Blocked, match="nothing was changed") as refused:
        signed_by(file, allowed, PLAN_NAMESPACE)
    assert "ssh-keygen -Y sign -f KEY -n migrate-plan" in refused.value.next_command


def test_what_can_not_be_verified_is_no_signature(
    tmp_path: Path, anna: Signer, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "plan.json"
    file.write_text("x\n")
    anna.sign(file)
    with pytest.raises(UsageProblem, match="can't be read"):
        signed_by(file, tmp_path / "missing", PLAN_NAMESPACE)
    allowed = anna.allowed()
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(UsageProblem, match="no ssh-keygen"):
        signed_by(file, allowed, PLAN_NAMESPACE)


def test_only_a_signed_and_expected_plan_is_applied(lab: Lab, anna: Signer) -> None:
    folder = lab.folder / lab.plan
    allowed = str(anna.allowed())
    rehearse = ("apply", lab.plan, "--dry-run", "--stage", "nodes", "--require-signature", allowed)
    code, output = lab.run(*rehearse)
    assert code == 3 and "nobody has signed plan.json" in output

    anna.sign(folder / "plan.json")
    plan = read_plan(folder)
    code, output = lab.run(*rehearse, "--expect", plan.plan_id)
    assert code == 0 and "plan signed by anna@example.org" in output, output
    code, output = lab.run("apply", lab.plan, "--dry-run", "--expect", "0" * 64)
    assert code == 3 and plan.plan_id[:12] in output

    # An attacker's plan under a fresh id of its own: whole, but not what was signed.
    genuine = (folder / "plan.json").read_text()
    forged = replace(plan, choices=replace(plan.choices, drain_timeout=1))
    forged = replace(forged, plan_id=content_id(forged))
    (folder / "plan.json").write_text(plan_to_json(forged))
    code, output = lab.run(*rehearse)
    assert code == 3 and "is of nobody in" in output
    with pytest.raises(Blocked, match="not the plan that was reviewed"):
        expect_id(forged, plan.plan_id)
    (folder / "plan.json").write_text(genuine)

    # The plan that was read is not the one that is signed by now.
    inventory = read_inventory(folder)
    with pytest.raises(Blocked, match="changed while it was read"):
        require_signed_plan(folder, forged, inventory, Path(allowed))
    other = json.loads((folder / "inventory.json").read_text())
    other["nodes"].pop()
    (folder / "inventory.json").write_text(json.dumps(other))
    code, output = lab.run(*rehearse)
    assert code == 3 and "not the one that the signed plan was made from" in output


def test_only_a_signed_journal_is_rolled_back(tmp_path: Path, anna: Signer) -> None:
    with installed(tmp_path / "lab") as lab:
        assert lab.apply("--stage", "nodes", "--node", "a-1")[0] == 0
        run = last_run(lab.folder / lab.plan)
        assert run is not None
        back = ("rollback", lab.plan, "--dry-run", "--require-signature", str(anna.allowed()))
        anna.sign(run.journal_path, PLAN_NAMESPACE)
        assert lab.run(*back)[0] == 3
        anna.sign(run.journal_path, RUN_NAMESPACE)
        code, output = lab.run(*back)
        assert code == 0 and "journal signed by anna@example.org" in output
        with run.journal_path.open("a") as journal:
            journal.write('{"seq": 99')
        assert lab.run(*back)[0] == 3
