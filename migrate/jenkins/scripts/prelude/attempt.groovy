def attempt = { Closure body ->
    try { body.call() } catch (Throwable ignored) { null }
}
