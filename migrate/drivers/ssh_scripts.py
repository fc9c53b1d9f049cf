"""The scripts that the driver ``ssh`` runs on hosts: POSIX sh, no bashism; of what is
not POSIX only mktemp, readlink and (as root) stat and setpriv.

They run behind ``remote_shell.PRELUDE``. A file is always written in a private folder beside the
old one, compared by SHA-256 and renamed: writing over an open agent.jar breaks the running JVM
(31-jarswap-*).
Exit 44: there is no such file; 45: it is not as expected; 46: what arrived has another SHA-256.
"""

MISSING, CHANGED, DAMAGED = 44, 45, 46

AS_OWNER = r"""
# What root writes in a place that is somebody's own, that somebody may lead elsewhere by a link, at
# any moment. So there it is written as that user, who may write it anyway. $BODY is the script.
# Where several may write (a folder of a group) root writes nothing.
look() { # PATH HOPS [OWNER-OF-ENTRY]: each folder on the way, also on that of each link
  [ "$2" -lt 40 ] || die "$FILE has too many symbolic links"
  while :; do
    if [ -L "$1" ]; then
      next=$(readlink -- "$1") || exit 1
      case $next in /*) ;; *) next=$(dirname -- "$1")/$next;; esac
      look "$next" $(($2 + 1))
      set -- "$1" "$2" "$(stat -c %u -- "$1")"
    elif [ -d "$1" ]; then
      uid=$(stat -c %u -- "$1") || exit 1
      if [ "$uid" != 0 ]; then owner=$uid; group=$(stat -c %g -- "$1") || exit 1; fi
      case $(stat -c %A -- "$1"):${3:-} in
      # /tmp: what is root's in there nobody else can rename.
      d????????[tT]:0) ;;
      d????w*|d???????w*) shared=$1;;
      esac
      set -- "$1" "$2" "$uid"
    else set -- "$1" "$2" ""; fi
    [ "$1" != / ] || break
    set -- "$(dirname -- "$1")" "$2" "$3"
  done
}
if [ "$(id -u)" = 0 ]; then
  case $FILE in /*) ;; *) die "$FILE is no absolute path";; esac
  if [ -L "$FILE" ]; then readlink -f -- "$FILE" >/dev/null || die "$FILE is a broken link"; fi
  readlink -f -- "$(dirname -- "$FILE")" >/dev/null || die "there is no place for $FILE"
  owner=0
  group=0
  shared=
  look "$FILE" 0
  if [ "$owner" != 0 ]; then
    command -v setpriv >/dev/null 2>&1 || die "setpriv (util-linux) is needed to write $FILE"
    exec setpriv --reuid "$owner" --regid "$group" --clear-groups /bin/sh -c "$BODY"
  fi
  [ -z "$shared" ] || die "others than root may write to $shared, so root writes nothing there: \
chmod go-w $shared, or reach this host as the user of the agent, without sudo"
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
[ ! -d "$REAL" ] || die "$FILE is a folder"
enter_private "$folder"
fresh=./new
if [ -e "$REAL" ]; then cp -p -- "$REAL" "$fresh" || exit 1; cat > "$fresh" || exit 1
elif [ -n "$OWNER" ]; then
  # A secret: readable by nobody else from its first moment on.
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
case $FILE in /*) ;; *) FILE=$(pwd)/$FILE;; esac
kept="$FILE.migrate-$short"
[ ! -d "$kept" ] || die "$kept is a folder"
enter_private "$(dirname -- "$FILE")"
if [ ! -f "$kept" ] || [ "$(sum_of "$kept")" != "$before" ]; then
  cp -p -- "$FILE" ./old || exit 1
  [ "$(sum_of ./old)" = "$before" ] || exit 45
  mv -f -- ./old "$kept" || exit 1
fi
cp -p -- "$FILE" ./new || exit 1
cat > ./new || exit 1
[ "$(sum_of ./new)" = "$AFTER" ] || exit 46
mv -f -- ./new "$FILE" || exit 1
printf '%s %s\n' "$before" "$(sum_of "$FILE")"
"""

RESTORE = r"""
[ "$(sum_or_none "$FILE")" = "$BEFORE" ] && exit 0
[ -f "$KEPT" ] || exit 44
[ "$(sum_of "$KEPT")" = "$BEFORE" ] || exit 45
[ ! -d "$FILE" ] || die "$FILE is a folder"
for path in "$FILE" "$KEPT"; do
  case $path in /*) ;; *) die "$path is no absolute path";; esac
done
enter_private "$(dirname -- "$FILE")"
cp -p -- "$KEPT" ./new || exit 1
[ "$(sum_of ./new)" = "$BEFORE" ] || exit 45
mv -f -- ./new "$FILE" || exit 1
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
