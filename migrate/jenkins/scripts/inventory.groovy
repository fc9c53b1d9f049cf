// One look at the controller and its agents; the built-in node is read by REST. Reads only.
// with: controller attempt casc

def encode = { byte[] bytes -> bytes.encodeBase64().toString() }

// The same bytes as GET /computer/NAME/config.xml gives to a user who may configure it, also
// where Jenkins cannot write it to its end.
def configOf = { node ->
    def out = new ByteArrayOutputStream()
    attempt { jenkins.model.Jenkins.XSTREAM2.toXMLUTF8(node, out) }
    encode(out.toByteArray())
}

// At most 64 KiB of a log: who connected stands in its head, how it ended in its tail.
// The log is written in the controller's default charset.
def logOf = { computer ->
    def file = computer.getLogFile()
    if (file == null || !file.isFile()) { return '' }
    def head = 48 * 1024
    def tail = 16 * 1024
    def charset = java.nio.charset.Charset.defaultCharset()
    def access = new RandomAccessFile(file, 'r')
    try {
        long size = access.length()
        byte[] first = new byte[(int) Math.min(size, (long) (size <= head + tail ? size : head))]
        access.readFully(first)
        def text = new String(first, charset)
        if (size > head + tail) {
            byte[] last = new byte[tail]
            access.seek(size - tail)
            access.readFully(last)
            text = text + '\n' + new String(last, charset)
        }
        return encode(text.getBytes('UTF-8'))
    } finally {
        access.close()
    }
}

def lostCauses = ['ChannelTermination', 'LaunchFailed', 'IdleOfflineCause']
def markOf = { computer ->
    if (!computer.isTemporarilyOffline()) { return null }
    def cause = computer.getOfflineCause()
    def kind = cause == null ? '' : cause.getClass().getName().tokenize('.$').last()
    if (cause == null || lostCauses.contains(kind)) { return [by: '', reason: ''] }
    def by = ''
    if (kind == 'UserCause') {
        def user = attempt { cause.getUser() }
        by = user == null ? 'anonymous' : user.getId()
    }
    [by: by, reason: computer.getOfflineCauseReason() ?: '']
}

def describe = { computer ->
    def node = computer.getNode()
    def self = node.getSelfLabel()
    [
        name: computer.getName(),
        'class': computer.getClass().getName(),
        config_xml: attempt { configOf(node) },
        online: computer.getChannel() != null,
        busy: computer.getExecutors().count { it.isBusy() } + computer.getOneOffExecutors().size(),
        mark: markOf(computer),
        offline_reason: computer.getOfflineCauseReason() ?: '',
        labels: node.getAssignedLabels().findAll { it != self }.collect { it.getName() },
        description: node.getNodeDescription() ?: '',
        executors: computer.getNumExecutors(),
        log: attempt { logOf(computer) },
        remote_fs: attempt { node.getRemoteFS() }
    ]
}

def permissions = []
[
    ['Overall/', jenkins.model.Jenkins.PERMISSIONS],
    ['Agent/', hudson.model.Computer.PERMISSIONS]
].each { entry ->
    entry[1].getPermissions().each { permission ->
        if (permission.getEnabled() && controller.hasPermission(permission)) {
            permissions << entry[0] + permission.name
        }
    }
}

// Whether configuration as code sets the port again at its next load; null: cannot tell.
def jcasc = inCasc { it.contains('slaveAgentPort') }

def property = { String name ->
    attempt { jenkins.util.SystemProperties.getString(name) } ?: System.getProperty(name)
}
def authentication = attempt { jenkins.model.Jenkins.getAuthentication2() } ?: jenkins.model.Jenkins.getAuthentication()
def RESULT = [
    version: jenkins.model.Jenkins.VERSION,
    // Never controller.getRootUrl(): without a configured URL it is that of this very request.
    root_url: jenkins.model.JenkinsLocationConfiguration.get().getUrl(),
    agent_port: controller.getSlaveAgentPort(),
    enforced: Boolean.parseBoolean(property('jenkins.model.Jenkins.slaveAgentPortEnforce') ?: 'false'),
    inbound_url: property('jenkins.agent.inboundUrl'),
    java_version: System.getProperty('java.version'),
    jar_version: attempt { Class.forName('hudson.remoting.Launcher').getField('VERSION').get(null) },
    minimum_remoting: attempt { jenkins.slaves.RemotingVersionInfo.getMinimumSupportedVersion().toString() },
    minimum_lifted: attempt { hudson.slaves.SlaveComputer.ALLOW_UNSUPPORTED_REMOTING_VERSIONS },
    protocols: attempt { controller.getAgentProtocols() as List } ?: [],
    jcasc: jcasc,
    user: authentication.getName(),
    permissions: permissions,
    nodes: controller.getComputers().findAll { it.getNode() != null && it.getName() != '' }.collect { describe(it) }
]
