// The clouds that make agents, with what decides their transport. Reads only.
// Names as in kubernetes-plugin: KubernetesCloud, PodTemplate, ContainerTemplate.
// with: controller attempt casc
def deciding = { String name -> name ==~ /JENKINS_(WEB_SOCKET|TUNNEL|DIRECT_CONNECTION|URL|PROTOCOLS)|REMOTING_OPTS/ }

def variables = { holder ->
    def found = [:]
    (attempt { holder.getEnvVars() } ?: []).each { item ->
        def key = attempt { item.getKey() }
        if (key != null && deciding(key)) { found[key] = (attempt { item.getValue() } ?: '') as String }
    }
    found
}

def templateOf = { template ->
    def env = variables(template)
    def agent = (attempt { template.getContainers() } ?: []).find { it.getName() == 'jnlp' }
    if (agent != null) { env.putAll(variables(agent)) }
    def yamls = (attempt { template.getYamls() } ?: []).findAll { it != null }.join('\n')
    (yamls =~ /JENKINS_(?:WEB_SOCKET|TUNNEL|DIRECT_CONNECTION)/).each { name -> env[name as String] = '(in its YAML)' }
    [
        name: (attempt { template.getName() } ?: '') as String,
        label: (attempt { template.getLabel() } ?: '') as String,
        env: env,
        args: (agent == null ? '' : (attempt { agent.getArgs() } ?: '')) as String
    ]
}

// Whether configuration as code sets clouds again at its next load; null: cannot tell.
def jcasc = inCasc { it =~ /(?m)^\s+clouds\s*:/ }

def nodes = controller.getNodes()
def clouds = (attempt { controller.clouds } ?: []).collect { cloud ->
    [
        name: (attempt { cloud.name } ?: '') as String,
        'class': cloud.getClass().getName(),
        web_socket: attempt { cloud.isWebSocket() },
        tunnel: attempt { cloud.getJenkinsTunnel() },
        direct: attempt { cloud.isDirectConnection() },
        jenkins_url: attempt { cloud.getJenkinsUrl() },
        templates: (attempt { cloud.getTemplates() } ?: []).collect { templateOf(it) },
        nodes: nodes.findAll { node -> attempt { node.getCloudName() } == cloud.name }.collect { it.getNodeName() }
    ]
}
def RESULT = [clouds: clouds, jcasc: jcasc]
