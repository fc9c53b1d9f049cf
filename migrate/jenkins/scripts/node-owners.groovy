// Who sets nodes and the agent port again: configuration as code, and scripts of init.groovy.d. Reads only.
// A permanent node's launcher in JCasC: jnlp or inbound, as a map, as a word, or absent (inbound, too).
// with: controller attempt
def known = controller.getNodes().collect { it.getNodeName() } as Set

def filesOf = { String source ->
    def file = new File(source)
    def found = []
    if (file.isDirectory()) {
        file.eachFileRecurse { if (it.isFile() && it.name ==~ /.*\.ya?ml/) { found << it } }
        return found
    }
    file.isFile() ? [file] : null
}
def manager = controller.getPluginManager()
def plugin = attempt { manager.getPlugin('configuration-as-code') }
boolean active = plugin != null && attempt { plugin.isActive() }
// snakeyaml is the plugin's own reader (snakeyaml-api); nothing but plain data is made of a text.
def parse = { String text ->
    def loader = manager.uberClassLoader
    def type = loader.loadClass('org.yaml.snakeyaml.constructor.SafeConstructor')
    def safe = attempt {
        def options = loader.loadClass('org.yaml.snakeyaml.LoaderOptions')
        type.getConstructor(options).newInstance(options.getConstructor().newInstance())
    } ?: type.getConstructor().newInstance()
    def base = loader.loadClass('org.yaml.snakeyaml.constructor.BaseConstructor')
    loader.loadClass('org.yaml.snakeyaml.Yaml').getConstructor(base).newInstance(safe).load(text)
}
def inbound = { launcher ->
    if (launcher == null || launcher in ['jnlp', 'inbound']) { return [:] }
    if (!(launcher instanceof Map)) { return null }
    def symbol = ['jnlp', 'inbound'].find { launcher.containsKey(it) }
    if (symbol == null) { return null }
    launcher[symbol] instanceof Map ? launcher[symbol] : [:]
}
def nodes = [:]
def unread = []
def readCasc = { File file ->
    def text = file.getText('UTF-8')
    if (!text.contains('nodes')) { return }
    def root = parse(text)
    def listed = root instanceof Map && root.jenkins instanceof Map ? root.jenkins.nodes : null
    (listed instanceof List ? listed : []).each { entry ->
        def node = entry instanceof Map ? (entry.permanent ?: entry.dumb ?: entry.slave) : null
        def settings = node instanceof Map ? inbound(node.launcher) : null
        if (settings != null && known.contains(node.name as String)) {
            // A reference (${WS}) is set where the file cannot tell.
            def flag = ['true': true, 'false': false, 'null': false][String.valueOf(settings.webSocket).toLowerCase()]
            nodes[node.name as String] = [
                file: file.path,
                web_socket: flag,
                tunnel: settings.tunnel ? true : false
            ]
        }
    }
}
if (active) {
    def sources = attempt {
        def type = manager.uberClassLoader.loadClass('io.jenkins.plugins.casc.ConfigurationAsCode')
        type.getMethod('get').invoke(null).getSources()
    }
    (sources ?: ['the list of its sources']).each { source ->
        def files = sources == null ? null : attempt { filesOf(source as String) }
        if (files == null) { unread << (source as String) }
        files.each { file ->
            try { readCasc(file) } catch (Throwable ignored) { unread << file.path }
        }
    }
}

// Groovy hooks run at every start: a node that one makes, or a port that it sets, is back then.
def hooks = []
def home = controller.getRootDir()
def scripts = [new File(home, 'init.groovy')]
def folder = new File(home, 'init.groovy.d')
if (folder.isDirectory()) { folder.eachFileMatch(~/.*\.groovy/) { scripts << it } }
scripts.findAll { it.isFile() }.sort { it.name }.each { file ->
    def text = attempt { file.getText('UTF-8') }
    if (text == null) { unread << file.path; return }
    boolean makes = text =~ /JNLPLauncher|DumbSlave|\baddNode\b|\bsetNodes\b|setWebSocket|setTunnel/
    boolean port = text =~ /setSlaveAgentPort|slaveAgentPort\s*=/
    if (makes || port) {
        def named = makes ? known.findAll { text.contains("'" + it + "'") || text.contains('"' + it + '"') } : []
        hooks << [file: file.path, nodes: named.sort(), makes_nodes: makes, port: port]
    }
}
def RESULT = [nodes: nodes, hooks: hooks, unread: unread]
