package jenkins.model

/** As much of Jenkins as the script inventory touches. */
class Jenkins {
    public static final String VERSION = '2.426.2'
    public static final PERMISSIONS = new hudson.security.Group(['Administer', 'Read', 'RunScripts'])
    public static final XSTREAM2 = new XStream()
    private static final ONLY = new Jenkins()
    private int port = 15000
    int saved = 0
    List clouds = []
    List nodes = []
    File rootDir = new File(".")

    static Jenkins get() { ONLY }

    static getAuthentication2() { [getName: { 'admin' }] as Named }

    int getSlaveAgentPort() { port }

    void setSlaveAgentPort(int value) { port = value }

    void save() { saved++ }

    String getRootUrl() { 'http://the-request/' }

    Set getAgentProtocols() { ['Ping', 'JNLP4-connect'] as TreeSet }

    boolean hasPermission(permission) { permission.name != 'RunScripts' }

    def getPluginManager() { new Plugins() }

    def getComputers() { hudson.model.Computer.ALL }

    static interface Named {
        String getName()
    }

    static class XStream {
        void toXMLUTF8(node, OutputStream out) { out.write(node.xml.getBytes('UTF-8')) }
    }

    static class Plugins {
        static File sources
        def uberClassLoader = new ClassLoader() {
            Class loadClass(String name) {
                name.startsWith('org.yaml.') ? Plugins.classLoader.loadClass(name) : Casc
            }
        }
        def getPlugin(String name) { sources == null ? null : new Plugin() }
    }

    static class Plugin {
        boolean isActive() { true }
    }

    static class Casc {
        static Casc get() { new Casc() }
        List getSources() { [Plugins.sources.path] }
    }
}
