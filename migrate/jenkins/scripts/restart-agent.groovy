// Ends this process so that its supervisor starts it from its launch as it stands now. The answer
// goes out first. Whether there is a supervisor that does so, the caller has just asked.
long wait = ((ARGS.delay ?: 2) as double) * 1000 as long
def RESULT = [:]
if (ARGS.by == 'exit') {
    int status = ARGS.status as int
    // Not a new exec of the same arguments, as Jenkins' own restarter would do.
    Thread.start('migrate-restart') {
        Thread.sleep(wait)
        System.exit(status)
    }
    // Shutdown hooks may hang; then without them.
    Thread.startDaemon('migrate-restart-at-last') {
        Thread.sleep(wait + 15000)
        Runtime.runtime.halt(status)
    }
    RESULT = [by: 'exit', status: status]
} else if (ARGS.by == 'user-unit') {
    def root = ARGS.root ?: ''
    def systemctl = ['/usr/bin/systemctl', '/bin/systemctl'].collect { new File(root + it) }.find { it.canExecute() }
    if (systemctl == null) { throw new IllegalStateException('there is no systemctl on this host') }
    def unit = ARGS.unit as String
    if (!(unit ==~ /[^\/\s-][^\/\s]*\.service/)) { throw new IllegalArgumentException('not a unit: ' + unit) }
    def run = { List words ->
        def process = ([systemctl.path, '--user'] + words).execute()
        def out = new StringBuffer()
        def late = Thread.startDaemon {
            try {
                Thread.sleep(20000)
                process.destroy()
            } catch (InterruptedException ignored) {
                // It ended in time.
            }
        }
        // Waits for its readers, too: waitForOrKill may return before they have all of it.
        process.waitForProcessOutput(out, out)
        late.interrupt()
        if (process.exitValue() != 0) {
            throw new IllegalStateException('systemctl --user ' + words.join(' ') + ' failed: ' + out.toString().trim())
        }
        out.toString().trim()
    }
    run(['daemon-reload'])
    // What does not run now, or can't be loaded any more, a restart would only end.
    def load = run(['show', '-p', 'LoadState,ActiveState', unit]).readLines() as Set
    if (!load.containsAll(['LoadState=loaded', 'ActiveState=active'])) {
        throw new IllegalStateException(unit + ' would not start again: ' + load.join(', '))
    }
    Thread.start('migrate-restart') {
        Thread.sleep(wait)
        // The job outlives this process, which the unit's stop ends.
        [systemctl.path, '--user', '--no-block', 'restart', unit].execute()
    }
    RESULT = [by: 'user-unit', unit: unit]
} else {
    throw new IllegalArgumentException('there is no way ' + ARGS.by)
}
