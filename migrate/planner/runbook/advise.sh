
# ---- This script can't make the change itself: it probes, and says what to do. ------------------

case ${1-} in
'' | probe) probe ;;
*) die "usage: sh $0" ;;
esac
instructions
say ""
say "Nothing was changed by this script."
[ "${1-}" = probe ] || exit 3
