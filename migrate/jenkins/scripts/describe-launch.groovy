// How this agent process was started. Every secret is masked here, before anything is sent.
import java.nio.file.Files
import java.nio.file.Paths

def attempt = { Closure body ->
    try { body.call() } catch (Throwable ignored) { null }
}
def env = System.getenv()
def os = System.getProperty('os.name') ?: ''
def linux = os.startsWith('Linux')

// Without the java binary and the JVM's own options: main class or jar, then its options.
def words = []
def exact = linux ? attempt { new File('/proc/self/cmdline').getText('UTF-8').split('\u0000') as List } : null
def command = System.getProperty('sun.java.command') ?: ''
def jvmOptions = attempt { java.lang.management.ManagementFactory.runtimeMXBean.inputArguments as List } ?: []
if (exact) {
    // cmdline keeps apart what is apart, also where a word holds a blank. The program begins
    // with the main class or the jar, which sun.java.command begins with as well.
    int at = exact.findIndexOf { it == command.tokenize(' ')[0] }
    if (at < 0) {
        int flag = exact.findIndexOf { it == '-jar' }
        at = flag >= 0 && flag + 1 < exact.size() && command.startsWith(exact[flag + 1]) ? flag + 1 : -1
    }
    words = at >= 0 ? exact.subList(at, exact.size()) : command.tokenize(' ')
} else {
    words = command.tokenize(' ')
}

def withValue = [
    '-url', '-tunnel', '-workDir', '-internalDir', '-jar-cache', '-agentLog', '-loggingConfig', '-cert',
    '-credentials', '-jnlpCredentials', '-proxyCredentials', '-protocols', '-direct', '-directConnection',
    '-instanceIdentity', '-name', '-secret', '-webSocketHeader', '-noReconnectAfter', '-jnlpUrl', '-auth',
    '-connectTo', '-cp', '-classpath', '-text', '-tcp'
]
def secretOptions = [
    '-secret', '-credentials', '-jnlpcredentials', '-proxycredentials', '-auth', '-password', '-token', '-username',
    '-passwordfile', '-passwordenvvariable', '-websocketheader'
]
def hide = '****'
def maskText = { String text ->
    text.replaceAll(/\b[0-9a-fA-F]{64}\b/, hide)
        .replaceAll(/\b11[0-9a-fA-F]{32}\b/, hide)
        .replaceAll(/(?<=:\/\/)[^\/\s:@]+:[^\/\s@]+(?=@)/, hide)
        .replaceAll(/(?i)((?:secret|password|passwd|token|credential)[a-z0-9._-]*=)\S+/, '$1' + hide)
}
def maskValue = { String option, String value ->
    if (value.startsWith('@')) { return value }
    if (option == '-websocketheader') { return value.tokenize('=:')[0] + '=' + hide }
    hide
}

def shown = []
def options = []
boolean positional = false
words.eachWithIndex { word, i ->
    if (i == 0) { shown << maskText(word); return }
    def previous = words[i - 1]
    def isValue = i > 1 && withValue.any { it.equalsIgnoreCase(previous) } && !positional
    def lowered = previous.toLowerCase().replaceFirst(/^--/, '-')
    if (i > 1 && secretOptions.contains(lowered)) {
        shown << maskValue(lowered, word)
    } else if (isValue) {
        shown << maskText(word)
    } else if (word.startsWith('-')) {
        def name = word.tokenize('=')[0]
        options << name
        def isSecret = word.contains('=') && secretOptions.contains(name.toLowerCase().replaceFirst(/^--/, '-'))
        shown << (isSecret ? name + '=' + maskValue(name.toLowerCase().replaceFirst(/^--/, '-'), word.substring(name.length() + 1)) : maskText(word))
    } else if (!positional) {
        // SECRET NAME, the old positional form: the first one is the secret.
        positional = true
        shown << (word.startsWith('@') ? word : hide)
    } else {
        shown << maskText(word)
    }
}

def main = words ? words[0] : ''
def lower = options.collect { it.toLowerCase() }
def containerised = linux && (new File('/.dockerenv').exists() || new File('/run/.containerenv').exists())
def groups = linux ? (attempt { new File('/proc/self/cgroup').readLines() } ?: []) : []
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
} else if (containerised) {
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
}

// Jenkins' own restarter is a listener of the remoting engine, with the ways that work here.
def restarter = attempt {
    def engine = Class.forName('hudson.remoting.Engine').getMethod('current').invoke(null)
    if (engine == null) { return null }
    def mine = engine.events.listeners.findAll { it.getClass().name.contains('JnlpSlaveRestarterInstaller') }
    mine.any { !it.restarters.isEmpty() }
}

def host = env['HOSTNAME'] ?: env['COMPUTERNAME'] ?: attempt { new File('/etc/hostname').text.trim() }
def java = (System.getProperty('java.home') ?: '') + File.separator + 'bin' + File.separator + 'java'
def quote = { String word -> word ==~ /[A-Za-z0-9_@%+=:,.\/*-]+/ ? word : "'" + word + "'" }
def start = main.endsWith('.jar') ? ['-jar'] : (main ? ['-cp', jar == null ? '?' : jar.path] : [])
def RESULT = [
    kind: kind,
    command: ([java] + jvmOptions.collect { maskText(it as String) } + start + shown).collect { quote(it as String) }.join(' '),
    options: options,
    jar: jar == null ? null : jar.path,
    jar_sha256: sum,
    jar_writable: writable,
    java_version: System.getProperty('java.version'),
    java_home: System.getProperty('java.home'),
    os: (os + ' ' + (System.getProperty('os.arch') ?: '')).trim(),
    user: System.getProperty('user.name'),
    host: host,
    pid: attempt { java.lang.management.ManagementFactory.runtimeMXBean.name.tokenize('@')[0] as int },
    supervisor: supervisor,
    supervisor_detail: detail,
    restarter: restarter
]
println '<<<migrate'
println groovy.json.JsonOutput.toJson(RESULT)
println 'migrate>>>'
