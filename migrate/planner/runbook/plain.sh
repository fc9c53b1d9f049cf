
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
