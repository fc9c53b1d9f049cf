package org.csanchez.jenkins.plugins.kubernetes

/** As much of the plugin as the scripts list-clouds and set-cloud touch. */
class KubernetesCloud {
    String name
    boolean webSocket
    String jenkinsTunnel
    boolean directConnection
    String jenkinsUrl
    List templates = []

    static class Template {
        String name
        String label
        List containers = []
        List envVars = []
        List yamls = []
    }

    static class Container {
        String name
        String args
        List envVars = []
    }

    static class Variable {
        String key
        String value
    }

    static class Slave {
        String nodeName
        String cloudName
    }

    static class OtherCloud {
        String name
    }
}
