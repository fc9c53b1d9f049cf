"""What stands in front of the scripts that root runs: the host's own word for what an agent said.

Unit, jar and files of an agent come from the agent's own process, which may lie. Before root acts
on them, systemd is asked, whose answers no agent writes: does this unit run the agent of this node,
and is the file one of the unit's? What systemd does not vouch for is done as the unit's own user,
who could do it anyway. Where that is root, there is nothing left to protect.
"""

UNVOUCHED = 48

VOUCH = r"""
# UNIT, NODE, NODE_URL (percent-encoded), FILE (may be empty), NEAR (1: a new file beside those of
# the unit will do), BODY.
shown() { systemctl show -p "$1" -- "$UNIT" 2>/dev/null | sed -n "s/^$1=//p"; }
small_file() { [ -f "$1" ] && [ "$(stat -L -c %s -- "$1")" -lt 1048576 ]; }
roots_alone() {
  [ "$(stat -L -c %u -- "$1")" = 0 ] || return 1
  case $(stat -L -c %A -- "$1") in ?????w*|????????w*) return 1;; esac
}
pids_of_unit() { # all that run in its control group, else the main process and what it started
  set +f
  group=$(shown ControlGroup)
  for place in "/sys/fs/cgroup$group" "/sys/fs/cgroup/systemd$group"; do
    [ -z "$group" ] || [ ! -r "$place/cgroup.procs" ] || cat "$place/cgroup.procs"
  done
  [ "${main:-0}" -gt 0 ] || return 0
  # Through cat: awk gives up at one that has ended meanwhile.
  cat /proc/[0-9]*/status 2>/dev/null | awk -v main="$main" '
    /^Pid:/ { p = $2 } /^PPid:/ { parent[p] = $2 }
    END { for (p in parent) { q = p; n = 0
      while (q > 0 && q != main && n++ < 100) q = parent[q]
      if (q == main) print p } }'
}
is_agent() { # TEXT: whether it is about an agent, and about that of this node
  case $1 in
  *agent*.jar*|*slave*.jar*|*remoting*.jar*|*swarm*.jar*|*hudson.remoting*|*-jnlpUrl*) ;;
  *) return 1;;
  esac
  case $1 in *"/computer/$NODE_URL/"*|*[\ =\"\']"$NODE"[\ \"\']*) return 0;; esac
  return 1
}
runs_agent() {
  for pid in $(pids_of_unit | sort -u); do
    text=$(cat "/proc/$pid/cmdline" "/proc/$pid/environ" 2>/dev/null | tr '\0\n' '  ')
    is_agent " $text " && return 0
  done
  # It has ended, or hides its name: what systemd would start.
  text=$says
  for word in $says; do
    path=${word##*=}; path=${path#@}
    case $path in /*) small_file "$path" && text="$text $(tr '\0\n' '  ' < "$path") ";; esac
  done
  is_agent "$text"
}
vouched() {
  case $says in *[\ =@:]"$FILE"[\ \;]*) return 0;; esac
  fragment=$(shown FragmentPath)
  case $FILE in
  "${fragment%/*}/$UNIT.d/"*.conf|"/etc/systemd/system/$UNIT.d/"*.conf) return 0;;
  esac
  for word in $says; do
    path=${word##*=}; path=${path#@}
    case $path in /*) ;; *) continue;; esac
    if [ "$NEAR" = 1 ]; then
      case ${FILE%/*} in "$path"|"${path%/*}") return 0;; esac
    fi
    small_file "$path" && roots_alone "$path" && grep -qF -- "$FILE" "$path" && return 0
  done
  return 1
}
if [ "$(id -u)" = 0 ]; then
  case $FILE in */../*|*/./*|*//*) die "$FILE is no plain path";; esac
  # Words of systemd are split, and are no patterns.
  set -f
  says=" $(systemctl show -p FragmentPath -p DropInPaths -p EnvironmentFiles -p ExecStart \
    -p ExecStartPre -p Environment -p WorkingDirectory -- "$UNIT" 2>/dev/null | tr '\n' ' ') ;"
  main=$(shown MainPID)
  runs_agent || exit 48
  if [ -n "$FILE" ] && ! vouched; then
    if [ "${main:-0}" -gt 0 ]; then user=$(stat -c %u "/proc/$main")
    else user=$(id -u -- "$(shown User | grep . || echo root)"); fi || exit 1
    if [ "$user" != 0 ]; then
      command -v setpriv >/dev/null 2>&1 || die "setpriv (util-linux) is needed for $FILE"
      group=$(stat -c %g "/proc/$main" 2>/dev/null || id -g -- "$user") || exit 1
      printf '%s\n' "systemd does not name $FILE for $UNIT, so it was tried as uid $user" >&2
      exec setpriv --reuid "$user" --regid "$group" --clear-groups /bin/sh -c "$BODY"
    fi
  fi
  set +f
fi
"""
"""Exit 48: systemd knows of no agent of this node in the unit."""
