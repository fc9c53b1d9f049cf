package jenkins.util

class SystemProperties {
    static String getString(String name) { System.getProperty(name) }
}
