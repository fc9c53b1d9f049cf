// setSlaveAgentPort restarts the listener at once but does not save by itself.
def controller = jenkins.model.Jenkins.get()
def before = controller.getSlaveAgentPort()
controller.setSlaveAgentPort(ARGS.port as int)
controller.save()
def RESULT = [before: before, after: controller.getSlaveAgentPort()]
println '<<<migrate'
println groovy.json.JsonOutput.toJson(RESULT)
println 'migrate>>>'
