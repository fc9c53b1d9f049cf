
# ---- An agent that systemd supervises: a drop-in replaces its command. --------------------------

# Root's own: the agent's folder is that of the agent's user.
STATE=/var/lib/$(basename "$STATE")
DROPIN_DIR=/etc/systemd/system/$UNIT.d
DROPIN=$DROPIN_DIR/50-websocket-agent.conf

prepare() {
    [ "$(id -u)" = 0 ] || die "run this as root: it writes $DROPIN and restarts $UNIT"
    systemctl cat -- "$UNIT" >/dev/null 2>&1 || die "systemd knows no unit $UNIT"
    PID=$(systemctl show -p MainPID -- "$UNIT" | cut -d = -f 2)
    [ "$PID" != 0 ] || PID=
    agent_folder
    state_folder
}

starts_jar() { # a unit that starts a script keeps its command there
    systemctl show -p ExecStart -- "$UNIT" | grep -qF -- "$JAR_TYPED"
}

restart_unit() {
    systemctl daemon-reload
    systemctl restart -- "$UNIT"
    sleep 5
    systemctl is-active --quiet -- "$UNIT"
}

move() {
    prepare
    if ! starts_jar; then
        say "The unit $UNIT starts another program, which starts the agent:"
        systemctl show -p ExecStart -- "$UNIT"
        say "Change the command there to the one below, then run: systemctl restart $UNIT"
        say "  $NEW_COMMAND_TEXT"
        die "nothing was changed"
    fi
    probe
    secret_file
    [ -z "$PID" ] || no_children "$PID"
    upgrade_jar
    mkdir -p "$DROPIN_DIR"
    dropin_text >"$DROPIN.new"
    mv -f "$DROPIN.new" "$DROPIN"
    restart_unit || die "$UNIT does not stay up: journalctl -u $UNIT. Put it back: sh $0 undo"
    say "done: $DROPIN holds the new command, and $UNIT was restarted."
    say "Check in Jenkins: the node's log says 'Communication Protocol: WebSocket'."
}

undo() {
    prepare
    rm -f "$DROPIN"
    rmdir "$DROPIN_DIR" 2>/dev/null || true
    restore_jar
    restart_unit || die "$UNIT does not stay up: journalctl -u $UNIT"
    say "undone: $UNIT runs its old command again"
}

case ${1-} in
'') move ;;
undo) undo ;;
probe) probe ;;
*) die "usage: sh $0 [probe|undo]" ;;
esac
