"""Runbook scripts are run for real, with a stand-in for java."""

import hashlib
import os
import re
import shutil
import subprocess
import threading
import time
import uuid
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from planner_data import (
    JAR,
    all_choices,
    choices,
    controller,
    inventories,
    inventory,
    launch,
    node,
)

from examples import examples
from migrate.model.inventory import Inventory, LaunchFile, LaunchKind, Node
from migrate.model.plan import Choices
from migrate.model.plan_steps import Manual
from migrate.model.secrets import mask
from migrate.model.text import powershell_quote, windows_word
from migrate.planner.plan import make_plan, runbooks

needs_tools = pytest.mark.skipif(
    not (shutil.which("sh") and shutil.which("curl") and Path("/proc/self/cmdline").exists()),
    reason="needs sh, curl and /proc",
)

JAVA = """#!/bin/sh
# Stands in for java: notes its arguments and environment, says that it is connected, and waits.
printf '%s\\n' "$*" >>"$TESTDIR/starts"
printf '%s\\n' "${AGENT_MARK-unset}" >>"$TESTDIR/marks"
if [ -e "$TESTDIR/refuse" ]; then echo 'Handshake error'; exit 255; fi
echo 'INFO: Connected'
exec 3<>"$TESTDIR/never"
read -r nothing <&3
"""


class Handler(BaseHTTPRequestHandler):
    """Answers as a controller behind a good proxy, or behind one that drops Upgrade."""

    upgrade = 101
    login = 200
    jar = b"new jar"

    def do_GET(self) -> None:
        if self.path == "/login":
            self.answer(self.login)
        elif self.path == "/cli/ws":
            self.answer(self.upgrade if self.headers.get("Upgrade") == "websocket" else 400)
        elif self.path == "/jnlpJars/agent.jar":
            self.answer(200, self.jar)
        else:
            self.answer(404)

    def answer(self, status: int, body: bytes = b"") -> None:
        self.send_response(status)
        if status != 101:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
        self.close_connection = status == 101

    def log_message(self, format: str, *args: object) -> None:
        pass


class Host:
    """A machine with an agent: a folder, a stand-in java, a controller to talk to."""

    def __init__(self, root: Path, handler: type[Handler], port: int) -> None:
        self.root, self.handler = root, handler
        # The scripts look through all processes of this machine, other tests' agents among them.
        self.name = f"n-{uuid.uuid4().hex[:8]}"
        self.url = f"http://127.0.0.1:{port}/"
        self.agent = root / "agent"
        self.agent.mkdir()
        (self.agent / "agent.jar").write_bytes(b"old jar")
        (self.agent / "secret-file").write_text("0" * 64)
        os.mkfifo(root / "never")
        bin_dir = root / "bin"
        bin_dir.mkdir()
        (bin_dir / "java").write_text(JAVA)
        (bin_dir / "java").chmod(0o755)
        self.environment = {
            **os.environ,
            "PATH": f"{bin_dir}:{os.environ['PATH']}",
            "TESTDIR": str(root),
            "MIGRATE_WAIT": "10",
            "MIGRATE_RETRY_PAUSE": "0",
        }
        self.environment.pop("MIGRATE_SKIP_UPGRADE_PROBE", None)
        self.command = (
            f"java -jar agent.jar -url {self.url} -name {self.name} -secret @secret-file -workDir ."
        )

    def start(self, command: str | None = None) -> int:
        """Start the old agent as a person would have."""
        process = subprocess.Popen(
            ["sh", "-c", f"exec {command or self.command}"],
            cwd=self.agent,
            env=self.environment | {"AGENT_MARK": "kept\nover lines"},
            stdout=subprocess.DEVNULL,
        )
        threading.Thread(target=process.wait, daemon=True).start()
        self.wait_for(lambda: len(self.starts()) == 1)
        return process.pid

    def wait_for(self, ready: object) -> None:
        for _ in range(200):
            if ready():  # type: ignore[operator]
                return
            time.sleep(0.02)
        raise AssertionError("waited too long")

    def starts(self) -> list[str]:
        file = self.root / "starts"
        return file.read_text().splitlines() if file.exists() else []

    def agents(self) -> list[int]:
        found = []
        for process in Path("/proc").glob("[0-9]*"):
            try:
                words = (process / "cmdline").read_bytes().split(b"\0")
                if b"-name" in words and (process / "cwd").readlink() == self.agent:
                    found.append(int(process.name))
            except OSError:
                continue
        return found

    def node(self, **changes: Any) -> Node:
        known = launch(
            LaunchKind.URL_NAME,
            command=self.command,
            jar=str(self.agent / "agent.jar"),
            jar_sha256=hashlib.sha256(b"old jar").hexdigest(),
            user=None,
        )
        return replace(node(self.name, launch=replace(known, **changes)), remoting_version="3206")

    def run(
        self, seen: Node, *args: str, jar_version: str = JAR
    ) -> subprocess.CompletedProcess[str]:
        jenkins = controller(
            root_url=self.url,
            jar_version=jar_version,
            jar_sha256=hashlib.sha256(b"new jar").hexdigest(),
        )
        found = inventory(seen, controller=jenkins)
        plan = make_plan(found, (), choices())
        (name, text), *_ = runbooks(plan, found).items()
        script = self.root / name
        script.write_text(text)
        return subprocess.run(
            ["sh", script, *args], env=self.environment, capture_output=True, text=True, timeout=60
        )


@pytest.fixture
def host(tmp_path: Path) -> Iterator[Host]:
    handler = type("OneHandler", (Handler,), {})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    made = Host(tmp_path, handler, server.server_address[1])
    yield made
    for pid in made.agents():
        os.kill(pid, 9)
    server.shutdown()
    server.server_close()


@needs_tools
def test_the_script_moves_an_agent_and_keeps_its_environment(host: Host) -> None:
    pid = host.start()
    done = host.run(host.node())
    assert done.returncode == 0, done.stderr
    assert host.starts()[1] == (
        f"-jar agent.jar -webSocket -url {host.url} -name {host.name} "
        "-secret @secret-file -workDir ."
    )
    assert (host.root / "marks").read_text() == "kept\nover lines\n" * 2
    assert len(host.agents()) == 1 and host.agents() != [pid]
    assert not list(host.agent.glob("migrate-*/environment"))
    again = host.run(host.node(), "undo")
    assert again.returncode == 0, again.stderr
    assert "-webSocket" not in host.starts()[2]
    assert len(host.agents()) == 1


@needs_tools
def test_a_probe_that_fails_leaves_everything_as_it_is(host: Host) -> None:
    pid = host.start()
    host.handler.upgrade = 400
    done = host.run(host.node())
    assert done.returncode == 1
    assert "answers 400 instead of 101" in done.stderr and "Nothing was changed" in done.stderr
    host.environment["MIGRATE_SKIP_UPGRADE_PROBE"] = "1"
    host.handler.login = 403
    done = host.run(host.node())
    assert done.returncode == 1 and "answers 403 instead of 200" in done.stderr
    assert host.agents() == [pid] and len(host.starts()) == 1


@pytest.mark.long
@needs_tools
def test_a_newer_jar_is_renamed_into_place_and_undo_brings_the_old_one_back(host: Host) -> None:
    host.start()
    jar = host.agent / "agent.jar"
    inode = jar.stat().st_ino
    done = host.run(host.node(), jar_version="3283.v92c105e0f819")
    assert done.returncode == 0, done.stderr
    assert jar.read_bytes() == b"new jar" and jar.stat().st_ino != inode
    kept = list(host.agent.glob("agent.jar.migrate-*"))
    assert [k.read_bytes() for k in kept] == [b"old jar"]
    assert host.run(host.node(), "undo", jar_version="3283.v92c105e0f819").returncode == 0
    assert jar.read_bytes() == b"old jar"


@needs_tools
def test_links_that_somebody_left_lead_nowhere(host: Host) -> None:
    host.start()
    victim = host.root / "victim"
    victim.write_bytes(b"victim")
    (host.root / "elsewhere").mkdir()
    jar = host.agent / "agent.jar"
    kept = f"agent.jar.migrate-{hashlib.sha256(b'old jar').hexdigest()[:12]}"
    for name in ("agent.jar.migrate-new", "agent.jar.migrate-back", kept):
        (host.agent / name).symlink_to(victim)
    done = host.run(host.node(), jar_version="3283.v92c105e0f819")
    assert done.returncode == 0, done.stderr
    assert (host.agent / kept).read_bytes() == b"old jar" and jar.read_bytes() == b"new jar"
    assert victim.read_bytes() == b"victim"
    assert [p.name for p in host.agent.iterdir() if p.name.startswith(".migrate-")] == []
    [state] = [p for p in host.agent.glob("migrate-*") if p.is_dir()]
    shutil.rmtree(state)
    state.symlink_to(host.root / "elsewhere")
    done = host.run(host.node(), "undo", jar_version="3283.v92c105e0f819")
    assert done.returncode == 1 and "is somebody else's" in done.stderr
    assert list((host.root / "elsewhere").iterdir()) == []


@needs_tools
def test_a_jar_with_another_checksum_is_not_used(host: Host) -> None:
    pid = host.start()
    host.handler.jar = b"something else"
    done = host.run(host.node(), jar_version="3283.v92c105e0f819")
    assert done.returncode == 1 and "SHA-256 differs" in done.stderr
    assert (host.agent / "agent.jar").read_bytes() == b"old jar"
    assert host.agents() == [pid]


@needs_tools
def test_a_secret_in_clear_goes_into_a_private_file_and_nowhere_else(host: Host) -> None:
    secret = "ab" * 32
    host.start(host.command.replace("@secret-file", secret))
    seen = host.node(command=host.command.replace("@secret-file", "****"))
    done = host.run(seen)
    assert done.returncode == 0, done.stderr
    file = host.agent / "agent-secret"
    assert file.read_text().strip() == secret and file.stat().st_mode & 0o777 == 0o600
    assert f"-secret @{file}" in host.starts()[1]
    script = (host.root / f"{host.name}.sh").read_text()
    assert secret not in script + done.stdout + done.stderr


@pytest.mark.long
@needs_tools
def test_an_agent_that_ends_at_once_is_reported_with_the_way_back(host: Host) -> None:
    host.start()
    (host.root / "refuse").touch()
    seen = host.node()
    done = host.run(seen)
    assert done.returncode == 1
    assert "undo" in done.stderr
    (host.root / "refuse").unlink()
    assert host.run(seen, "undo").returncode == 0
    assert "-webSocket" not in host.starts()[-1]


@needs_tools
def test_a_busy_agent_and_a_neighbour_are_left_alone(host: Host) -> None:
    pid = host.start()
    other = subprocess.Popen(
        ["sh", "-c", f"exec {host.command.replace(host.name, 'other')}"],
        cwd=host.agent,
        env=host.environment,
        stdout=subprocess.DEVNULL,
    )
    child = subprocess.Popen(
        ["sh", "-c", f"sleep 30 & exec java -jar agent.jar -name {host.name}"],
        cwd=host.agent,
        env=host.environment,
        stdout=subprocess.DEVNULL,
    )
    host.wait_for(lambda: len(host.starts()) == 3)
    done = host.run(host.node())
    assert done.returncode == 1 and "several processes" in done.stderr
    os.kill(pid, 9)
    host.wait_for(lambda: pid not in host.agents())
    done = host.run(host.node())
    assert done.returncode == 1 and "child processes" in done.stderr
    assert set(host.agents()) == {other.pid, child.pid}
    for process in (other, child):
        process.kill()
        process.wait()


@needs_tools
def test_an_unknown_launch_is_probed_and_never_restarted(host: Host) -> None:
    pid = host.start()
    seen = replace(host.node(), launch=None)
    done = host.run(seen)
    assert done.returncode == 3
    assert "Nothing was changed" in done.stdout and "find how the agent is started" in done.stdout
    assert host.agents() == [pid]


def told_by_hand(
    supervisor: str,
    kind: LaunchKind = LaunchKind.URL_NAME,
    command: str = "-jar /srv/a/agent.jar -url https://j/",
    tail: str = "-name a -secret ****",
    **more: Any,
) -> tuple[str, str]:
    """The instructions, and the script that goes with them."""
    seen = launch(
        kind,
        command=f"java {command} {tail}",
        secret_in_clear=True,
        supervisor=supervisor,
        **{"supervisor_detail": "x.service", **more},
    )
    known = node(launch=seen)
    plan = make_plan(inventory(known), (), Choices(name="t"))
    [step] = [step for step in plan.steps() if isinstance(step, Manual)]
    [text] = runbooks(plan, inventory(known)).values()
    return str(step.instructions), text


def test_a_container_of_another_image_gets_its_command_changed() -> None:
    """Only the images of jenkinsci/docker-agent turn JENKINS_WEB_SOCKET into an option."""
    own, _ = told_by_hand("docker")
    assert "JENKINS_WEB_SOCKET" not in own and "-webSocket" in own
    image, _ = told_by_hand("docker", LaunchKind.CONTAINER)
    assert "JENKINS_WEB_SOCKET=true" in image


@pytest.mark.parametrize("supervisor", ["none", "systemd", "unknown", "winsw"])
@pytest.mark.parametrize("head", ["-javaagent:/o/otel.jar", "-cp a.jar:b.jar", "@/etc/ja/jvm"])
def test_javas_own_words_stay_in_front_of_the_jar(supervisor: str, head: str) -> None:
    told, script = told_by_hand(supervisor, command=f"{head} -jar /srv/a/agent.jar -url https://j/")
    words = f"{head} -jar /srv/a/agent.jar -webSocket -url https://j/ -name a"
    assert words in told + script and "agent.jar -javaagent" not in told + script


@pytest.mark.parametrize("supervisor", ["none", "systemd", "unknown", "docker", "winsw"])
def test_options_in_a_file_are_changed_there(supervisor: str) -> None:
    told, script = told_by_hand(supervisor, command="-jar /srv/a/agent.jar @/etc/ja/args", tail="")
    assert "options stand in /etc/ja/args, one word a line" in told
    assert "Put a line -webSocket in front of the line -url" in told
    assert "-webSocket -url" not in told + script and "agent-secret" not in told + script
    assert ("systemctl restart x.service" in told) == (supervisor == "systemd")


def test_a_word_that_is_not_understood_is_named_and_no_secret() -> None:
    told, _ = told_by_hand("systemd", command="-jar a.jar -quick -url https://j/")
    assert "its word -quick is no option of agent.jar" in told and "-webSocket -quick" not in told
    told, _ = told_by_hand("systemd", command="-jar a.jar -url https://j/ hunter2")
    assert "hunter2" not in told and "neither" in told


HANDED_OVER = {
    "supervisord": ("[program:ja]", "supervisorctl reread", "supervisorctl update"),
    "upstart": ("/etc/init/ja.conf", "initctl reload-configuration", "start ja"),
    "openrc": ("/etc/conf.d/ja", "rc-service ja restart"),
    "launchd": ("property list", "bootout"),
}


@pytest.mark.parametrize("supervisor", HANDED_OVER)
def test_each_starter_has_its_file_edit_and_command(supervisor: str) -> None:
    files = (LaunchFile("/found/here.conf", "script", None),)
    told, script = told_by_hand(supervisor, supervisor_detail="ja", launch_files=files)
    for part in (*HANDED_OVER[supervisor], "-webSocket -url https://j/"):
        assert part in told and part in script
    assert ("/found/here.conf" in told) == (supervisor != "launchd")


def test_a_crontab_is_named_with_its_user() -> None:
    told, _ = told_by_hand("none", supervisor_detail="cron", user="build")
    assert "crontab -l -u build" in told and "crontab -e -u build" in told


@pytest.mark.parametrize(
    ("supervisor", "parts"),
    [
        ("scheduled-task", ("schtasks /query /tn NAME /xml", "schtasks /create /tn NAME", "/run")),
        ("nssm", ("nssm get NAME AppParameters", "nssm restart NAME")),
        ("winsw", ("<arguments>", "Restart-Service")),
    ],
)
def test_on_windows_nothing_of_unix_is_told(supervisor: str, parts: tuple[str, ...]) -> None:
    command = "-jar C:\\ci\\agent.jar -url https://j/"
    told, script = told_by_hand(
        supervisor, command=command, supervisor_detail="", os="Windows Server 2022", user="ci"
    )
    assert all(part in told for part in parts) and "-webSocket -url https://j/" in told
    assert "mode 0600" not in told + script and '/grant:r "ci:R"' in told
    assert "daemon-reload" not in told and "ps -ef" not in told


@pytest.mark.parametrize("kind", [LaunchKind.URL_NAME, LaunchKind.CONTAINER])
def test_a_containers_secret_stays_and_its_id_is_no_host(kind: LaunchKind) -> None:
    told, script = told_by_hand("docker", kind, host="0a1b2c3d4e5f", supervisor_detail="0a1b2c3d")
    assert "agent-secret" not in told + script and "mode 0600" not in told
    assert "On the host that runs the container (0a1b2c3d)" in told
    assert "On 0a1b2c3d4e5f" not in told and "leave the secret" in told
    assert "docker compose up -d" in told and ".container" in told


@pytest.mark.parametrize("supervisor", ["none", "systemd", "unknown", "docker"])
def test_no_undo_is_promised_that_the_script_does_not_know(supervisor: str) -> None:
    told, script = told_by_hand(supervisor)
    knows = "\nundo() {" in script
    promised = ("undo", "run it there", "the script puts it there")
    assert [text in told for text in promised] == [knows] * 3
    assert ("-webSocket" in told) is not knows or supervisor == "none"


def test_no_word_of_the_instructions_is_taken_for_a_secret() -> None:
    """They are masked when they are printed: "-credentials and" came out as "-credentials ****"."""
    plan = make_plan(inventory(node(launch=None)), (), Choices(name="t"))
    told = [getattr(step, "instructions", "") for step in plan.steps()]
    assert any("-credentials" in text for text in told)
    assert [mask(text) for text in told] == told


SYSTEMCTL = """#!/bin/sh
printf '%s\\n' "$*" >>"$TESTDIR/systemctl"
case "$1 $2 $3" in
'show -p MainPID') echo MainPID=0 ;;
'show -p ExecStart') echo "ExecStart={ path=java ; argv[]=java -jar $TESTDIR/agent/agent.jar }" ;;
esac
"""


@needs_tools
def test_a_systemd_unit_gets_a_drop_in(host: Host) -> None:
    (host.root / "bin" / "systemctl").write_text(SYSTEMCTL)
    (host.root / "bin" / "systemctl").chmod(0o755)
    (host.root / "bin" / "id").write_text("#!/bin/sh\necho 0\n")
    (host.root / "bin" / "id").chmod(0o755)
    jar = host.agent / "agent.jar"
    seen = host.node(
        command=f"java -Dx='100% $A' -jar {jar} -url {host.url} -name {host.name} -secret "
        f"@{host.agent}/secret-file -workDir {host.agent}",
        supervisor="systemd",
        supervisor_detail="agent@n.service",
    )
    found = inventory(seen, controller=controller(root_url=host.url))
    text = runbooks(make_plan(found, (), choices()), found)[f"{host.name}.sh"]
    units = host.root / "units"
    script = host.root / f"{host.name}.sh"
    text = text.replace("/etc/systemd/system", str(units)).replace("/var/lib", str(host.root))
    script.write_text(text.replace("sleep 5", ":"))

    def run(*args: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["sh", script, *args], env=host.environment, capture_output=True, text=True, timeout=30
        )

    done = run()
    assert done.returncode == 0, done.stderr
    dropin = units / "agent@n.service.d" / "50-websocket-agent.conf"
    lines = dropin.read_text().splitlines()
    assert lines[1:3] == ["[Service]", "ExecStart="]
    assert '"-Dx=100%% $$A"' in lines[3] and '"-webSocket"' in lines[3]
    assert "restart -- agent@n.service" in (host.root / "systemctl").read_text()
    assert run("undo").returncode == 0
    assert not dropin.exists()


@needs_tools
@settings(max_examples=examples(25), suppress_health_check=[HealthCheck.too_slow])
@given(inventories(), all_choices)
def test_scripts_of_any_node_are_valid_shell_and_hold_no_secret(
    found: Inventory, chosen: Choices
) -> None:
    secret = "f" * 64
    for name, text in runbooks(make_plan(found, (), chosen), found).items():
        assert "/" not in name and not name.startswith((".", "-"))
        assert secret not in text
        if name.endswith(".sh"):
            checked = subprocess.run(["sh", "-n"], input=text.encode(), capture_output=True)
            assert checked.returncode == 0, checked.stderr


@needs_tools
def test_hostile_text_stays_text(tmp_path: Path) -> None:
    evil = f"x'; touch {tmp_path}/pwned; '$(touch {tmp_path}/pwned)`touch {tmp_path}/pwned`\n"
    evil += f"MIGRATE_END\ntouch {tmp_path}/pwned"
    seen = node(evil, launch=launch(LaunchKind.SWARM, host=evil, supervisor_detail=evil))
    known = node(
        "a" + evil,
        launch=launch(
            LaunchKind.URL_NAME, user=evil, jar=evil, command=f"java -jar a.jar -url {evil}"
        ),
    )
    found = inventory(seen, known, controller=controller(root_url="http://127.0.0.1:1/"))
    for text in runbooks(make_plan(found, (), choices()), found).values():
        (tmp_path / "s.sh").write_text(text)
        subprocess.run(["sh", "s.sh"], cwd=tmp_path, capture_output=True, timeout=30)
        assert not (tmp_path / "pwned").exists()


@pytest.mark.parametrize("supervisor", ["none", "systemd", "docker", "winsw"])
def test_another_masked_secret_does_not_shrink_the_runbook(supervisor: str) -> None:
    """The command is written out; its script starts nothing, and a person puts the value back."""
    known = node(
        launch=launch(
            LaunchKind.URL_NAME,
            command="java -Djavax.net.ssl.trustStorePassword=**** -jar /srv/a/agent.jar "
            "-url https://j/ -name a -secret @/srv/a/s",
            secret_in_clear=False,
            supervisor=supervisor,
            supervisor_detail="x.service",
        )
    )
    plan = make_plan(inventory(known), (), Choices(name="t"))
    [step] = [step for step in plan.steps() if isinstance(step, Manual)]
    [text] = runbooks(plan, inventory(known)).values()
    told = str(step.instructions)
    assert "-Djavax.net.ssl.trustStorePassword of the command had a secret" in told
    assert "-webSocket" in told and "-secret @/srv/a/s" in told
    assert "stands in clear" not in told
    assert "new_command()" not in text and "To undo" not in told


@pytest.mark.parametrize(
    "name", ["Ñandú", "Сборка-Т’", "ソ表", "a\u2019; calc; \u2018", "\U0001f600"]
)
def test_every_windows_powershell_reads_the_same_script(name: str) -> None:
    # In a system's code page the bytes of a letter may hold a quote, which ends the text early.
    known = launch(LaunchKind.URL_NAME, os="Windows Server 2022 amd64", supervisor="winsw")
    found = inventory(node(name, launch=known))
    asked = choices(drivers=(("*", "manual"),))
    ((_, text),) = runbooks(make_plan(found, (), asked), found).items()
    raw = text.encode()
    assert text.startswith("# ")
    read = {raw.decode(page) for page in ("utf-8", "cp1252", "cp1251", "cp932", "ascii")}
    assert read == {text}
    (row,) = [line for line in text.splitlines() if line.startswith("$Node = ")]
    assert evaluated(row.removeprefix("$Node = ")) == name


def evaluated(expression: str) -> str:
    """What PowerShell makes of a literal, or of literals and [char]s in parentheses, with a +."""
    units = b""
    part = re.compile(r"'((?:[^']|'')*)'|\[char\]0x([0-9a-f]{4})", re.DOTALL)
    inner = expression[1:-1] if expression.startswith("(") else expression
    at = 0
    while at < len(inner):
        found = part.match(inner, at)
        assert found, inner[at:]
        assert at or found[2] is None, "a [char] first would make numbers of the rest"
        units += (
            bytes.fromhex(found[2]) if found[2] else found[1].replace("''", "'").encode("utf-16-be")
        )
        at = found.end()
        if at < len(inner):
            assert inner[at : at + 3] == " + " and inner is not expression
            at += 3
    return units.decode("utf-16-be", "surrogatepass")


@settings(max_examples=examples(100))
@given(text=st.text(st.characters() | st.sampled_from("'\u2018\u2019\u201a\u201b`$\r\n\0é")))
def test_any_text_is_the_same_in_powershell(text: str) -> None:
    quoted = powershell_quote(text)
    assert quoted.isascii() and not re.search(r"[^\n -~]", quoted)
    assert evaluated(quoted) == text


@pytest.mark.parametrize(
    ("word", "passed"),
    [
        ("plain", "plain"),
        ("", '""'),
        ("a b", '"a b"'),
        ("C:\\my dir\\", '"C:\\my dir\\\\"'),
        ('say "x"', '"say \\"x\\""'),
        ("C:\\dir\\", "C:\\dir\\"),
    ],
)
def test_a_word_arrives_on_windows_as_it_is(word: str, passed: str) -> None:
    assert windows_word(word) == passed
