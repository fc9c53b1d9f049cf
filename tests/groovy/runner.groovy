// One JVM for many tests: each line asks for scripts to be run in turn, each answer is one line.
// What a request defines, sets or prints is its own: classes, system properties, output.
import groovy.json.JsonOutput
import groovy.json.JsonSlurper
import org.codehaus.groovy.control.CompilationUnit
import org.codehaus.groovy.control.CompilerConfiguration

// Compiled once; loaded anew for each request, because what a controller holds is in their statics.
def compiled = [:].withDefault { String stubs ->
    def target = new File(stubs.replace('/', '_')).absoluteFile
    target.mkdir()
    def unit = new CompilationUnit(new CompilerConfiguration(targetDirectory: target))
    new File(stubs).eachFileRecurse { if (it.name.endsWith('.groovy')) { unit.addSource(it) } }
    unit.compile()
    target
}
def run = { Map asked ->
    def path = asked.libraries.collect { new File(it as String) }
    if (asked.stubs) { path << compiled[asked.stubs as String] }
    def loader = new URLClassLoader(path.collect { it.toURI().toURL() } as URL[], this.class.classLoader)
    asked.scripts.withIndex().collect { String text, int number ->
        def printed = new ByteArrayOutputStream()
        def stream = new PrintStream(printed, true, 'UTF-8')
        System.out = stream
        System.err = stream
        try {
            def binding = new Binding(HERE: new File(asked.here as String))
            new GroovyShell(loader, binding).evaluate(text, "sent${number}.groovy")
        } catch (Throwable error) {
            println error
        }
        stream.flush()
        printed.toString('UTF-8')
    }
}
def answers = System.out
def errors = System.err
System.in.eachLine('UTF-8') { line ->
    def properties = System.properties.clone()
    def outputs = run(new JsonSlurper().parseText(line) as Map)
    System.out = answers
    System.err = errors
    System.properties = properties
    println JsonOutput.toJson(outputs)
}
