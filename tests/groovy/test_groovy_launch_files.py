"""describe-launch: the supervisor, and the files that hold a launch, on made-up hosts."""

from pathlib import Path
from typing import Any

import pytest
from groovy_runner import Sent, needs_groovy, run_all

from migrate.jenkins.launch import launch_from
from migrate.model.inventory import Launch

pytestmark = [pytest.mark.groovy, pytest.mark.long, needs_groovy]

SECRET = "0123456789abcdef" * 4
PROPERTIES = (
    "FragmentPath,DropInPaths,ActiveState,MainPID,Restart,RestartPreventExitStatus,"
    "SuccessExitStatus"
)
JAR_LINE = "/srv/a/agent.jar -url http://j/ -name a -secret @/srv/a/secret -workDir /srv/a"


class Host:
    """A folder that stands for a machine's root."""

    def __init__(self, folder: Path, name: str) -> None:
        self.root = folder / name
        self.env: dict[str, str] = {"PATH": "/usr/bin"}
        self.words = ["/usr/bin/java", "-jar", *JAR_LINE.split()]
        self.put("/proc/self/cgroup", "0::/\n")
        self.process("self", self.words, parent=1)

    def put(self, path: str, text: str, mode: int = 0o644) -> str:
        real = Path(f"{self.root}{path}")
        real.parent.mkdir(parents=True, exist_ok=True)
        real.write_text(text, encoding="utf-8")
        real.chmod(mode)
        return str(real)

    def process(self, pid: str, words: list[str], parent: int) -> None:
        self.put(f"/proc/{pid}/cmdline", "".join(f"{word}\0" for word in words))
        self.put(f"/proc/{pid}/stat", f"1 (a b) c) S {parent} 1 1 0")

    def sent(self) -> Sent:
        command = " ".join(self.words[2:])
        before = f"System.setProperty('sun.java.command', '{command}')"
        return "describe-launch", {"root": str(self.root), "env": self.env}, before


def systemd(folder: Path, name: str, systemctl: str = "") -> Host:
    host = Host(folder, name)
    host.put("/proc/self/cgroup", "0::/system.slice/jenkins-agent.service\n")
    start = host.put("/opt/agent/start.sh", "#!/bin/sh\nexec java -jar agent.jar\n", 0o755)
    env_file = host.put("/etc/default/jenkins-agent", "JENKINS_URL=http://j/\n")
    unit = f"[Service]\nEnvironmentFile=-{env_file}\nExecStart=\\\n {start} a\nRestart=always\n"
    host.put("/lib/systemd/system/jenkins-agent.service", unit)
    host.put("/etc/systemd/system/jenkins-agent.service.d/50-x.conf", "[Service]\nRestartSec=5\n")
    if systemctl:
        host.put("/usr/bin/systemctl", systemctl, 0o755)
    return host


def answers(folder: Path, hosts: list[Host]) -> list[tuple[Launch, Any, str]]:
    work = folder / "work"
    work.mkdir()
    results = run_all([host.sent() for host in hosts], work)
    return [(launch_from(result), result, output) for result, output in results]


def shown(host: Host, launch: Launch) -> list[tuple[str, str]]:
    return [(f.path.removeprefix(str(host.root)), f.kind) for f in launch.launch_files]


def test_a_systemd_unit_by_the_usual_paths_and_by_systemctl(tmp_path: Path) -> None:
    own = "/run/systemd/generator/jenkins-agent.service"
    told = systemd(
        tmp_path,
        "told",
        f"#!/bin/sh\n[ \"$1 $2 $3 $4\" = 'show -p {PROPERTIES} jenkins-agent.service' ] && printf "
        f"'FragmentPath={tmp_path}/told{own}\\nDropInPaths=\\nRestart=on-failure\\nMainPID=1\\n'\n",
    )
    told.put(own, "[Service]\nExecStart=/usr/bin/java -jar /srv/a/agent.jar\n")
    broken = systemd(tmp_path, "broken", "#!/bin/sh\nexit 1\n")
    usual = systemd(tmp_path, "usual")
    hosts = [told, broken, usual]
    launches = [launch for launch, _, _ in answers(tmp_path, hosts)]
    assert {(x.supervisor, x.supervisor_detail) for x in launches} == {
        ("systemd", "jenkins-agent.service")
    }
    by_path = [
        ("/lib/systemd/system/jenkins-agent.service", "systemd-unit"),
        ("/etc/systemd/system/jenkins-agent.service.d/50-x.conf", "systemd-drop-in"),
        ("/etc/default/jenkins-agent", "env-file"),
        ("/opt/agent/start.sh", "script"),
    ]
    assert shown(told, launches[0]) == [(own, "systemd-unit")]
    assert shown(broken, launches[1]) == by_path
    assert shown(usual, launches[2]) == by_path
    assert all(f.writable is True for f in launches[2].launch_files)
    # systemctl knows what counts now; the files are what is left without it.
    assert [(x.restart, x.restart_exit, x.main_process) for x in launches] == [
        ("on-failure", 93, False),
        ("always", 93, True),
        ("always", 93, True),
    ]


def unit_with(folder: Path, name: str, *settings: str, parent: int = 1) -> Host:
    host = Host(folder, name)
    host.put("/proc/self/cgroup", "0::/system.slice/jenkins-agent.service\n")
    text = "[Service]\n" + "".join(f"{line}\n" for line in settings)
    host.put("/etc/systemd/system/jenkins-agent.service", text)
    host.process("self", host.words, parent=parent)
    return host


def test_what_systemd_does_when_the_agent_ends(tmp_path: Path) -> None:
    hosts = [
        unit_with(tmp_path, "no-word"),
        unit_with(tmp_path, "no", "Restart=no"),
        unit_with(tmp_path, "last", "Restart=always", "Restart = on-success"),
        unit_with(tmp_path, "spared", "Restart=always", "RestartPreventExitStatus=1 93"),
        unit_with(tmp_path, "fine", "Restart=on-failure", "SuccessExitStatus=143", parent=40),
        unit_with(tmp_path, "success", "Restart=on-failure", "SuccessExitStatus=143 93"),
        unit_with(tmp_path, "abort", "Restart=on-abort"),
    ]
    gone = unit_with(tmp_path, "gone")
    Path(f"{gone.root}/etc/systemd/system/jenkins-agent.service").unlink()
    launches = [launch for launch, _, _ in answers(tmp_path, [*hosts, gone])]
    assert [(x.restart, x.restart_exit, x.main_process) for x in launches] == [
        ("no", None, True),
        ("no", None, True),
        ("on-success", 0, True),
        ("always", None, True),
        ("on-failure", 93, False),
        ("on-failure", None, True),
        ("on-abort", None, True),
        (None, None, True),
    ]


def test_a_unit_of_the_agents_own_user(tmp_path: Path) -> None:
    def own(name: str, state: str) -> Host:
        host = Host(tmp_path, name)
        group = "user.slice/user-7.slice/user@7.service/app.slice/agent.service"
        host.put("/proc/self/cgroup", f"0::/{group}\n")
        unit = host.put("/home/a/.config/systemd/user/agent.service", "[Service]\nRestart=no\n")
        told = f"FragmentPath={unit}\\nRestart=no\\nActiveState={state}\\n"
        text = f"#!/bin/sh\n[ $1 = --user ] && [ -n '{state}' ] && printf '{told}'\n"
        host.put("/bin/systemctl", text, 0o755)
        return host

    found = answers(tmp_path, [own("active", "active"), own("silent", "")])
    (active, _, _), (silent, _, _) = found
    assert (active.restart, active.supervisor_detail) == ("user-unit", "agent.service")
    assert [f.kind for f in active.launch_files] == ["systemd-unit"]
    # Nobody answers for that user: nothing is known, and nothing would be ended.
    assert (silent.restart, silent.restart_exit) == (None, None)


def test_a_file_of_somebody_else_is_not_the_agents_to_replace(tmp_path: Path) -> None:
    host = systemd(tmp_path, "theirs")
    script, arguments, before = host.sent()
    other = f"System.setProperty('user.name', 'somebody-else')\n{before}"
    result, _ = run_all([(script, arguments, other)], tmp_path)[0]
    assert {f.writable for f in launch_from(result).launch_files} == {False}


def test_scripts_that_wait_for_the_agent(tmp_path: Path) -> None:
    host = Host(tmp_path, "scripts")
    loop = host.put("/srv/a/keep-running.sh", "#!/bin/sh\n")
    start = host.put("/srv/a/start agent.sh", "#!/bin/sh\n")
    host.process("self", host.words, parent=70)
    host.process("70", ["/bin/bash", "-e", start], parent=60)
    host.process("60", ["sh", loop], parent=50)
    host.process("50", ["/usr/sbin/sshd", "-D"], parent=1)
    inline = Host(tmp_path, "inline")
    inline.process("self", inline.words, parent=7)
    inline.process("7", ["/bin/sh", "-c", f"java -secret {SECRET}"], parent=1)
    (launch, _, _), (none, _, output) = answers(tmp_path, [host, inline])
    assert [(f.path, f.kind) for f in launch.launch_files] == [(loop, "script"), (start, "script")]
    assert (launch.supervisor, launch.kind.value) == ("none", "url-name")
    assert none.launch_files == ()
    assert SECRET not in output


def test_winsw_by_its_environment(tmp_path: Path) -> None:
    host = Host(tmp_path, "winsw")
    xml = host.put("/services/jenkins-agent.xml", "<service/>")
    host.env["WINSW_EXECUTABLE"] = xml.removesuffix(".xml") + ".exe"
    host.env["WINSW_SERVICE_ID"] = "jenkinsagent"
    [(launch, _, _)] = answers(tmp_path, [host])
    assert (launch.supervisor, launch.supervisor_detail) == ("winsw", "jenkinsagent")
    assert launch.restart is None
    assert [(f.path, f.kind, f.writable) for f in launch.launch_files] == [(xml, "winsw-xml", True)]


def test_containers_and_pods(tmp_path: Path) -> None:
    def pod(name: str) -> Host:
        host = Host(tmp_path, name)
        host.env |= {"KUBERNETES_SERVICE_HOST": "10.0.0.1", "HOSTNAME": name}
        host.put("/var/run/secrets/kubernetes.io/serviceaccount/namespace", "build")
        host.words = ["java", "-jar", *JAR_LINE.replace("/srv/a", "/usr/share/jenkins").split()]
        host.process("self", host.words, parent=1)
        return host

    docker = Host(tmp_path, "docker")
    docker.put("/.dockerenv", "")
    docker.env |= {"HOSTNAME": "0123456789ab", "JENKINS_AGENT_FILE": "/usr/share/jenkins/agent.jar"}
    hosts = [docker, pod("agents-6c9f7b8d5f-x2x4z"), pod("agents-0"), pod("agents-x2x4z")]
    launches = [launch for launch, _, _ in answers(tmp_path, hosts)]
    assert [x.kind.value for x in launches] == ["container"] * 4
    assert [x.supervisor for x in launches] == ["docker", *["kubernetes"] * 3]
    assert [x.owner_guess for x in launches] == [
        None,
        "Deployment agents",
        "StatefulSet agents",
        "DaemonSet agents",
    ]
    assert [x.namespace for x in launches] == [None, "build", "build", "build"]
    assert [x.launch_files for x in launches] == [()] * 4


def test_in_a_container_but_not_its_command(tmp_path: Path) -> None:
    def inside(name: str, *above: list[str]) -> Host:
        host = Host(tmp_path, name)
        host.put("/.dockerenv", "")
        host.process("self", host.words, parent=len(above))
        for number, words in enumerate(reversed(above), 1):
            host.process(str(number), words, parent=number - 1)
        return host

    script = ["/bin/bash", "/entrypoint.sh"]
    machine = inside("machine", ["/sbin/init"])
    machine.put("/proc/self/cgroup", "0::/system.slice/agent.service\n")
    hosts = {
        "waits": inside("waits", script, ["/usr/bin/tini", "--", "/entrypoint.sh"]),
        "by hand": inside("hand", ["/bin/bash"], ["sleep", "infinity"]),
        "exec": inside("exec"),
        "machine": machine,
        "many": inside("many", ["/usr/bin/python3", "/usr/bin/supervisord", "-n"]),
    }
    found = dict(zip(hosts, answers(tmp_path, list(hosts.values())), strict=True))
    supervisors = {name: (x.supervisor, x.supervisor_detail) for name, (x, _, _) in found.items()}
    assert supervisors == {
        "waits": ("docker", ""),
        "by hand": ("none", ""),
        "exec": ("none", ""),
        "machine": ("systemd", "agent.service"),
        "many": ("unknown", "supervisord"),
    }


def test_main_work_directory_and_a_secret_in_clear(tmp_path: Path) -> None:
    in_file, clear, old = (Host(tmp_path, name) for name in ("file", "clear", "old"))
    work_dir = tmp_path / "w"
    work_dir.mkdir()
    in_file.words = [*in_file.words[:-1], str(work_dir)]
    clear.words = ["java", "-jar", "/a.jar", "-url", "http://j/", "-name", "a", "-secret", SECRET]
    old.words = ["java", "-cp", "hudson.remoting.jnlp.Main", "-headless", "-url", "http://j/"]
    old.words += [SECRET, "a"]
    for host in (in_file, clear, old):
        host.process("self", host.words, parent=1)
    found = answers(tmp_path, [in_file, clear, old])
    launches = [launch for launch, _, _ in found]
    assert [x.secret_in_clear for x in launches] == [False, True, True]
    assert [x.main for x in launches] == ["/srv/a/agent.jar", "/a.jar", "hudson.remoting.jnlp.Main"]
    assert (launches[0].work_dir, launches[0].work_dir_writable) == (str(work_dir), True)
    assert all(SECRET not in output for _, _, output in found)


def test_launchd_by_the_label_in_a_property_list(tmp_path: Path) -> None:
    host = Host(tmp_path, "mac")
    path = host.put(
        "/Library/LaunchDaemons/agent.plist", "<dict><string>org.example.agent</string></dict>"
    )
    host.put("/Library/LaunchDaemons/other.plist", "<dict><string>org.example</string></dict>")
    host.env["XPC_SERVICE_NAME"] = "org.example.agent"
    script, arguments, before = host.sent()
    mac = f"System.setProperty('os.name', 'Mac OS X')\n{before}"
    result, _ = run_all([(script, arguments, mac)], tmp_path, alone=True)[0]
    launch = launch_from(result)
    assert (launch.supervisor, launch.supervisor_detail) == ("launchd", "org.example.agent")
    assert [(f.path, f.kind) for f in launch.launch_files] == [(path, "launchd-plist")]


def test_options_in_a_file_of_arguments_are_told_and_the_file_is_no_secrets(tmp_path: Path) -> None:
    host = Host(tmp_path, "args")
    lines = f"-url\nhttp://j/\n-name\na\n-tunnel\nh:1\n-secret\n{SECRET}\n-workDir=/srv/w\n"
    path = host.put("/etc/ja/args", lines)
    host.words = ["/usr/bin/java", "-cp", "/srv/a.jar", "-jar", "/srv/a.jar", "@" + path]
    host.process("self", host.words, parent=1)
    before = f"System.setProperty('sun.java.command', '/srv/a.jar @{path}')"
    old = Host(tmp_path, "pair")
    pair = "hudson.remoting.jnlp.Main -url http://j/ -workDir=/srv/p @/s a"
    old.words = ["/usr/bin/java", "-cp", "/srv/a.jar", *pair.split()]
    old.process("self", old.words, parent=1)
    work = tmp_path / "work"
    work.mkdir()
    sent = [
        ("describe-launch", {"root": str(h.root), "env": h.env}, text)
        for h, text in (
            (host, before),
            (old, f"System.setProperty('sun.java.command', '{pair}')"),
        )
    ]
    (one, output), (two, _) = run_all(sent, work)
    launch = launch_from(one)
    assert launch.kind.value == "url-name" and launch.command.endswith(f"-jar /srv/a.jar @{path}")
    assert launch.options == ("-url", "-name", "-tunnel", "-secret", "-workDir")
    assert (launch.secret_in_clear, launch.work_dir) == (True, "/srv/w")
    assert [(f.path, f.kind) for f in launch.launch_files] == [(path, "argument-file")]
    assert SECRET not in output
    launch = launch_from(two)
    assert launch.command.endswith("-workDir=/srv/p @/s a") and launch.secret_in_clear is False
    assert launch.work_dir == "/srv/p" and launch.launch_files == ()


def test_other_supervisors_and_their_files(tmp_path: Path) -> None:
    by = Host(tmp_path, "supervisord")
    by.env |= {"SUPERVISOR_PROCESS_NAME": "ja", "SUPERVISOR_GROUP_NAME": "ja"}
    by.process("self", by.words, parent=7)
    top = by.put("/opt/sv/supervisord.conf", "[include]\nfiles = conf.d/*.conf\n")
    by.process("7", ["/usr/bin/python3", "/usr/bin/supervisord", "-c", top], parent=1)
    by.put("/opt/sv/conf.d/b.conf", "[program:other]\ncommand=x\n")
    by.put("/opt/sv/conf.d/a.conf", "[program:ja]\ncommand=java\n")
    cron = Host(tmp_path, "cron")
    cron.put("/proc/self/cgroup", "0::/system.slice/cron.service\n")
    cron.put("/etc/cron.d/ja", "@reboot ja java -jar a.jar\n")
    cron.put("/etc/cron.d/other", "@daily root x\n")
    jar = cron.put("/srv/a/a.jar", "x")
    openrc = Host(tmp_path, "openrc")
    openrc.env |= {"RC_SVCNAME": "ja"}
    openrc.put("/etc/init.d/ja", "#!/sbin/openrc-run\n")
    openrc.put("/etc/conf.d/ja", "command_args=x\n")
    upstart = Host(tmp_path, "upstart")
    upstart.env |= {"UPSTART_JOB": "ja"}
    upstart.put("/etc/init/ja.conf", "exec java\n")
    sshd = Host(tmp_path, "sshd")
    sshd.env |= {"RC_SVCNAME": "sshd"}
    sshd.put("/etc/init.d/sshd", "#!/sbin/openrc-run\n")
    hosts = [by, cron, openrc, upstart, sshd]
    work = tmp_path / "work"
    work.mkdir()
    sent = [host.sent() for host in hosts]
    command, args, before = sent[1]
    sent[1] = (command, args, before + f"\nSystem.setProperty('java.class.path', '{jar}')")
    launches = [launch_from(result) for result, _ in run_all(sent, work)]
    assert [(one.supervisor, one.supervisor_detail) for one in launches] == [
        ("supervisord", "ja"),
        ("none", "cron"),
        ("openrc", "ja"),
        ("upstart", "ja"),
        ("none", ""),
    ]
    assert [shown(host, one) for host, one in zip(hosts, launches, strict=True)] == [
        [("/opt/sv/conf.d/a.conf", "supervisord")],
        [("/etc/cron.d/ja", "crontab")],
        [("/etc/init.d/ja", "script"), ("/etc/conf.d/ja", "env-file")],
        [("/etc/init/ja.conf", "upstart-job")],
        [],
    ]


def test_on_windows_it_looks_for_the_programs_above(tmp_path: Path) -> None:
    host = Host(tmp_path, "windows")
    command, args, before = host.sent()
    before += "\nSystem.setProperty('os.name', 'Windows 10')"
    ((result, _),) = run_all([(command, args, before)], tmp_path, alone=True)
    assert launch_from(result).supervisor == "unknown"
