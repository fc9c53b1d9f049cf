"""``docker run`` of an inbound agent among the words of a text. Pure.

Source: docker run and podman run, their reference pages: options up to the image, the image, then
the arguments of its entry point.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from migrate.agents.container import FORBIDDEN, WEB_SOCKET, Container
from migrate.agents.image import looks_like_agent
from migrate.agents.launch.base import FoundLaunch, Wanted
from migrate.agents.launch.container import Described, change
from migrate.agents.launch.launched import Launched, Rewrite
from migrate.agents.launch.site import Site
from migrate.splice.text import NotEditable
from migrate.splice.words import OPAQUE, Word

_ENGINE = re.compile(r"(?i)(?:^|[/\\])(?:docker|podman|nerdctl)(?:\.exe)?$")
_WITH_VALUE = frozenset(
    """
    -a -c -e -h -l -m -p -u -v -w --add-host --annotation --attach --authfile
    --blkio-weight --cap-add --cap-drop --cgroup-parent --cgroupns --cgroups
    --cidfile --conmon-pidfile --cpu-period --cpu-quota --cpu-shares --cpus
    --cpuset-cpus --cpuset-mems --detach-keys --device --dns --dns-option
    --dns-search --domainname --entrypoint --env --env-file --expose --gidmap --gpus
    --group-add --health-cmd --health-interval --health-retries
    --health-start-period --health-timeout --hostname --init-path --ip --ip6 --ipc
    --isolation --label --label-file --link --log-driver --log-opt --mac-address
    --memory --memory-reservation --memory-swap --memory-swappiness --mount --name
    --net --network --network-alias --oom-score-adj --pid --pidfile --pids-limit
    --platform --pod --publish --pull --restart --runtime --sdnotify --secret
    --security-opt --shm-size --stop-signal --stop-timeout --storage-opt
    --subgidname --subuidname --sysctl --systemd --tmpfs --tz --uidmap --ulimit
    --umask --user --userns --uts --volume --volume-driver --volumes-from --workdir
    """.split()  # noqa: SIM905 - a table
)
_FLAGS = frozenset(
    """
    -d -i -t -P -q --detach --interactive --tty --rm --init --privileged --read-only
    --publish-all --no-healthcheck --oom-kill-disable --sig-proxy --quiet --replace
    --disable-content-trust --env-host --no-hosts --tls-verify --rmi --http-proxy
    """.split()  # noqa: SIM905 - a table
)
_SHORT = re.compile(r"-[ditPq]+")
_ENV = ("-e", "--env")


@dataclass(frozen=True)
class DockerRun:
    """A container of an agent that a command starts."""

    words: tuple[Word, ...]
    image_at: int
    container: Container
    where: str
    unclear: str
    """Why its words can't be changed; empty where they can."""
    site: Site | None = None

    def found(self) -> FoundLaunch:
        """For the caller."""
        return Described(self.where, self.container).found()

    def secrets(self) -> tuple[str, ...]:
        """The secret, and what its variables hold of the kind."""
        return self.container.secrets()

    def rewritten(self, wanted: Wanted) -> Rewrite:
        """The words with variables and arguments as WebSocket needs them."""
        if self.unclear:
            raise NotEditable(self.unclear, wanted.path)
        made = change(self.container, wanted)
        values: list[str] = []
        at, put = 0, dict(made.put)
        head = self.words[: self.image_at]
        while at < len(head):
            width, name, glued = _variable(head, at)
            if name in made.remove:
                at += width
                continue
            raw = [word.value for word in head[at : at + width]]
            if name in put:
                raw[-1] = f"{glued}{name}={put.pop(name)}"
            values += raw
            at += width
        for name, value in put.items():
            values += ["-e", f"{name}={value}"]
        notes = made.notes
        return Rewrite((*values, self.words[self.image_at].value, *made.args), notes)

    def same_but_transport(self, other: Launched) -> bool:
        """The same image, node, secret, and all variables and arguments but the transport's."""
        if not isinstance(other, DockerRun):
            return False
        mine, theirs = self.container, other.container
        kept = {k: v for k, v in mine.env.items() if k not in (*FORBIDDEN, "REMOTING_OPTS")}
        return (
            mine.image == theirs.image
            and (mine.node(), mine.secret()) == (theirs.node(), theirs.secret())
            and {**kept, WEB_SOCKET: ""}.items() <= {**theirs.env, WEB_SOCKET: ""}.items()
        )


def _variable(words: Sequence[Word], at: int) -> tuple[int, str, str]:
    """(how many words belong together, the variable that they set, what stands before it)."""
    value = _plain(words[at])
    if value in _ENV and at + 1 < len(words):
        return 2, _plain(words[at + 1]).partition("=")[0], ""
    if value.startswith("--env="):
        return 1, value.removeprefix("--env=").partition("=")[0], "--env="
    if re.match(r"-e[A-Za-z_]", value):
        return 1, value[2:].partition("=")[0], "-e"
    return 1, "", ""


def _plain(word: Word) -> str:
    """A word without its quotes, also where it has a variable in it (``-e "NAME=$VALUE"``)."""
    if not word.value.startswith(OPAQUE):
        return word.value
    return re.sub(r"[\"']", "", word.value.removeprefix(OPAQUE))


def _options_elsewhere(values: Sequence[str], at: int) -> bool:
    """Whether a variable stands for options, and not for the image."""
    opaque = values[at].startswith(OPAQUE) and not re.match(r"\0[\"']?-", values[at])
    behind = any(looks_like_agent(v) for v in values[at + 1 :] if not v.startswith(("-", OPAQUE)))
    return values[at].startswith(OPAQUE) and (not opaque or behind)


def find_run(words: Sequence[Word], where: str) -> tuple[DockerRun, tuple[Word, ...]] | None:
    """The container that these words start, and the words of a program of its own.

    None: they run no container. The second is empty where the image's own entry point runs.
    """
    values = [word.value for word in words]
    start = next((i for i, value in enumerate(values) if _ENGINE.search(value)), None)
    if start is None or not {"run", "create"} & set(values[start + 1 :]):
        return None
    at = min(values.index(verb, start) for verb in ("run", "create") if verb in values[start:]) + 1
    env: dict[str, str | None] = {}
    unclear, env_file, entrypoint = "", False, None
    while at < len(values) and (values[at].startswith("-") or _options_elsewhere(values, at)):
        name, equals, told = _plain(words[at]).partition("=")
        takes = name in _WITH_VALUE and not equals
        width, variable, glued = _variable(words, at)
        if variable:
            last = words[at + width - 1]
            key, given, value = _plain(last).removeprefix(glued).partition("=")
            value = OPAQUE + value if last.value.startswith(OPAQUE) else value
            env[key] = value if given else None
        elif not (takes or equals or name in _FLAGS or _SHORT.fullmatch(name) or name[:2] == "-v"):
            unclear = unclear or f"what {name} of its docker run stands for is not known"
        env_file = env_file or name == "--env-file"
        if name == "--entrypoint" and at + 1 < len(words):
            entrypoint = words[at] if equals else words[at + 1]
            entrypoint = replace(entrypoint, value=told) if equals else entrypoint
        at += 2 if takes else 1
    if at >= len(values):
        return None
    image, args = values[at], tuple(words[at + 1 :])
    own = (entrypoint, *args) if entrypoint is not None else ()
    if not own and not looks_like_agent(image):
        own = args
    container = Container(
        image,
        env,
        tuple(word.value for word in args),
        (entrypoint.value,) if entrypoint is not None else (),
        files=env_file,
    )
    run = DockerRun(tuple(words[start:]), at - start, container, where, unclear)
    return run, own
