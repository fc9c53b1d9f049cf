def controller = jenkins.model.Jenkins.get()
