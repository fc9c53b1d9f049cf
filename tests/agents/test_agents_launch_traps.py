"""Launch files that look like something else, or say less than they seem to."""

import pytest
from agents_launch import SECRET, edited, wanted

from migrate.agents.launch.registry import editor_for
from migrate.splice.text import NotEditable

CI = "https://ci.example.test/"
AGENT = f"-url {CI} -name b1 -secret @/srv/s"
PLAIN = ("agent.jar -url", "agent.jar -webSocket -url")
BASH = SH = "#!/bin/bash\n"
UNIT = "/etc/systemd/system/ja.service"
SUPERVISOR = "/etc/supervisor/conf.d/ja.conf"
CONTAINER = "-e JENKINS_AGENT_NAME=b1 -e JENKINS_URL"
WEB_SOCKET = (" jenkins/inb", " -e JENKINS_WEB_SOCKET=true jenkins/inb")

EDITED = {
    "a user whose name is java": (
        UNIT,
        f"[Service]\nExecStart=/usr/bin/sudo -u java /usr/bin/java -jar /srv/agent.jar {AGENT}\n",
        (PLAIN,),
    ),
    "java's home in the environment": (
        "x.sh",
        f'{BASH}exec env JAVA_HOME="$JAVA_HOME" java -jar agent.jar {AGENT}\n',
        (PLAIN,),
    ),
    "java in a variable of two values": (
        "x.sh",
        f"{BASH}if [ -x /j ]; then J=/j; else J=java; fi\n$J -Xmx1g -jar agent.jar {AGENT}\n",
        (PLAIN,),
    ),
    "a command that is only told of": (
        "x.sh",
        f"{BASH}echo java -jar agent.jar {AGENT}\nlogger -t ja java -jar agent.jar {AGENT}\n"
        f"java -jar agent.jar {AGENT}\n",
        ((f"\njava -jar agent.jar {AGENT}", f"\njava -jar agent.jar -webSocket {AGENT}"),),
    ),
    "another program with -url": (
        "x.sh",
        f"{BASH}java -jar /opt/health.jar -url {CI}\n"
        f"java -jar agent.jar -url {CI} -name $(hostname) -secret @s\n",
        (PLAIN,),
    ),
    "quotes with an escape, brackets in quotes": (
        "x.sh",
        f"{BASH}A=$'it\\'s'; B=$(echo ')' | tr ')' '(')  # it's\njava -jar agent.jar {AGENT}\n",
        (PLAIN,),
    ),
    "set in the function that uses it": (
        "x.sh",
        f'{BASH}start() {{\n local O="-tunnel h:1"\n if true; then java -jar agent.jar $O {AGENT}\n'
        " fi\n}\nstart\n",
        (('"-tunnel h:1"', '"-webSocket"'),),
    ),
    "set in the same branch of case": (
        "x.sh",
        f'{BASH}case "$1" in\n start)\n O="-tunnel h:1 {AGENT}"\n java -jar agent.jar $O ;;\n'
        " stop) kill $P ;;\nesac\n",
        (('"-tunnel h:1 ', '"-webSocket '),),
    ),
    "docker run with a variable in quotes": (
        "x.sh",
        f'{BASH}docker run -d {CONTAINER}=$U -e "JENKINS_TUNNEL=$T" jenkins/inbound-agent\n',
        ((' -e "JENKINS_TUNNEL=$T"', ""), WEB_SOCKET),
    ),
    "docker run in a batch file": (
        "x.bat",
        f"docker run -d {CONTAINER}=%U% -e JENKINS_TUNNEL=%T% jenkins/inbound-agent\r\n",
        ((" -e JENKINS_TUNNEL=%T%", ""), WEB_SOCKET),
    ),
    "docker run in a unit": (
        UNIT,
        f"[Service]\nExecStart=docker run {CONTAINER}=${{U}} --env=JENKINS_TUNNEL=${{T}} "
        "jenkins/inbound-agent\n",
        ((" --env=JENKINS_TUNNEL=${T}", ""), WEB_SOCKET),
    ),
    "a quadlet with a specifier": (
        "/etc/containers/systemd/ja.container",
        f"[Container]\nImage=jenkins/inbound-agent\nEnvironment=JENKINS_URL={CI}\n"
        "Environment=JENKINS_AGENT_NAME=b1 JENKINS_TUNNEL=%H:1\n",
        ((" JENKINS_TUNNEL=%H:1", ""), ("test/\n", "test/\nEnvironment=JENKINS_WEB_SOCKET=true\n")),
    ),
    "a mark before the first section": (
        UNIT,
        f"\ufeff[Service]\r\nExecStart=/usr/bin/java -jar /srv/agent.jar {AGENT}\r\n",
        (PLAIN,),
    ),
    "a mark before a program": (
        SUPERVISOR,
        f"\ufeff[program:ja]\r\ncommand=java -jar agent.jar {AGENT}\r\n",
        (PLAIN,),
    ),
    "a mark before a batch file's java": (
        "x.bat",
        f"\ufeffjava -jar agent.jar {AGENT}\r\n",
        (PLAIN,),
    ),
    "comments inside of a value": (
        SUPERVISOR,
        f"[program:ja]\ncommand=java -jar agent.jar ; the agent\n    ; -name old\n    -url {CI}\n"
        "# -tunnel old:1\n    -name b1 -secret @s -tunnel h:1 # old\n",
        (("    -url", "    -webSocket -url"), (" -tunnel h:1", "")),
    ),
    "programs whose names differ by their variables": (
        SUPERVISOR,
        f"[program:a]\nenvironment=N=b2\ncommand=java -jar agent.jar -url {CI} -name %(ENV_N)s\n"
        f"[program:b]\nenvironment=X='1',N=\"b1\"\ncommand=java -jar agent.jar -url {CI} "
        "-name %(ENV_N)s -secret @s\n",
        ((f"-url {CI} -name %(ENV_N)s -secret", f"-webSocket -url {CI} -name %(ENV_N)s -secret"),),
    ),
    "a remark behind a command": (
        "x.bat",
        f"echo hi & rem java -jar agent.jar {AGENT}\r\n@echo java -jar agent.jar {AGENT}\r\n"
        f"java -jar agent.jar {AGENT}\r\n",
        ((f"\njava -jar agent.jar {AGENT}", f"\njava -jar agent.jar -webSocket {AGENT}"),),
    ),
    "cmd in a batch file": (
        "x.bat",
        f'start cmd /c "java -jar C:\\ci\\agent.jar {AGENT} > log.txt"\r\n',
        (PLAIN,),
    ),
    "arguments with Windows' line ends": (
        "/etc/ja/args",
        f"-url\r\n{CI}\r\n-name\r\nb1\r\n-secret\r\n@s\r\n",
        (("-url", "-webSocket\r\n-url"),),
    ),
}


@pytest.mark.parametrize("case", EDITED)
def test_the_command_that_runs_is_edited(case: str) -> None:
    path, text, changes = EDITED[case]
    expected = text
    for old, new in changes:
        assert expected.count(old) >= 1
        expected = expected.replace(old, new, 1)
    assert edited(editor_for(text, path), text, wanted("b1", path=path)).text == expected


RUN = f"java -jar agent.jar {AGENT}"
JAVA = f"java -jar agent.jar $O {AGENT}\n"
LEFT = [
    ("x.sh", f'{SH}[ -n "$T" ] && O="-tunnel $T"\n{JAVA}', "$O, set in line 2, in a branch"),
    ("x.sh", f'{SH}[ -n "$T" ] || O="-tunnel h:1"\n{JAVA}', "$O, set in line 2, in a branch"),
    ("x.sh", f'{SH}if [ "$T" ]; then O="-tunnel $T"; fi\n{JAVA}', "$O, set in line 2, in a"),
    ("x.sh", f'{SH}tun() {{\n O="-tunnel h:1"\n}}\n{JAVA}', "$O, set in line 3, in a branch or f"),
    ("x.sh", f'{SH}( O="-tunnel h:1" )\n{JAVA}', "$O, set in line 2, in a branch"),
    ("x.sh", f'{SH}a || O="-tunnel h:1" && {JAVA}', "$O, set in line 2, in a branch"),
    ("x.sh", f'{SH}case $1 in\n wan) O="-tunnel h:1" ;;\n a|b) :;;\nesac\n{JAVA}', "line 3, in a"),
    (
        "x.sh",
        f'{SH}if [ "$T" ]; then O=(-tunnel h:1); fi\njava -jar agent.jar "${{O[@]}}" {AGENT}\n',
        '"${O[@]}", set in line 2, in a branch',
    ),
    (
        "x.sh",
        f'{SH}O="-workDir /w -tunnel h:1"\n[ -r /etc/default/ja ] && . /etc/default/ja\n{JAVA}',
        "$O, set in line 2, and maybe again by /etc/default/ja",
    ),
    ("x.sh", f"{SH}docker run $MORE {CONTAINER}=u jenkins/inbound-agent\n", "$MORE of its docker"),
    (
        "x.bat",
        f"if exist t (\r\n  set O=-tunnel h:1\r\n)\r\njava -jar agent.jar %O% {AGENT}\r\n",
        "options may come from %O%",
    ),
    ("x.bat", f"java -jar agent.jar -url {CI} -name %1 -secret @s\r\n", "its -name is an argument"),
    (
        "x.bat",
        f"for %%n in (a b) do java -jar agent.jar -url {CI} -name %%n -secret @s\r\n",
        "its -name is an argument",
    ),
    ("x.bat", f'{RUN} -workDir "C:\\ci\\" -tunnel h:1\r\n', "an escaped quote"),
    ("x.bat", f"nssm install ja {RUN}\r\n", "to nssm, which keeps it"),
    (
        "x.bat",
        f'sc create ja binPath= "C:\\j\\java.exe -jar a.jar {AGENT}"\r\n',
        "to sc, which keeps",
    ),
    (SUPERVISOR, f"[program:ja]\nnumprocs=3\ncommand={RUN}\n", "(numprocs)"),
    (UNIT, f"[Service]\nExecStart={RUN}\nExecStart=/bin/true\n", "several Exec"),
    (UNIT, f"[Service]\nExecStart=java @/srv/jvm {AGENT}\n", "what java runs stands in @/srv/jvm"),
    (
        "/etc/default/ja",
        f"O=\"-XX:OnError='kill -9 %p' -jar agent.jar {AGENT}\"\n",
        "variable O: word 4 of its command stands where java takes its program's name",
    ),
    (
        UNIT,
        f"[Service]\nExecStart=java -Xmx1g stray -jar agent.jar {AGENT}\n",
        "word 3 of its command",
    ),
]


@pytest.mark.parametrize(("path", "text", "reason"), LEFT)
def test_what_may_not_count_is_left_alone(path: str, text: str, reason: str) -> None:
    with pytest.raises(NotEditable) as caught:
        editor_for(text, path).to_websocket(text, wanted("b1", path=path))
    assert reason in caught.value.reason


CANARY = "hunter2"
AROUND = [
    ("x.sh", f"{SH}PASSWORD={CANARY}\nexport TOKEN='{CANARY}'\n{RUN}\ncurl -u bob:{CANARY} {CI}\n"),
    (
        "x.sh",
        f"{SH}java -jar agent.jar -url https://bob:{CANARY}@h/ -url {CI} -name b1 -secret @s\n",
    ),
    (
        "x.xml",
        f"<service>\n<executable>java</executable>\n<arguments>-jar agent.jar {AGENT}"
        "</arguments>\n"
        f"<env name='REG_PASSWORD' value='{CANARY}'/>\n<password>{CANARY}</password>\n"
        "</service>\n",
    ),
    (
        "x.plist",
        "<plist><dict><key>ProgramArguments</key><array>\n"
        + "".join(f"<string>{w}</string>\n" for w in f"{RUN}".split())
        + f"</array>\n<key>TOKEN</key><string>{CANARY}</string>\n</dict></plist>\n",
    ),
    (
        SUPERVISOR,
        f"[program:b]\nenvironment=A=1,REG_PASSWORD={CANARY}\n"
        f"command={RUN}\n[supervisorctl]\npassword = {CANARY}\n",
    ),
    (UNIT, f"[Service]\nExecStart={RUN} {CANARY} b1\n"),
    ("x.sh", f"{SH}java -jar agent.jar -foo {CANARY} -url {CI} -bar {CANARY}\n"),
    ("/etc/ja/args", f"-url\n{CI}\n-name\nb1\n-credentials\nbob:{CANARY}\n-secret\n{SECRET}\n"),
]


@pytest.mark.parametrize(("path", "text"), AROUND)
def test_no_secret_beside_a_change_is_shown(path: str, text: str) -> None:
    editor = editor_for(text, path)
    shown = repr(editor.launches(text, path))
    try:
        edit = editor.to_websocket(text, wanted("b1", path=path))
        shown += edit.diff + repr(edit)
    except NotEditable as error:
        shown += str(error)
    assert CANARY not in shown and SECRET not in shown


def test_names_of_files_and_variables_stay_readable() -> None:
    text = f"{SH}SECRET_FILE=/srv/s\nTOKEN=$(cat t)\nPASSWORD=$P\n{RUN}\n"
    diff = editor_for(text, "x.sh").to_websocket(text, wanted("b1", path="x.sh")).diff
    assert "****" not in diff and "TOKEN=$(cat t)" in diff


def test_hostile_lengths_end_soon() -> None:
    many = f"{SH}java -jar agent.jar {AGENT}{' -workDir /w' * 600}\n"
    with pytest.raises(NotEditable, match="words, more than any such command"):
        editor_for(many, "x.sh").to_websocket(many, wanted("b1", path="x.sh"))
    name = f"{SH}{'secret-' * 4000}\n{RUN}\n"
    assert editor_for(name, "x.sh").to_websocket(name, wanted("b1", path="x.sh")).changed
