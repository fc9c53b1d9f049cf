"""The scripts that the driver ``ssh`` runs on hosts: POSIX sh, no bashism, no GNU option.

They run behind ``remote_shell.PRELUDE``. A file is always written beside the old one, compared by
SHA-256 and renamed: writing over an open agent.jar breaks the running JVM (31-jarswap-*).
Exit 44: there is no such file; 45: it is not as expected; 46: what arrived has another SHA-256.
"""

MISSING, CHANGED, DAMAGED = 44, 45, 46

AS_OWNER = r"""
# What root writes in a place that is somebody's own, that somebody may lead elsewhere by a link, at
# any moment. So there it is written as that user, who may write it anyway. $BODY is the script.
if [ "$(id -u)" = 0 ]; then
  place=$FILE
  if [ -L "$FILE" ]; then place=$(readlink -f -- "$FILE") || die "$FILE is a broken link"; fi
  # Its folder may be new (UNIT.service.d), nothing above it.
  place=$(readlink -f -- "$(dirname -- "$place")")/x || die "there is no place for $FILE"
  owner=0
  group=0
  while [ "$place" != / ]; do
    place=$(dirname -- "$place")
    [ -e "$place" ] || continue
    uid=$(stat -c %u -- "$place") || exit 1
    if [ "$uid" != 0 ]; then owner=$uid; group=$(stat -c %g -- "$place") || exit 1; fi
  done
  if [ "$owner" != 0 ]; then
    command -v setpriv >/dev/null 2>&1 || die "setpriv (util-linux) is needed to write $FILE"
    exec setpriv --reuid "$owner" --regid "$group" --clear-groups /bin/sh -c "$BODY"
  fi
fi
eval "$BODY"
"""

READ = r"""
[ -e "$FILE" ] || exit 44
[ -f "$FILE" ] || die "$FILE is no regular file"
cat < "$FILE"
"""

WRITE = r"""
case $FILE in /*) ;; *) die "$FILE is no absolute path";; esac
now=$(sum_or_none "$FILE")
if [ "$now" = "$AFTER" ]; then cat >/dev/null; exit 0; fi
[ "$now" = "$BEFORE" ] || exit 45
# Through a symbolic link, so that the link stays one.
REAL=$FILE
if [ -L "$FILE" ]; then REAL=$(readlink -f -- "$FILE") || die "$FILE is a broken link"; fi
folder=$(dirname -- "$REAL")
# A drop-in folder (UNIT.service.d) may be new; nothing above it.
[ -d "$folder" ] || mkdir -- "$folder" || exit 1
fresh="$folder/.$(basename -- "$REAL").migrate-$$"
trap 'rm -f -- "$fresh"' 0
if [ -e "$REAL" ]; then cp -p -- "$REAL" "$fresh" || exit 1; cat > "$fresh" || exit 1
elif [ -n "$OWNER" ]; then
  # A secret, perhaps written by root into a folder of the agent's user: made anew (no link is
  # followed), and changed through the open file, never again by its name.
  umask 077
  set -C
  exec 3> "$fresh" || exit 1
  set +C
  [ "$(id -un)" = "$OWNER" ] || chown -- "$OWNER" /dev/fd/3 ||
    die "$FILE cannot be given to $OWNER, who must read it (drivers: ssh: sudo)"
  cat >&3 || exit 1
  exec 3>&-
else : > "$fresh" || exit 1; chmod "${MODE:-644}" "$fresh" || exit 1; cat > "$fresh" || exit 1; fi
[ "$(sum_of "$fresh")" = "$AFTER" ] || exit 46
mv -f -- "$fresh" "$REAL"
"""

REMOVE = r"""
now=$(sum_or_none "$FILE")
[ "$now" = none ] && exit 0
[ "$now" = "$BEFORE" ] || exit 45
rm -f -- "$FILE" || exit 1
# A drop-in folder that this tool made goes again when nothing else is in it.
case $FILE in *.d/*) rmdir -- "$(dirname -- "$FILE")" 2>/dev/null || :;; esac
"""

UPGRADE = r"""
[ -f "$FILE" ] || exit 44
before=$(sum_of "$FILE") || exit 1
# The path comes from the agent: it must hold what was read there, and be a jar.
case $FROM in ''|"$before") ;; *) [ "$before" = "$AFTER" ] || exit 45;; esac
[ "$(dd if="$FILE" bs=1 count=2 2>/dev/null)" = PK ] || die "$FILE is no jar"
if [ "$before" = "$AFTER" ]; then
  cat >/dev/null
  printf '%s %s\n' "$before" "$AFTER"
  exit 0
fi
short=$(printf %s "$before" | cut -c1-12)
kept="$FILE.migrate-$short"
folder=$(dirname -- "$FILE")
fresh="$folder/.$(basename -- "$FILE").migrate-$$"
trap 'rm -f -- "$fresh" "$fresh.old"' 0
if [ ! -f "$kept" ] || [ "$(sum_of "$kept")" != "$before" ]; then
  cp -p -- "$FILE" "$fresh.old" || exit 1
  mv -f -- "$fresh.old" "$kept" || exit 1
fi
cp -p -- "$FILE" "$fresh" || exit 1
cat > "$fresh" || exit 1
[ "$(sum_of "$fresh")" = "$AFTER" ] || exit 46
mv -f -- "$fresh" "$FILE" || exit 1
printf '%s %s\n' "$before" "$(sum_of "$FILE")"
"""

RESTORE = r"""
[ "$(sum_or_none "$FILE")" = "$BEFORE" ] && exit 0
[ -f "$KEPT" ] || exit 44
[ "$(sum_of "$KEPT")" = "$BEFORE" ] || exit 45
fresh="$(dirname -- "$FILE")/.$(basename -- "$FILE").migrate-$$"
trap 'rm -f -- "$fresh"' 0
cp -p -- "$KEPT" "$fresh" || exit 1
mv -f -- "$fresh" "$FILE" || exit 1
[ "$(sum_of "$FILE")" = "$BEFORE" ] || exit 46
"""

RESTART = r"""
systemctl daemon-reload || exit 1
systemctl restart -- "$UNIT" || exit 1
state=$(systemctl is-active -- "$UNIT" 2>/dev/null)
printf '%s\n' "$state"
case $state in active|activating|reloading) exit 0;; esac
exit 47
"""

RELOAD = r"""
systemctl daemon-reload
"""

PROBE = r"""
# ask, login_request and cli_request stand in front of this (model/probe_scripts).
command -v curl >/dev/null 2>&1 || exit 44
ask login_request "${URL}login" --max-time "$TIMEOUT"
printf 'login %s %s %s\n' "$code" "$status" "$tunnel"
ask cli_request "${URL}cli/ws" --max-time 5
printf 'cli_ws %s %s %s %s\n' "$code" "$status" "$tunnel" "$said"
printf 'ways %s|%s\n' "${LOGIN_WAY#, }" "${CLI_WAY#, }"
"""
