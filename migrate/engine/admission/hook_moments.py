"""The turning points of a run, told to the user's hooks; a failing ``before-*`` stops the run."""

import json
from collections.abc import Callable

from migrate.engine.admission.hooks import HookEnd, Hooks
from migrate.engine.record.journal import Journal
from migrate.model.journal.run import HookFacts, HookNote
from migrate.model.names import EventKind
from migrate.model.run import Run
from migrate.model.serialize import SCHEMA_VERSION, to_data
from migrate.model.text import visible
from migrate.steps.base import Event

NO_FACTS = HookFacts()


class Moments:
    """Calls hooks with the run as it stands, and keeps what they said in the journal."""

    def __init__(
        self,
        hooks: Hooks,
        journal: Journal,
        run: Callable[[], Run],
        emit: Callable[[Event], None],
        run_folder: str,
    ) -> None:
        self._hooks, self._journal, self._run, self._emit = hooks, journal, run, emit
        self._run_folder = run_folder

    def before(self, name: str, facts: HookFacts = NO_FACTS) -> str:
        """Why the run must stop here; empty: it goes on."""
        if not self._hooks.has(name):
            return ""
        end = self._call(name, facts)
        self._keep(end, facts)
        return "" if end.ok else end.told()

    def tell(self, name: str, facts: HookFacts = NO_FACTS) -> None:
        """A hook whose failure changes nothing; it is said and noted."""
        if not self._hooks.has(name):
            return
        end = self._call(name, facts)
        self._keep(end, facts)
        if not end.ok:
            self._emit(Event(EventKind.NOTE, message=end.told()))

    def may_go_on(self) -> tuple[bool, str]:
        """The hook ``may-start``: (whether a node may start, what it said first)."""
        if not self._hooks.has("may-start"):
            return True, ""
        end = self._call("may-start", NO_FACTS)
        lines = [line for line in end.output.splitlines() if line.strip()]
        return end.ok, lines[0] if lines else ""

    def _call(self, name: str, told: HookFacts) -> HookEnd:
        run, facts = self._run(), to_data(told)

        def document() -> str:
            data = {"schema_version": SCHEMA_VERSION, "moment": name, **facts, "run": to_data(run)}
            return json.dumps(data, ensure_ascii=False)

        environment = {
            "MIGRATE_MOMENT": name,
            "MIGRATE_PLAN": run.plan_name,
            "MIGRATE_RUN": run.run_id,
            "MIGRATE_RUN_FOLDER": self._run_folder,
            "MIGRATE_CONTROLLER": run.controller_url,
            **{f"MIGRATE_{key.upper()}": _word(value) for key, value in facts.items()},
        }
        return self._hooks.run(name, document, environment)

    def _keep(self, end: HookEnd, facts: HookFacts) -> None:
        text = "" if end.ok else end.told()
        told = to_data(facts)
        note = HookNote(hook=end.name, code=end.code, output=end.output, text=text, **told)
        self._journal.write(note)


def _word(value: object) -> str:
    """A fact for the environment: one line, and no byte that an environment cannot hold."""
    return visible(str(value)).replace("\x00", "")
