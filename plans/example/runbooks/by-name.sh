#!/bin/sh
# Moves the agent of node by-name from TCP to WebSocket.
# Made by migrate for the plan example. Review it before you run it.
#
#   sh FILE         probe, then make the change
#   sh FILE probe   only probe from this host; changes nothing
#   sh FILE undo    put the old command and the old agent.jar back
set -eu

NODE=by-name
URL=https://jenkins.example.org/
AGENT_USER=jenkins
UNIT=''
STATE=/srv/agents/by-name/migrate-by-name
JAVA=/usr/lib/jvm/java-17-openjdk-amd64/bin/java
START_DIR=/srv/agents/by-name
SECRET_FILE=/srv/agents/by-name/secret-file
SECRET_IN_CLEAR=''
JAR=''
JAR_TYPED=agent.jar
JAR_VERSION=''
JAR_SHA256=''
JAR_URL=''
NEW_COMMAND_TEXT='/usr/lib/jvm/java-17-openjdk-amd64/bin/java -Xmx128m -jar agent.jar -webSocket -url https://jenkins.example.org/ -name by-name -secret @/srv/agents/by-name/secret-file -workDir /srv/agents/by-name'

CANNOT_PROBE=''

case ${http_proxy:-}${https_proxy:-}${HTTPS_PROXY:-}${all_proxy:-}${ALL_PROXY:-} in
'') LOGIN_WAY= ;;
*) LOGIN_WAY=", as the proxy settings of this shell have it (those of the agent are not known)" ;;
esac
CLI_WAY=$LOGIN_WAY
login_way() {
    "$@"
}
cli_way() {
    "$@"
}

ask() { # REQUEST ADDRESS [curl options]: sets code (000: no answer), said (X-CLI-Error), status,
    # and tunnel: what a proxy answers to CONNECT
    request=$1
    address=$2
    shift 2
    status=0
    answer=$("$request" curl -q --silent --http1.1 --output /dev/null --dump-header - \
        --write-out 'tunnel:%{http_connect} code:%{http_code}' --max-time 15 "$@" "$address") ||
        status=$?
    tunnel=${answer##*tunnel:}
    tunnel=${tunnel%% *}
    code=${answer##*code:}
    code=${code:-000}
    said=$(printf '%s\n' "$answer" | tr -d '\r' |
        sed -n 's/^[Xx]-[Cc][Ll][Ii]-[Ee][Rr][Rr][Oo][Rr]: *//p' | tail -n 1)
}
login_request() { # COMMAND: with the headers of an agent
    login_way "$@" --header 'User-Agent: Java/17.0.15' \
        --header 'Accept: text/html, image/gif, image/jpeg, */*; q=0.2' \
        --header 'Connection: keep-alive'
}
cli_request() { # COMMAND: with the headers of an agent
    cli_way "$@" --header User-Agent: \
        --header Accept: \
        --header Connection:Upgrade \
        --header Origin:https://jenkins.example.org \
        --header Sec-WebSocket-Key:bWlncmF0ZS1wcm9iZS0xNg== \
        --header Sec-WebSocket-Version:13 \
        --header Upgrade:websocket
}
cli_means() { # STATUS X-CLI-ERROR: sets means and to_do
    case "$1:$2" in
    101:*)
        means='Upgrade survives on /cli/ws'
        to_do=''
        ;;
    400:*)
        means='a proxy between this host and Jenkins drops or damages Upgrade on /cli/ws (400)'
        to_do='open Upgrade for that path from the agent'"'"'s network (docs/probes.md), or let a probe node decide'
        ;;
    403:*'Jenkins URL is not configured'*)
        means='no Jenkins URL is configured, and this Jenkins refuses every request on /cli/ws until one is: this says nothing of Upgrade'
        to_do='set it in Manage Jenkins, System, Jenkins URL (JCasC: unclassified: location: url)'
        ;;
    403:*'Unexpected request origin'*)
        means='Jenkins refuses the Origin on /cli/ws, before it looks at Upgrade: another Jenkins URL is configured than the one that was sent, or, before 2.541.3 and 2.555, Host or X-Forwarded-Proto do not arrive; this says nothing of Upgrade'
        to_do='make the Jenkins URL (Manage Jenkins, System) the address that agents use, and let the proxy pass on Host and the X-Forwarded headers'
        ;;
    403:*'WebSocket support for CLI disabled'*)
        means='the controller'"'"'s property hudson.cli.CLIAction.ALLOW_WEBSOCKET=false closes /cli/ws: this says nothing of Upgrade'
        to_do='a probe node'"'"'s handshake on /wsagents/ decides'
        ;;
    403:*)
        means='something refuses /cli/ws (403): Jenkins, for another Origin than it wants, or a login layer or firewall rule in front of it; this says nothing of Upgrade'
        to_do='exempt the path there, or let a probe node'"'"'s handshake on /wsagents/ decide'
        ;;
    404:*)
        means='there is no /cli/ws (404): its CLI or its WebSocket support is off; this says nothing of Upgrade'
        to_do='see what /wsagents/ answers: a probe node'"'"'s handshake there decides'
        ;;
    *:*)
        means='neither 101 nor 400 comes back from /cli/ws; this says nothing of Upgrade'
        to_do=''
        ;;
    esac
}

new_command() {
    exec "$JAVA" -Xmx128m -jar agent.jar -webSocket -url https://jenkins.example.org/ -name by-name -secret @/srv/agents/by-name/secret-file -workDir /srv/agents/by-name
}

old_command() {
    exec "$JAVA" -Xmx128m -jar agent.jar -url https://jenkins.example.org/ -name by-name -secret @/srv/agents/by-name/secret-file -tunnel edge.example.org:50000 -workDir /srv/agents/by-name
}

mark_1() {
    printf '%s\n' agent.jar
}

mark_2() {
    printf '%s\n' -name
}

mark_3() {
    printf '%s\n' by-name
}

# ---- From here on the script is the same for every node. ---------------------------------------

say() { printf '%s\n' "$*"; }
warn() { printf 'warning: %s\n' "$*" >&2; }
die() {
    printf 'stopped: %s\n' "$*" >&2
    exit 1
}

case $0 in
/*) SELF=$0 ;;
*) SELF=$(pwd)/$0 ;;
esac
case ${CURL_CA_BUNDLE:-} in
/* | '') ;;
*) CURL_CA_BUNDLE=$(pwd)/$CURL_CA_BUNDLE ;;
esac
case ${STATE:-} in
/* | '') ;;
*) STATE=$(pwd)/$STATE ;;
esac
if [ -n "${JAVA:-}" ] && ! command -v "$JAVA" >/dev/null 2>&1; then
    JAVA=java
fi
WAIT=${MIGRATE_WAIT:-90}
PID=

# ---- Probe: what a WebSocket agent needs, asked from this host, before anything is changed. ----

no_certificate() { # STATUS ADDRESS TOOL: a certificate that this host cannot verify
    case $3:$1 in
    curl:60 | curl:51 | wget:5)
        die "this host's $3 cannot verify the certificate of $2 (exit $1). If a CA of your own" \
            "signed it, run: CURL_CA_BUNDLE=/path/to/ca.pem sh $0 (the agent's Java needs that CA," \
            "too: -Djavax.net.ssl.trustStore). Nothing was changed."
        ;;
    curl:77)
        die "this host's curl cannot read the file of CAs that it should trust (exit 77): look at" \
            "CURL_CA_BUNDLE=${CURL_CA_BUNDLE:-, which is not set}. Nothing was changed."
        ;;
    curl:35)
        die "the TLS handshake with $2 fails (curl's exit 35): another program answers there, or" \
            "the two share no TLS version, or a CA is missing (CURL_CA_BUNDLE=/path/to/ca.pem" \
            "sh $0). Nothing was changed."
        ;;
    esac
}

no_answer() { # ADDRESS WAY: what it means when curl has none
    case ${tunnel:-000} in
    000 | 2??) ;;
    *)
        die "a proxy answers $tunnel to CONNECT for $1$2: no way is opened. Nothing was changed." \
            "To do: let that proxy open this address, or name another one in the agent's Java" \
            "options (-Dhttps.proxyHost, -Dhttps.proxyPort), restart it and make a new plan."
        ;;
    esac
    die "$1 gives no answer (curl's exit $status)$2. Nothing was changed. See: migrate doctor"
}

probe() {
    [ -z "$CANNOT_PROBE" ] || die "$CANNOT_PROBE. Nothing was changed."
    if ! command -v curl >/dev/null 2>&1; then
        warn "no curl on this host: nothing was tried beforehand"
        return 0
    fi
    ask login_request "${URL}login"
    no_certificate "$status" "$URL" curl
    [ "$code" != 000 ] || no_answer "${URL}login" "$LOGIN_WAY"
    [ "$code" = 200 ] || die "${URL}login answers $code instead of 200; a WebSocket agent asks" \
        "for it first$LOGIN_WAY. Nothing was changed. See: migrate doctor"
    ask cli_request "${URL}cli/ws" --max-time "${MIGRATE_PROBE_SECONDS:-5}"
    no_certificate "$status" "$URL" curl
    if [ "$code" = 101 ]; then
        say "probe: ${URL}login answers 200, and a WebSocket opens from this host$CLI_WAY"
        return 0
    fi
    [ "$code" != 000 ] || no_answer "${URL}cli/ws" "$CLI_WAY"
    cli_means "$code" "$said"
    if [ "${MIGRATE_SKIP_UPGRADE_PROBE:-}" = 1 ]; then
        warn "${URL}cli/ws answers $code instead of 101: $means; going on as asked"
    else
        die "${URL}cli/ws answers $code instead of 101: $means$CLI_WAY. Nothing was changed." \
            "${to_do:+To do: $to_do.}" \
            "Where the plan's own probe passed and only ${URL}wsagents/ is open from here, run:" \
            "MIGRATE_SKIP_UPGRADE_PROBE=1 sh $0"
    fi
}

# ---- The agent's process. -----------------------------------------------------------------------

matches() { # FILE with one argument a line: do all the marks stand in it?
    mark_1 | grep -qFx -f - "$1" && mark_2 | grep -qFx -f - "$1" && mark_3 | grep -qFx -f - "$1"
}

agent_pids() {
    for proc in /proc/[0-9]*; do
        [ -r "$proc/cmdline" ] || continue
        tr '\000' '\n' 2>/dev/null <"$proc/cmdline" >"$STATE/args" || continue
        if matches "$STATE/args"; then
            printf '%s\n' "${proc#/proc/}"
        fi
    done
    rm -f "$STATE/args"
}

find_agent() { # sets PID; empty when the agent does not run
    [ -d /proc/self ] || die "this host has no /proc, so the agent's process can't be told from" \
        "others: stop it and start it by hand as the instructions say"
    PID=$(agent_pids)
    case $PID in
    *[!0-9]*) die "several processes look like this agent ($(printf '%s' "$PID" | tr '\n' ' '))" ;;
    esac
}

agent_folder() { # goes where the agent was started: its relative paths count from there
    CWD=$START_DIR
    if [ -n "$PID" ]; then
        CWD=$(readlink "/proc/$PID/cwd") || CWD=$START_DIR
    fi
    [ -d "$CWD" ] || die "the agent's folder $CWD is not there: is this the right host?"
    cd "$CWD"
}

no_children() { # a build that runs is a child of the agent
    children=$(grep -l "^PPid:[[:space:]]*$1\$" /proc/[0-9]*/status 2>/dev/null) || true
    if [ -n "$children" ] && [ "${MIGRATE_WITH_CHILDREN:-}" != 1 ]; then
        die "the agent has running child processes, maybe a build. Take the node offline in" \
            "Jenkins and wait, or run: MIGRATE_WITH_CHILDREN=1 sh $0"
    fi
}

# ---- Files: made in a folder of this script's own, and renamed. ---------------------------------

# Known names in a folder of somebody else's could be links that they left there, which root would
# follow. In a folder that is entered, whatever becomes of its name, only its owner makes files.
enter_private() { # FOLDER: for a subshell
    private=$(mktemp -d "$1/.migrate-XXXXXXXX") || exit 1
    cd -P "$private" || exit 1
    case $(ls -ldn .) in
    drwx------* | drwx--S---*) ;;
    *) die "$private was exchanged by somebody" ;;
    esac
    [ -O . ] && [ -z "$(ls -A)" ] || die "$private was exchanged by somebody"
    trap 'rm -f ./new ./old; cd / && rmdir "$private" 2>/dev/null' EXIT
}

rename_to() { # FILE TARGET: takes the place of a link, never that of a folder or in one
    mv -fT "$1" "$2" 2>/dev/null || { [ ! -d "$2" ] && mv -f "$1" "$2"; }
}

state_folder() {
    [ -d "$STATE" ] || mkdir -m 700 "$STATE" || die "$STATE could not be made"
    if [ -L "$STATE" ] || [ ! -O "$STATE" ]; then die "$STATE is somebody else's"; fi
    chmod 700 "$STATE"
}

absolute() { # PATH, as it counts from this folder
    case $1 in
    /*) printf '%s' "$1" ;;
    *) printf '%s/%s' "$(pwd)" "$1" ;;
    esac
}

# ---- The secret: never on a command line that this script writes. -------------------------------

secret_file() {
    [ -n "$SECRET_FILE" ] || return 0
    if [ ! -s "$SECRET_FILE" ] && [ "$SECRET_IN_CLEAR" = 1 ] && [ -n "$PID" ]; then
        secret_path=$(absolute "$SECRET_FILE")
        (
            umask 077
            enter_private "$(dirname "$secret_path")"
            tr '\000' '\n' <"/proc/$PID/cmdline" | grep -Ex '[0-9a-fA-F]{64}' | head -n 1 >./new
            [ -s ./new ] || exit 0
            [ -z "$AGENT_USER" ] || [ "$(id -u)" != 0 ] || chown "$AGENT_USER" ./new || exit 1
            rename_to ./new "$secret_path"
        ) || die "$SECRET_FILE could not be written"
    fi
    [ -s "$SECRET_FILE" ] || die "the agent's secret must be in $SECRET_FILE (mode 0600). It stands" \
        "on the node's page in Jenkins. Type, in $CWD: (umask 077; cat > $SECRET_FILE)"
}

# ---- agent.jar: download beside, compare, keep the old one, rename. -----------------------------

sum_of() {
    if command -v sha256sum >/dev/null 2>&1; then
        sha256sum <"$1" | cut -d ' ' -f 1
    else
        shasum -a 256 <"$1" | cut -d ' ' -f 1
    fi
}

upgrade_jar() {
    [ -n "$JAR_SHA256" ] || return 0
    [ -f "$JAR" ] || die "there is no $JAR on this host"
    old_sum=$(sum_of "$JAR")
    if [ "$old_sum" = "$JAR_SHA256" ]; then
        say "agent.jar: $JAR is remoting $JAR_VERSION already"
        return 0
    fi
    kept=$JAR.migrate-$(printf '%.12s' "$old_sum")
    jar_path=$(absolute "$JAR")
    kept_path=$(absolute "$kept")
    (
        enter_private "$(dirname "$jar_path")"
        download_jar ./new
        if [ "$(sum_of ./new)" != "$JAR_SHA256" ]; then
            die "$JAR_URL is not the jar of the plan (SHA-256 differs). Nothing was changed." \
                "Make a new plan: migrate plan"
        fi
        cp -p "$jar_path" ./old || exit 1
        rename_to ./old "$kept_path" || exit 1
        chmod 644 ./new || exit 1
        printf '%s\n' "$kept_path" >"$STATE/kept-jar" || exit 1
        # A rename, never a copy onto the open jar: that would break the running agent.
        rename_to ./new "$jar_path"
    ) || exit 1
    say "agent.jar: $JAR is remoting $JAR_VERSION now; the old one is kept as $kept"
}

download_jar() { # FILE
    status=0
    if command -v curl >/dev/null 2>&1; then
        login_way curl --silent --show-error --fail --max-time 120 --output "$1" "$JAR_URL" ||
            status=$?
        no_certificate "$status" "$JAR_URL" curl
    else
        wget -q -T 120 ${CURL_CA_BUNDLE:+--ca-certificate="$CURL_CA_BUNDLE"} -O "$1" \
            "$JAR_URL" || status=$?
        no_certificate "$status" "$JAR_URL" wget
    fi
    [ "$status" = 0 ] || die "could not download $JAR_URL"
}

restore_jar() {
    [ -s "$STATE/kept-jar" ] || return 0
    kept=$(cat "$STATE/kept-jar")
    jar_path=$(absolute "$JAR")
    (
        enter_private "$(dirname "$jar_path")"
        cp -p "$kept" ./new || exit 1
        rename_to ./new "$jar_path"
    ) || exit 1
    rm -f "$STATE/kept-jar"
    say "agent.jar: $JAR is the old one again"
}

# ---- An agent that nothing supervises: stop it, start it again. ---------------------------------

right_user() {
    [ -z "$AGENT_USER" ] || [ "$(id -un 2>/dev/null)" = "$AGENT_USER" ] ||
        die "run this as the agent's user: $AGENT_USER"
}

remember() { # keeps the environment of the running agent for its next start
    : >"$STATE/environment"
    chmod 600 "$STATE/environment"
    [ -z "$PID" ] ||
        tr '\000\n' '\n\001' <"/proc/$PID/environ" >"$STATE/environment" 2>/dev/null || true
}

alive() { # a process that ended but was not collected by its parent does not count
    kill -0 "$1" 2>/dev/null && ! grep -q '^State:[[:space:]]*Z' "/proc/$1/status" 2>/dev/null
}

stop_agent() {
    [ -n "$PID" ] || return 0
    no_children "$PID"
    kill "$PID"
    left=30
    while alive "$PID"; do
        [ "$left" -gt 0 ] || die "process $PID does not end; nothing else was changed"
        left=$((left - 1))
        sleep 1
    done
    say "stopped process $PID"
}

spawn() { # MODE: new-command or old-command, in the remembered folder and environment
    (
        cd "$CWD"
        set --
        while IFS= read -r entry; do
            case $entry in
            MIGRATE_*) ;; # this tool's own settings are not the agent's
            [A-Za-z_]*=*) set -- "$@" "$(printf '%s' "$entry" | tr '\001' '\n')" ;;
            esac
        done <"$STATE/environment"
        if [ $# -gt 0 ]; then
            exec env -i "$@" nohup sh "$SELF" "$spawn_mode"
        fi
        exec nohup sh "$SELF" "$spawn_mode"
    ) >>"$STATE/agent.log" 2>&1 </dev/null &
    NEW_PID=$!
}

start_agent() { # MODE: up to three times, since the controller may still hold the old connection
    spawn_mode=$1
    attempt=1
    while [ "$attempt" -le 3 ]; do
        : >"$STATE/agent.log"
        spawn
        waited=0
        while alive "$NEW_PID"; do
            if grep -Eq 'INFO: Connected|WebSocket connection open' "$STATE/agent.log"; then
                # An agent that is refused ends within a moment.
                sleep 1
                if alive "$NEW_PID"; then
                    say "process $NEW_PID is connected; its output is in $STATE/agent.log"
                    return 0
                fi
                break
            fi
            if [ "$waited" -ge "$WAIT" ]; then
                warn "process $NEW_PID runs, but did not say that it is connected within" \
                    "$WAIT s: look at $STATE/agent.log and at the node's log in Jenkins"
                return 0
            fi
            waited=$((waited + 1))
            sleep 1
        done
        warn "the agent ended at once (attempt $attempt of 3); see $STATE/agent.log"
        attempt=$((attempt + 1))
        [ "$attempt" -gt 3 ] || sleep "${MIGRATE_RETRY_PAUSE:-5}"
    done
    return 1
}

prepare() {
    [ -f "$SELF" ] || die "save this script as a file and run: sh FILE"
    right_user
    state_folder
    trap 'rm -f "$STATE/environment" "$STATE/args"' EXIT
    find_agent
    agent_folder
    remember
}

move() {
    prepare
    probe
    secret_file
    [ -z "$PID" ] || no_children "$PID"
    upgrade_jar
    stop_agent
    if ! start_agent new-command; then
        die "the agent does not come up on WebSocket. Put it back with: sh $0 undo"
    fi
    say "done. Check in Jenkins: the node's log says 'Communication Protocol: WebSocket'."
    say "Change the command where it is kept (start script, cron, rc.local), or the next boot"
    say "starts the old one. The new command:"
    say "  $NEW_COMMAND_TEXT"
}

undo() {
    prepare
    secret_file
    stop_agent
    restore_jar
    start_agent old-command || die "the old command does not come up; see $STATE/agent.log"
    say "undone: the agent runs its old command again"
}

case ${1-} in
'') move ;;
undo) undo ;;
probe) probe ;;
new-command) new_command ;;
old-command) old_command ;;
*) die "usage: sh $0 [probe|undo]" ;;
esac
