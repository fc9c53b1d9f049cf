// How this agent process was started. Every secret is masked here, before anything is sent.
// with: attempt
import java.nio.file.Files
import java.nio.file.Paths

// The tool sends 'url' alone, where agents connect; 'root' stands before every path of the system,
// 'env' for the environment.
def root = ARGS.root ?: ''
def env = ARGS.env ?: System.getenv()
def os = System.getProperty('os.name') ?: ''
def linux = os.startsWith('Linux')
def file = { String path -> new File(root + path) }

// Without the java binary and the JVM's own options: main class or jar, then its options.
def words = []
def exact = linux ? attempt { file('/proc/self/cmdline').getText('UTF-8').split('\u0000') as List } : null
def command = System.getProperty('sun.java.command') ?: ''
def jvmOptions = attempt { java.lang.management.ManagementFactory.runtimeMXBean.inputArguments as List } ?: []
if (exact) {
    // cmdline keeps apart what is apart, also where a word holds a blank. The program begins
    // with the main class or the jar, which sun.java.command begins with as well.
    // A class path may name the same jar before -jar does.
    int flag = exact.findIndexOf { it == '-jar' }
    int at = flag >= 0 && flag + 1 < exact.size() && command.startsWith(exact[flag + 1]) ? flag + 1 : -1
    if (at < 0) { at = exact.findIndexOf { it == command.tokenize(' ')[0] } }
    words = at >= 0 ? exact.subList(at, exact.size()) : command.tokenize(' ')
} else {
    words = command.tokenize(' ')
}

def withValue = [
    '-url', '-tunnel', '-workDir', '-internalDir', '-jar-cache', '-agentLog', '-loggingConfig', '-cert',
    '-credentials', '-jnlpCredentials', '-proxyCredentials', '-protocols', '-direct', '-directConnection',
    '-instanceIdentity', '-name', '-secret', '-webSocketHeader', '-noReconnectAfter', '-jnlpUrl', '-auth',
    '-connectTo', '-cp', '-classpath', '-slaveLog', '-tcp'
]
def secretOptions = [
    '-secret', '-credentials', '-jnlpcredentials', '-proxycredentials', '-auth', '-password', '-token', '-username',
    '-passwordfile', '-passwordenvvariable', '-websocketheader'
]
def hide = '****'
def maskText = { String text ->
    text.replaceAll(/[0-9a-fA-F]{64,}/, hide)
        .replaceAll(/\b11[0-9a-fA-F]{32}\b/, hide)
        .replaceAll(/(?<=:\/\/)(?![^\/\s:@]+:\d+\/)[^\/\s:@]+:[^\s"'<>]+(?=@)/, hide)
        .replaceAll(/(?i)((?:secret|password|passwd|token|credential)[a-z0-9._-]*=)\S+/, '$1' + hide)
}
// A system property's value is one word, whatever it holds.
def maskJvm = { String word ->
    maskText(word.replaceFirst(/(?is)^(-D[^=]*(?:secret|password|passwd|passphrase|token|credential|api[._-]?key)[^=]*=).*$/, '$1' + hide))
}
def maskValue = { String option, String value ->
    if (value.startsWith('@')) { return value }
    if (option == '-websocketheader') { return value.tokenize('=:')[0] + '=' + hide }
    hide
}

def plain = { String option -> option.toLowerCase().replaceFirst(/^--/, '-') }
// Where the values of options stand, and the words that are neither: SECRET NAME, or @FILE.
def placesIn = { List all, int first ->
    def places = [free: [], values: []]
    int at = first
    while (at < all.size()) {
        def word = all[at]
        def takes = withValue.any { it.equalsIgnoreCase(word) } || secretOptions.contains(plain(word))
        if (!word.startsWith('-')) { places.free << at }
        else if (takes) { places.values << ++at }
        at++
    }
    places
}
def shown = []
def options = []
def workDir = null
boolean clear = false
// Goes through a command's words (or a file's): what is shown of each, and what it tells.
def readWords = { List all, int first ->
    def places = placesIn(all, first)
    def free = places.free
    // A lone @FILE holds more options; before a NAME it is the secret's file.
    def pair = free.size() == 2 && !all[free[1]].startsWith('@')
    def secretAt = pair ? free[0] : free.find { !all[it].startsWith('@') }
    all.eachWithIndex { String word, int i ->
        if (i < first) { shown << maskText(word); return }
        def before = i > first ? all[i - 1] : ''
        if (i == secretAt) {
            shown << (word.startsWith('@') ? word : hide)
            clear = clear || shown.last() == hide
        } else if (free.contains(i)) {
            shown << maskText(word)
        } else if (!places.values.contains(i)) {
            def name = word.tokenize('=')[0]
            options << name
            def value = word.contains('=') ? word.substring(name.length() + 1) : null
            if (value != null && name == '-workDir') { workDir = value }
            def isSecret = value != null && secretOptions.contains(plain(name))
            clear = clear || isSecret && plain(name) == '-secret' && !value.startsWith('@')
            shown << (isSecret ? name + '=' + maskValue(plain(name), value) : maskText(word))
        } else if (secretOptions.contains(plain(before))) {
            shown << maskValue(plain(before), word)
            // The agent's own, or the user's of a Swarm client; a proxy's password is another matter.
            clear = clear || shown.last() == hide && plain(before) in ['-secret', '-password']
        } else {
            if (before == '-workDir') { workDir = word }
            shown << maskText(word)
        }
    }
    pair ? [] : free.findAll { all[it].startsWith('@') && all[it].length() > 1 }.collect { all[it].substring(1) }
}
def argumentFiles = readWords(words, 1).collect { path ->
    def named = new File(path)
    named.absolute ? named : new File(System.getProperty('user.dir') ?: '', path)
}
// args4j reads each line of such a file as one word. Bounded: a launch is a few lines.
def onLine = shown
shown = []
argumentFiles.take(4).each { named ->
    attempt {
        if (named.length() <= 65536) { readWords(named.getText('UTF-8').readLines().take(200), 0) }
    }
}
shown = onLine

def main = words ? words[0] : ''
def lower = options.collect { it.toLowerCase() }
def containerised = linux && (file('/.dockerenv').exists() || file('/run/.containerenv').exists())
def groups = linux ? (attempt { file('/proc/self/cgroup').readLines() } ?: []) : []
def inKubernetes = env.containsKey('KUBERNETES_SERVICE_HOST') || groups.any { it.contains('kubepods') }
containerised = containerised || inKubernetes || groups.any { it =~ /\/(docker|lxc|crio|libpod)[-\/]/ }
def byImage = containerised && (env.containsKey('JENKINS_AGENT_FILE') || main.startsWith('/usr/share/jenkins/'))
def kind = 'unknown'
if (main.contains('swarm') || main == 'hudson.plugins.swarm.Client') {
    kind = 'swarm'
} else if (byImage) {
    kind = 'container'
} else if (lower.contains('-jnlpurl')) {
    kind = 'jnlp-url'
} else if (main == 'hudson.remoting.jnlp.Main') {
    kind = 'jnlp-main'
} else if (lower.contains('-url') && (main.endsWith('.jar') || main == 'hudson.remoting.Launcher')) {
    kind = 'url-name'
}

// The jar that the running agent was loaded from, else the one of the class path.
def jar = attempt {
    new File(Class.forName('hudson.remoting.Launcher').protectionDomain.codeSource.location.toURI())
}
if (jar == null || !jar.isFile()) {
    def entries = (System.getProperty('java.class.path') ?: '').split(java.util.regex.Pattern.quote(File.pathSeparator))
    def jars = entries.findAll { it.endsWith('.jar') }
    def likely = jars.findAll { new File(it).name =~ /(?i)agent|slave|remoting|swarm/ }
    def chosen = likely ? likely[0] : (jars.size() == 1 ? jars[0] : null)
    jar = chosen == null ? null : new File(chosen).absoluteFile
}
def sum = jar == null ? null : attempt {
    def digest = java.security.MessageDigest.getInstance('SHA-256')
    jar.withInputStream { input ->
        byte[] buffer = new byte[65536]
        int count
        while ((count = input.read(buffer)) > 0) { digest.update(buffer, 0, count) }
    }
    digest.digest().encodeHex().toString()
}
def writable = jar == null ? null : attempt {
    def real = jar.toPath().toRealPath()
    Files.isWritable(real.parent) && Files.isReadable(real)
}

// The programs above this process, nearest first, up to process 1; null where that can't be read.
def parentOf = { String of -> file("/proc/${of}/stat").text.replaceFirst(/(?s)^.*\)/, '').tokenize(' ')[1] }
def above = linux ? attempt {
    def programs = []
    def at = parentOf('self')
    while ((at as int) > 0 && programs.size() < 20) {
        def number = at
        def text = attempt { file("/proc/${number}/cmdline").getText('UTF-8') }
        programs << [pid: at, words: text ? text.split('\u0000') as List : []]
        at = at == '1' ? '0' : (attempt { parentOf(number) } ?: '0')
    }
    programs
} : null
def isShell = { Map program -> program.words && new File(program.words[0]).name ==~ /-?(ba|da|k|z|a)?sh|busybox|nohup/ }
// These start a program again themselves, and one of them has many.
def restarting = (above ?: []).collectMany { it.words.take(2).collect { word -> new File(word).name } }.find {
    it ==~ /supervisord|circusd|runsv|supervise|s6-supervise|supervise-daemon|nomad/
}
def pid = attempt { java.lang.management.ManagementFactory.runtimeMXBean.name.tokenize('@')[0] as int }
// A container starts again when its own command ends: that is all there is above its agent.
def own = { programs ->
    def init = /(docker|dumb)-init|tini(-static)?|catatonit/
    programs ? programs.every { !it.words || isShell(it) || new File(it.words[0]).name ==~ init } : pid == 1
}
def ofContainer = containerised && (above == null || inKubernetes || own(above))

def supervisor = 'unknown'
def detail = ''
// Units that only were there when somebody started the agent by hand, or by cron.
def bystanders = ['ssh.service', 'sshd.service', 'cron.service', 'crond.service', 'getty.service']
if (env.containsKey('WINSW_EXECUTABLE') || env.containsKey('WINSW_SERVICE_ID')) {
    supervisor = 'winsw'
    detail = env['WINSW_SERVICE_ID'] ?: env['SERVICE_ID'] ?: env['WINSW_EXECUTABLE'] ?: ''
} else if (inKubernetes) {
    supervisor = 'kubernetes'
    detail = env['HOSTNAME'] ?: ''
} else if (restarting) {
    // supervisord tells its children which program they are.
    def program = env['SUPERVISOR_PROCESS_NAME'] ?: ''
    supervisor = restarting == 'supervisord' && program ? 'supervisord' : 'unknown'
    detail = supervisor == 'supervisord' ? program : restarting
} else if (ofContainer) {
    supervisor = 'docker'
    detail = env['HOSTNAME'] ?: ''
} else if (os.startsWith('Mac') && env['XPC_SERVICE_NAME'] && env['XPC_SERVICE_NAME'] != '0') {
    supervisor = 'launchd'
    detail = env['XPC_SERVICE_NAME']
} else if (linux && groups) {
    def units = groups.collectMany { it.tokenize(':').drop(1).join(':').tokenize('/') }.findAll { it.endsWith('.service') }
    units = units.findAll { !bystanders.contains(it) && !it.startsWith('user@') && !it.startsWith('getty@') }
    supervisor = units ? 'systemd' : 'none'
    detail = units ? units.last() : ''
    def cron = groups.any { it ==~ /.*\/crond?\.service(\/.*)?/ } ||
        (above ?: []).any { it.words && new File(it.words[0]).name.toLowerCase() ==~ /crond?|anacron/ }
    if (!units && cron) { detail = 'cron' }
}
// Without systemd: OpenRC and upstart tell a service its name, and keep its script.
def serviceOf = [openrc: ['RC_SVCNAME', '/etc/init.d/', ''], upstart: ['UPSTART_JOB', '/etc/init/', '.conf']]
if (supervisor in ['none', 'unknown'] && !detail) {
    serviceOf.each { kindOf, known ->
        def name = env[known[0]] ?: ''
        if (name ==~ /[\w.@-]+/ && !bystanders.contains(name + '.service') && file(known[1] + name + known[2]).isFile()) {
            supervisor = kindOf
            detail = name
        }
    }
}
if (os.startsWith('Windows') && supervisor == 'unknown') {
    // The names of the programs above, by Java 9's interface: its class itself is not open.
    def names = attempt {
        def type = Class.forName('java.lang.ProcessHandle')
        def infoType = Class.forName('java.lang.ProcessHandle$Info')
        def at = type.getMethod('current').invoke(null)
        def seen = []
        while (seen.size() < 10 && (at = type.getMethod('parent').invoke(at).orElse(null)) != null) {
            def told = infoType.getMethod('command').invoke(type.getMethod('info').invoke(at))
            seen << (told.orElse('') as String).tokenize('\\/').with { it ? it.last().toLowerCase() : '' }
        }
        seen
    } ?: []
    if (names.any { it ==~ /nssm.*\.exe/ }) { supervisor = 'nssm' }
    else if (names.any { it in ['taskeng.exe', 'taskhostw.exe', 'svchost.exe'] }) { supervisor = 'scheduled-task' }
}

// Replacing a file takes the right to write into its folder as well.
def replaceable = { File known ->
    attempt {
        def real = known.toPath().toRealPath()
        // A new file belongs to whoever wrote it: the file of somebody else would change hands.
        def user = System.getProperty('user.name')
        boolean mine = os.startsWith('Windows') || user == 'root' || Files.getOwner(real).name == user
        mine && Files.isWritable(real) && Files.isWritable(real.parent)
    }
}
// Jenkins' own restarter is a listener of the remoting engine, with the ways that work here.
def restarters = attempt {
    def engine = Class.forName('hudson.remoting.Engine').getMethod('current').invoke(null)
    if (engine == null) { return null }
    def mine = engine.events.listeners.findAll { it.getClass().name.contains('JnlpSlaveRestarterInstaller') }
    mine.collectMany { it.restarters as List }
}
// What the supervisor does when this process ends, and whether it waits for this very process.
def restart = null
def restartExit = null
def mainProcess = null

def launchFiles = []
def found = { String path, String type ->
    def here = new File(path)
    if (here.isFile() && !launchFiles.any { it.path == path }) {
        launchFiles << [path: path, kind: type, writable: replaceable(here)]
    }
}
def isScript = { File known -> attempt { known.withInputStream { i -> i.read() == 0x23 && i.read() == 0x21 } } }

if (supervisor == 'systemd') {
    def places = []
    def told = [:]
    boolean ofUser = groups.any { it.contains('/user@') }
    def systemctl = ['/usr/bin/systemctl', '/bin/systemctl'].collect { file(it) }.find { it.canExecute() }
    if (systemctl != null) {
        attempt {
            def call = [systemctl.path] + (ofUser ? ['--user'] : []) + ['show', '-p', 'FragmentPath,DropInPaths,' +
                'ActiveState,MainPID,Restart,RestartPreventExitStatus,SuccessExitStatus', detail]
            def process = call.execute()
            def out = new StringBuffer()
            def late = Thread.startDaemon {
                try {
                    Thread.sleep(5000)
                    process.destroy()
                } catch (InterruptedException ignored) {
                    // It ended in time.
                }
            }
            // Waits for its readers, too: waitForOrKill may return before they have all of it.
            process.waitForProcessOutput(out, new StringBuffer())
            late.interrupt()
            out.toString().readLines().findAll { it.contains('=') }.each {
                told[it.substring(0, it.indexOf('='))] = it.substring(it.indexOf('=') + 1)
            }
            ['FragmentPath', 'DropInPaths'].each { places.addAll((told[it] ?: '').tokenize(' ')) }
        }
    }
    if (!places) {
        // The order in which systemd looks; the first unit file wins, drop-ins of all places count.
        def folders = ['/etc/systemd/system', '/run/systemd/system', '/usr/local/lib/systemd/system',
            '/usr/lib/systemd/system', '/lib/systemd/system', (System.getProperty('user.home') ?: '') + '/.config/systemd/user',
            '/etc/systemd/user', '/usr/lib/systemd/user'].collect { file(it) }
        def names = detail.contains('@') ? [detail, detail.replaceFirst(/@[^@]*\.service$/, '@.service')] : [detail]
        def unit = names.collectMany { n -> folders.collect { new File(it, n) } }.find { it.isFile() }
        if (unit != null) { places << unit.path }
        def dropIns = folders.reverse().collectMany { folder ->
            names.collectMany { n -> (new File(folder, n + '.d').listFiles() ?: []) as List }
        }.findAll { it.name.endsWith('.conf') }
        places.addAll(dropIns.sort { it.name }.collect { it.path })
    }
    places.each { found(it, it.endsWith('.conf') ? 'systemd-drop-in' : 'systemd-unit') }
    // What the unit names: files with its environment, and a script that it starts.
    def lines = places.collectMany { path -> attempt { new File(path).text.replace('\\\n', ' ').readLines() } ?: [] }
    lines.each { text ->
        def entry = text.trim() =~ /^(EnvironmentFile|ExecStart)\s*=\s*[-@:+!]*("[^"]+"|\S+)/
        if (entry.find()) {
            def path = entry.group(2).replace('"', '')
            if (entry.group(1) == 'EnvironmentFile') { found(path, 'env-file') }
            else if (isScript(new File(path))) { found(path, 'script') }
        }
    }
    // As systemctl tells, else as the files say: the last Restart= counts, lists add up.
    def setting = { String key, boolean list ->
        if (told.containsKey(key)) { return told[key] }
        def values = lines.collect { it.trim() =~ /^(\w+)\s*=\s*(.*)$/ }.findAll { it.find() && it.group(1) == key }
            .collect { it.group(2).trim() }
        list ? values.join(' ') : (values ? values.last() : null)
    }
    def spared = setting('RestartPreventExitStatus', true).tokenize(' ')
    restart = setting('Restart', false) ?: (places ? 'no' : null)
    if (restart in ['always', 'on-failure']) {
        // A status that neither systemd nor sysexits.h gives a meaning.
        def status = '93'
        def fine = restart == 'on-failure' ? setting('SuccessExitStatus', true).tokenize(' ') : []
        restartExit = status in (spared + fine) ? null : status as int
    } else if (restart == 'on-success' && !spared.any { it in ['0', 'SUCCESS', 'EXIT_SUCCESS'] }) {
        restartExit = 0
    }
    // The user's own systemd restarts a unit whatever its Restart= says, when it is asked to.
    if (ofUser && told['ActiveState'] == 'active') { restart = 'user-unit' }
    def mainPid = told['MainPID'] ?: ''
    mainProcess = attempt { mainPid in ['', '0'] ? parentOf('self') == '1' : mainPid == pid as String }
} else if (supervisor == 'winsw') {
    def exe = env['WINSW_EXECUTABLE'] ?: ''
    if (exe) { found(exe.replaceFirst(/(?i)\.exe$/, '') + '.xml', 'winsw-xml') }
    if (!launchFiles && env['BASE']) {
        (new File(env['BASE']).listFiles() ?: []).findAll { it.name.endsWith('.xml') }.each { found(it.path, 'winsw-xml') }
    }
    // WinswSlaveRestarter has the wrapper restart its service, which reads the XML again.
    if (restarters?.any { it.getClass().name.contains('WinswSlaveRestarter') }) { restart = 'service' }
} else if (supervisor == 'launchd') {
    def lists = ['/Library/LaunchDaemons', '/Library/LaunchAgents', (System.getProperty('user.home') ?: '') + '/Library/LaunchAgents']
        .collectMany { (file(it).listFiles() ?: []) as List }.findAll { it.name.endsWith('.plist') }
    def named = lists.findAll { it.name == detail + '.plist' } ?:
        lists.findAll { list -> attempt { list.text.contains('<string>' + detail + '</string>') } }
    named.each { found(it.path, 'launchd-plist') }
} else if (supervisor in ['openrc', 'upstart']) {
    def known = serviceOf[supervisor]
    found(file(known[1] + detail + known[2]).path, supervisor == 'openrc' ? 'script' : 'upstart-job')
    if (supervisor == 'openrc') { found(file('/etc/conf.d/' + detail).path, 'env-file') }
} else if (supervisor == 'supervisord') {
    attempt {
        def daemon = above.find { it.words.take(2).any { word -> new File(word).name == 'supervisord' } }.words
        def flag = daemon.findIndexOf { it == '-c' || it == '--configuration' }
        def named = flag >= 0 ? daemon[flag + 1] : (daemon.find { it.startsWith('--configuration=') } ?: '=').split('=', 2)[1]
        def tops = named ? [new File(named)] : ['/etc/supervisord.conf', '/etc/supervisor/supervisord.conf'].collect { file(it) }
        def folders = ['/etc/supervisor/conf.d', '/etc/supervisord.d', '/etc/supervisor.d'].collect { file(it) }
        tops.each { if (it.absolute) { folders << new File(it.parentFile, 'conf.d') } }
        def all = tops + folders.collectMany { (it.listFiles() ?: []) as List }.findAll { it.name ==~ /.*\.(conf|ini)/ }
        // The group's name is in front of a colon only where a process is named otherwise.
        def header = '[program:' + (env['SUPERVISOR_GROUP_NAME'] ?: detail) + ']'
        all.take(200).findAll { known -> known.length() <= 65536 && attempt { known.text.contains(header) } }.each {
            found(it.path, 'supervisord')
        }
    }
} else if (supervisor == 'none' && detail == 'cron' && jar != null) {
    def tables = [file('/etc/crontab'), file('/var/spool/cron/crontabs/' + System.getProperty('user.name')),
        file('/var/spool/cron/' + System.getProperty('user.name'))] + ((file('/etc/cron.d').listFiles() ?: []) as List)
    tables.take(100).findAll { known ->
        known.isFile() && known.length() <= 65536 && attempt { known.text.contains(jar.name) }
    }.each { found(it.path, 'crontab') }
}
// Scripts that wait for this process: the outermost first, the one with the command last.
def scripts = []
if (!ofContainer) {
    attempt {
        for (program in (above ?: []).takeWhile { it.pid != '1' }.take(5)) {
            def line = program.words
            def named = isShell(program) ? line.drop(1).find { !it.startsWith('-') && !(it ==~ /(ba|da|a)?sh/) } : null
            // Whoever started that shell did it for another reason.
            if (!named || line.contains('-c')) { break }
            def path = new File(named)
            if (!path.absolute) {
                path = new File(Files.readSymbolicLink(file("/proc/${program.pid}/cwd").toPath()).toFile(), named)
            }
            if (path.isFile()) { scripts.add(0, path.path) }
        }
    }
}
scripts.each { found(it, 'script') }
argumentFiles.each { found(it.path, 'argument-file') }

// A pod does not see its owner; names that controllers make tell of one.
def namespace = supervisor != 'kubernetes' ? null : attempt {
    file('/var/run/secrets/kubernetes.io/serviceaccount/namespace').text.trim()
}
def ownerGuess = null
if (supervisor == 'kubernetes') {
    def byDeployment = detail =~ /^(.+)-[a-z0-9]{8,10}-[a-z0-9]{5}$/
    def bySet = detail =~ /^(.+)-[0-9]{1,4}$/
    def byDaemon = detail =~ /^(.+)-[a-z0-9]{5}$/
    if (byDeployment.find()) { ownerGuess = 'Deployment ' + byDeployment.group(1) }
    else if (bySet.find()) { ownerGuess = 'StatefulSet ' + bySet.group(1) }
    else if (byDaemon.find()) { ownerGuess = 'DaemonSet ' + byDaemon.group(1) }
}

// What decides on a forward proxy, for remoting (Engine, JnlpAgentEndpointResolver, NoProxyEvaluator)
// and for Java itself (DefaultProxySelector). Whatever stands before an @ may be a password.
def proxyProperties = [
    'http.proxyHost', 'http.proxyPort', 'https.proxyHost', 'https.proxyPort', 'proxyHost', 'proxyPort',
    'http.nonProxyHosts', 'https.nonProxyHosts', 'socksProxyHost', 'socksProxyPort', 'socksNonProxyHosts',
    'java.net.useSystemProxies', 'jdk.http.auth.tunneling.disabledSchemes'
].collectEntries { name -> [name, System.getProperty(name)] }.findAll { it.value != null }
def proxyVariables = ['http_proxy', 'https_proxy', 'all_proxy', 'no_proxy', 'proxy_host', 'proxy_port']
    .collectMany { [it, it.toUpperCase()] }
    // Windows does not tell names apart by their case.
    .collectEntries { name ->
        [name, os.startsWith('Windows') ? env.find { it.key.equalsIgnoreCase(name) }?.value : env[name]]
    }.findAll { it.value != null }
boolean proxyUser = (proxyProperties.values() + proxyVariables.values()).any { it.contains('@') } ||
    lower.any { it == '-proxycredentials' } || System.getProperty('http.proxyUser') != null ||
    System.getProperty('https.proxyUser') != null
def withoutUser = { String text -> maskText(text.replaceFirst(/(?s)^([a-zA-Z][a-zA-Z0-9+.-]*:\/\/)?.*@/, '$1')) }
// Whether the address opens from here without any proxy, as WebSocket tries it where Java knows none.
def opens = { String address ->
    attempt {
        def url = new URL(address)
        def socket = new Socket(Proxy.NO_PROXY)
        try {
            socket.connect(new InetSocketAddress(url.host, url.port > 0 ? url.port : url.defaultPort), 3000)
            true
        } catch (IOException ignored) {
            false
        } finally {
            socket.close()
        }
    }
}
def ownUrl = words.findIndexOf { it == '-url' }
def address = ownUrl > 0 && ownUrl + 1 < words.size() ? words[ownUrl + 1] : ARGS.url
def proxy = [
    properties: proxyProperties.collectEntries { [it.key, withoutUser(it.value)] },
    environment: proxyVariables.collectEntries { [it.key, withoutUser(it.value)] },
    credentials: proxyUser,
    direct: address && (proxyProperties || proxyVariables) ? opens(address as String) : null
]

def host = env['HOSTNAME'] ?: env['COMPUTERNAME'] ?: attempt { file('/etc/hostname').text.trim() }
def java = (System.getProperty('java.home') ?: '') + File.separator + 'bin' + File.separator + 'java'
def quote = { String word -> word ==~ /[A-Za-z0-9_@%+=:,.\/*-]+/ ? word : "'" + word + "'" }
def start = main.endsWith('.jar') ? ['-jar'] : (main ? ['-cp', jar == null ? '?' : jar.path] : [])
def RESULT = [
    kind: kind,
    command: ([java] + jvmOptions.collect { maskJvm(it as String) } + start + shown).collect { quote(it as String) }.join(' '),
    options: options,
    jar: jar == null ? null : jar.path,
    jar_sha256: sum,
    jar_writable: writable,
    java_version: System.getProperty('java.version'),
    java_home: System.getProperty('java.home'),
    os: (os + ' ' + (System.getProperty('os.arch') ?: '')).trim(),
    user: System.getProperty('user.name'),
    host: host,
    pid: pid,
    supervisor: supervisor,
    supervisor_detail: detail,
    restarter: restarters == null ? null : !restarters.isEmpty(),
    restart: restart,
    restart_exit: restartExit,
    main_process: mainProcess,
    main: main ? maskText(main) : null,
    work_dir: workDir ?: System.getProperty('user.dir'),
    work_dir_writable: attempt { Files.isWritable(Paths.get(workDir ?: System.getProperty('user.dir'))) },
    secret_in_clear: words ? clear : null,
    launch_files: launchFiles,
    namespace: namespace,
    owner_guess: ownerGuess,
    proxy: proxy
]
