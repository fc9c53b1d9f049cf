// What each of these addresses answers to this host: connects, sends GET /, and hangs up. An agent
// listener answers it with its own page (TcpSlaveAgentListener.respondHello). Nothing is changed.
int millis = (int) (((ARGS.timeout ?: 5) as double) * 1000)

def why = { Throwable error ->
    def text = error.getClass().simpleName + (error.message ? ': ' + error.message : '')
    text.length() > 300 ? text.substring(0, 300) : text
}

// What an accepted connection says until it ends; at most 4 KiB of it.
def talk = { Socket socket ->
    def said = new ByteArrayOutputStream()
    try {
        socket.soTimeout = millis
        socket.outputStream.write('GET / HTTP/1.0\r\n\r\n'.getBytes('ISO-8859-1'))
        socket.outputStream.flush()
        long end = System.currentTimeMillis() + millis
        int c
        while (said.size() < 4096 && System.currentTimeMillis() < end && (c = socket.inputStream.read()) >= 0) { said.write(c) }
        return [accepted: true, silent: said.size() == 0 && System.currentTimeMillis() >= end, said: said.toString('ISO-8859-1'), error: null]
    } catch (SocketTimeoutException ignored) {
        return [accepted: true, silent: said.size() == 0, said: said.toString('ISO-8859-1'), error: null]
    } catch (IOException error) {
        return [accepted: true, silent: false, said: said.toString('ISO-8859-1'), error: why(error)]
    }
}

def ask = { InetAddress address, int port ->
    def socket = new Socket(Proxy.NO_PROXY)
    try {
        socket.connect(new InetSocketAddress(address, port), millis)
        return [address: address.hostAddress] + talk(socket)
    } catch (Throwable error) {
        return [address: address.hostAddress, accepted: false, silent: false, said: '', error: why(error)]
    } finally {
        socket.close()
    }
}

def one = { place ->
    try {
        InetAddress.getAllByName(place.host as String).collect { ask(it, place.port as int) }
    } catch (Throwable error) {
        [[address: place.host, accepted: false, silent: false, said: '', error: why(error)]]
    }
}

// Side by side: where packets are dropped, each takes the whole timeout.
def pool = java.util.concurrent.Executors.newFixedThreadPool(Math.max(1, Math.min(16, ARGS.places.size())))
def RESULT = []
try {
    def asked = ARGS.places.collect { place -> pool.submit({ one(place) } as java.util.concurrent.Callable) }
    RESULT = asked.collect { it.get() }
} finally {
    pool.shutdownNow()
}
