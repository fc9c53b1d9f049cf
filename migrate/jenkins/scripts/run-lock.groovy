// A mark of who runs migrate against this controller, in a system property of its JVM: gone with
// a restart, seen by administrators only, never saved. Times are the controller's own, so that
// the clocks of two machines need not agree.
def KEY = 'jenkins-agent-migrate.run-lock'
def properties = System.getProperties()
def RESULT = [:]
synchronized (properties) {
    long now = System.currentTimeMillis()
    def text = properties.getProperty(KEY)
    def held = text ? new groovy.json.JsonSlurperClassic().parseText(text) : null
    boolean mine = held != null && held.token == ARGS.token
    boolean free = held == null || mine || (held.until as long) <= now
    boolean write = (ARGS.action == 'take' && free) || (ARGS.action == 'renew' && (held == null || mine))
    if (write) {
        long until = now + (ARGS.seconds as long) * 1000L
        held = [token: ARGS.token, note: ARGS.note, until: until, renewed: now]
        properties.setProperty(KEY, groovy.json.JsonOutput.toJson(held))
    } else if (ARGS.action == 'release' && mine) {
        properties.remove(KEY)
        held = null
    }
    if (held != null) {
        RESULT = [token: held.token, note: held.note,
                  left: ((held.until as long) - now) / 1000.0d,
                  age: (now - (held.renewed as long)) / 1000.0d]
    }
}
