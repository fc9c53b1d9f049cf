"""Signatures of plans and runs, made and verified by OpenSSH (``ssh-keygen -Y``).

A plan_id tells that a plan is whole, not who stands behind it: whoever may write the folder can
make a plan with an id of its own. Source: ssh-keygen(1), "ALLOWED SIGNERS".
"""

from pathlib import Path

from migrate.drivers.program import run_program
from migrate.model.errors import Blocked, UsageProblem
from migrate.model.inventory import Inventory
from migrate.model.plan import Plan, inventory_digest
from migrate.model.secrets import mask
from migrate.model.text import visible
from migrate.plan_store.plan_folder import PLAN_FILE, plan_of
from migrate.plan_store.private import read_own

PLAN_NAMESPACE = "migrate-plan"
RUN_NAMESPACE = "migrate-run"
"""What a signature is for (``ssh-keygen -Y sign -n``), so that one of anything else is none."""
_LIMIT = 30.0
"""Seconds that ssh-keygen may take; it asks nobody."""


def signed_by(file: Path, signers: Path, namespace: str) -> tuple[bytes, str]:
    """The bytes of ``file`` and who signed them, as ``signers`` names them.

    ``signers`` is a file as of ssh-keygen(1), "ALLOWED SIGNERS"; the signature is ``FILE.sig``.
    ``Blocked`` for a signature that is missing or of nobody named there, ``UsageProblem`` when it
    can't be verified here.
    """
    sign = f"ssh-keygen -Y sign -f KEY -n {namespace} {visible(str(file))}"
    signature = file.with_name(f"{file.name}.sig")
    try:
        body = read_own(file)
        with signers.open("rb"):
            pass
    except OSError as error:
        raise UsageProblem(
            f"{visible(str(error.filename or file))} can't be read: {error.strerror}",
            next_command="--require-signature ALLOWED_SIGNERS",
        ) from None
    try:
        read_own(signature)
    except OSError as error:
        raise Blocked(
            f"{visible(str(signature))} can't be read ({error.strerror}), so nobody has signed "
            f"{file.name}; nothing was changed",
            next_command=sign,
        ) from None
    common = ("-f", str(signers), "-s", str(signature))
    code, told = _keygen("-Y", "find-principals", *common)
    for principal in told.splitlines() if code == 0 else ():
        code, told = _keygen(
            *("-Y", "verify", *common, "-I", principal, "-n", namespace), stdin=body
        )
        if code == 0:
            return body, visible(principal)
    raise Blocked(
        f"the signature of {visible(str(file))} is of nobody in {visible(str(signers))}, or of "
        f"another text ({visible(mask(told.strip()))[:200]}); nothing was changed",
        next_command=f"{sign}    # by who may, after a review",
    )


def _keygen(*words: str, stdin: bytes = b"") -> tuple[int, str]:
    try:
        done = run_program(("ssh-keygen", *words), stdin=stdin, timeout=_LIMIT)
    except OSError:
        raise UsageProblem(
            "there is no ssh-keygen on this machine to verify a signature with",
            next_command="install OpenSSH's client (8.2 or newer)",
        ) from None
    return (1 if done.code is None else done.code), done.out.decode("utf-8", "replace")


def require_signed_plan(
    folder: Path, plan: Plan, inventory: Inventory | None, signers: Path
) -> str:
    """Who signed ``plan``, which was read from this folder; ``Blocked`` when nobody did.

    The inventory beside it counts in a run, too: it must be the one that the plan names.
    """
    file = folder / PLAN_FILE
    body, who = signed_by(file, signers, PLAN_NAMESPACE)
    if plan_of(body.decode("utf-8", "replace"), file) != plan:
        raise Blocked(
            f"{visible(str(file))} was changed while it was read; nothing was changed",
            next_command=f"migrate show {visible(str(folder))}",
        )
    if inventory is not None and inventory_digest(inventory) != plan.target.inventory_sha256:
        raise Blocked(
            f"inventory.json in {visible(str(folder))} is not the one that the signed plan was "
            "made from; nothing was changed",
            next_command="restore it, or: migrate plan --name NEW-NAME",
        )
    return who


def expect_id(plan: Plan, expected: str) -> None:
    """``Blocked`` unless the plan is the one that was reviewed, by its whole id."""
    if plan.plan_id != expected.strip().lower():
        raise Blocked(
            # Whole, an id looks like a secret and would be masked.
            f"the plan's id begins with {plan.plan_id[:12]}, and {visible(expected)[:12]}... was "
            "expected: this is not the plan that was reviewed; nothing was changed",
            next_command="migrate show PLAN    # and --expect the id that it says",
        )


def require_signed_run(journal: Path, signers: Path) -> str:
    """Who signed this journal as it is now; ``Blocked`` when nobody did."""
    return signed_by(journal, signers, RUN_NAMESPACE)[1]
