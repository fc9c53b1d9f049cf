// What this host is answered at the URL of agents, without a secret and without following
// redirects, as the agent's own WebSocket client does not follow them either. The two handshakes
// come ready-made: this script has no header of its own (migrate.model.probe_requests). They go the
// way of that client, through Java's own choice of a proxy.
def base = (ARGS.url as String)
if (!base.endsWith('/')) { base = base + '/' }
def url = new URL(base)
int millis = (int) (((ARGS.timeout ?: 10) as double) * 1000)

def why = { Throwable error ->
    def cause = error
    while (cause.cause != null && cause.cause != cause) { cause = cause.cause }
    def text = cause.getClass().simpleName + (cause.message ? ': ' + cause.message : '')
    text.length() > 300 ? text.substring(0, 300) : text
}

def login = {
    def connection = new URL(base + 'login').openConnection()
    connection.connectTimeout = millis
    connection.readTimeout = millis
    connection.instanceFollowRedirects = false
    try {
        [status: connection.responseCode, error: null]
    } finally {
        connection.disconnect()
    }
}

// The proxies that Tyrus tries, in its order; none of SOCKS, and no direct way beside them
// (JdkClientContainer.processProxy and openClientSocket, Tyrus 1.21 and 2.1).
def proxies = {
    def selector = ProxySelector.getDefault()
    def found = []
    // First what remoting itself gives that client for an http:// controller (Engine.runWebSocket).
    if (ARGS.proxy) {
        def given = InetSocketAddress.createUnresolved(ARGS.proxy.host as String, ARGS.proxy.port as int)
        found << new Proxy(Proxy.Type.HTTP, given)
    }
    ['socket', 'https', 'http'].each { scheme ->
        def asked = new URI(scheme, null, url.host, url.port, url.path, null, null)
        selector?.select(asked)?.each { if (it.type() == Proxy.Type.HTTP && !found.contains(it)) { found << it } }
    }
    found
}
def named = { Proxy proxy -> proxy.address().hostString + ':' + proxy.address().port }
def way = [via: null]

// CONNECT, as Tyrus asks it (ClientFilter). Read byte by byte: what follows is not the proxy's.
def tunnel = { Socket socket, String far, Proxy proxy ->
    def request = "CONNECT $far HTTP/1.1\r\nProxyConnection:keep-alive\r\nConnection:keep-alive\r\nHost:${url.host}\r\n\r\n"
    socket.outputStream.write(request.toString().getBytes('ISO-8859-1'))
    socket.outputStream.flush()
    def head = new StringBuilder()
    int c
    while (head.length() < 16384 && !head.toString().endsWith('\r\n\r\n') && (c = socket.inputStream.read()) >= 0) {
        head << (char) c
    }
    def match = head.toString() =~ /^HTTP\/1\.[01] (\d{3})/
    def status = match.find() ? match.group(1) : 'no HTTP'
    if (status != '200') { throw new IOException("proxy ${named(proxy)} answers $status to CONNECT") }
}

def connectBy = { Proxy proxy ->
    boolean tls = url.protocol == 'https'
    int port = url.port > 0 ? url.port : (tls ? 443 : 80)
    def plain = new Socket(Proxy.NO_PROXY)
    try {
        def first = proxy == null ? new InetSocketAddress(url.host, port)
            : new InetSocketAddress(proxy.address().hostString, proxy.address().port)
        plain.connect(first, millis)
        plain.soTimeout = millis
        if (proxy != null) { tunnel(plain, url.host + ':' + port, proxy) }
        if (!tls) { return plain }
        def secure = javax.net.ssl.SSLSocketFactory.getDefault().createSocket(plain, url.host, port, true)
        def parameters = secure.SSLParameters
        parameters.endpointIdentificationAlgorithm = 'HTTPS'
        secure.SSLParameters = parameters
        secure.startHandshake()
        return secure
    } catch (Throwable error) {
        plain.close()
        throw error
    }
}

def connect = {
    def failed = null
    for (proxy in (proxies() ?: [null])) {
        way.via = proxy == null ? null : named(proxy)
        try { return connectBy(proxy) } catch (IOException error) { failed = error }
    }
    throw failed
}

// Which headers of an answer are reported: they tell who wrote it. Never Location or cookies.
def TOLD = ['server', 'x-jenkins', 'x-cli-error']

// The status line, the headers and as much of the body as was announced, at most 4 KiB of it.
def exchange = { String request ->
    def socket = connect()
    try {
        socket.outputStream.write(request.getBytes('ISO-8859-1'))
        socket.outputStream.flush()
        def input = new BufferedInputStream(socket.inputStream)
        def line = {
            def out = new StringBuilder()
            int c
            while ((c = input.read()) >= 0 && c != 10 && out.length() < 8192) { if (c != 13) { out << (char) c } }
            c < 0 && out.length() == 0 ? null : out.toString()
        }
        def first = line()
        def match = first =~ /^HTTP\/1\.[01] (\d{3})/
        if (first == null || !match.find()) { return [status: null, body: '', error: 'no HTTP answer'] }
        int status = match.group(1) as int
        int length = -1
        def headers = [:]
        def header
        while ((header = line())) {
            int colon = header.indexOf(':')
            if (colon < 0) { continue }
            def name = header.substring(0, colon).toLowerCase(Locale.ROOT)
            def value = header.substring(colon + 1).trim()
            if (name == 'content-length') { length = Math.min(4096L, value as long) as int }
            if (name in TOLD) { headers[name] = value.length() > 200 ? value.substring(0, 200) : value }
        }
        def body = new ByteArrayOutputStream()
        try {
            if (status != 101) {
                int c
                while (body.size() < (length >= 0 ? length : 4096) && (c = input.read()) >= 0) { body.write(c) }
            }
        } catch (SocketTimeoutException ignored) {
            // A body without an end: what came is enough.
        }
        [status: status, headers: headers, body: body.toString('UTF-8'), error: null]
    } finally {
        socket.close()
    }
}

def guarded = { Closure body ->
    try { body.call() } catch (Throwable error) { [status: null, body: '', error: why(error)] }
}

def cli = guarded { exchange(ARGS.cli_ws as String) }
// A made-up node: Jenkins answers "no such agent" before it looks at the secret.
def agents = guarded { exchange(ARGS.wsagents as String) }
def page = guarded(login)
def RESULT = [
    via: way.via,
    login: [status: page.status, error: page.error],
    cli_ws: [status: cli.status, headers: cli.headers ?: [:], body: cli.body, error: cli.error],
    wsagents: [status: agents.status, headers: agents.headers ?: [:], body: agents.body, error: agents.error]
]
