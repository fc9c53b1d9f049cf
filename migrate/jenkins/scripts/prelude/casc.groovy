// Whether a text of configuration as code is so; null: cannot tell. Needs attempt and controller.
def inCasc = { Closure matches ->
    def textsOf = { String source ->
        def file = new File(source)
        if (file.isDirectory()) {
            def texts = []
            file.eachFileRecurse { if (it.isFile() && it.name ==~ /.*\.ya?ml/) { texts << it.getText('UTF-8') } }
            return texts
        }
        file.isFile() ? [file.getText('UTF-8')] : null
    }
    attempt {
        def plugin = controller.getPluginManager().getPlugin('configuration-as-code')
        if (plugin == null || !plugin.isActive()) { return false }
        def type = controller.getPluginManager().uberClassLoader.loadClass('io.jenkins.plugins.casc.ConfigurationAsCode')
        def sources = type.getMethod('get').invoke(null).getSources()
        def read = sources.collect { source -> attempt { textsOf(source as String) } }
        if (read.findAll { it != null }.flatten().any { matches(it) }) { return true }
        read.contains(null) ? null : false
    }
}
