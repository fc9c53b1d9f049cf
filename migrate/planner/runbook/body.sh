
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
