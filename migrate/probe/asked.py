"""One probe request, and how its answer becomes a ``ProbeAnswer``. Pure."""

from dataclasses import dataclass

from migrate.model.inventory import ProbeAnswer, Verdict
from migrate.probe.front import cause_of_front, cause_of_no_reply, is_jenkins
from migrate.probe.layers import layer_of
from migrate.probe.reply import NoReply, Reply, shown


@dataclass(frozen=True)
class Asked:
    """One request: ``id`` of the answer, how it is shown, and what is known of the far side."""

    id: str
    request: str
    """Method, path and the headers that matter; never a secret."""
    url: str
    """The address that agents use; ends with a slash; no user information in it."""
    path: str
    """Below ``url``, without a leading slash."""
    version: str | None = None
    """Jenkins' version, when an earlier answer of this probe told it."""

    def answer(  # noqa: PLR0917 - in the order of ProbeAnswer
        self,
        came: Reply | NoReply | str,
        verdict: Verdict,
        layer: str,
        cause: str,
        fix: str = "",
        code: str = "ok",
    ) -> ProbeAnswer:
        """The answer to this request; fields as in ``ProbeAnswer``."""
        if isinstance(came, Reply):
            text = came.line
        elif isinstance(came, NoReply):
            text = came.detail
        else:
            text = came
        return ProbeAnswer(
            id=self.id,
            request=self.request,
            answer=text,
            verdict=verdict,
            layer=layer,
            cause=cause,
            fix=fix,
            code=code,
        )

    def no_answer(self, came: NoReply) -> ProbeAnswer:
        """Nobody spoke HTTP: network or TLS."""
        found = cause_of_no_reply(came, self.url)
        return self.answer(came, Verdict.FAIL, found.layer, found.cause, found.fix, found.code)

    def in_front(self, reply: Reply) -> ProbeAnswer | None:
        """A redirect, login, refusal or dead backend in front of Jenkins; None: none of these."""
        found = cause_of_front(reply, self.url, self.path)
        if found is None:
            return None
        return self.answer(reply, Verdict.FAIL, found.layer, found.cause, found.fix, found.code)

    def wrong_path(self, reply: Reply) -> ProbeAnswer:
        """A 404 for something that every Jenkins serves."""
        jenkins = is_jenkins(reply)
        who = "Jenkins' own server" if jenkins else layer_of(reply.headers).name
        return self.answer(
            reply,
            Verdict.FAIL,
            "jenkins" if jenkins else "proxy",
            f"{who} knows no /{self.path} below {shown(self.url, 120)}: the context path is not "
            "this one, or this path is not routed to Jenkins",
            "use the URL that Jenkins itself shows (Manage Jenkins, System, Jenkins URL), path "
            "included, and route the whole path to Jenkins",
            "wrong-path",
        )

    def unexpected(self, reply: Reply) -> ProbeAnswer:
        """An answer that no known configuration gives: shown as it came."""
        jenkins = is_jenkins(reply)
        who = "Jenkins" if jenkins else layer_of(reply.headers).name
        return self.answer(
            reply,
            Verdict.FAIL,
            "jenkins" if jenkins else "proxy",
            f"{who} answers {reply.line} to /{self.path}, which no known configuration does: "
            f"{shown(reply.text, 120) or 'empty body'}",
            "ask the same address with curl from where the agents run, and read the log of the "
            "layer that answers",
            "unexpected",
        )

    def not_jenkins(self, reply: Reply) -> ProbeAnswer:
        """200 and a page, by something that is not what was asked for."""
        return self.answer(
            reply,
            Verdict.FAIL,
            "proxy",
            f"something that is not Jenkins answers /{self.path} with {reply.line}: "
            f"{shown(reply.text, 80) or 'empty body'}",
            "give the address that agents use, and route /login and /wsagents/ to Jenkins without "
            "a login page or catch-all in front",
            "not-jenkins",
        )
