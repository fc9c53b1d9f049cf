// setSlaveAgentPort restarts the listener at once but does not save by itself.
// with: controller
def before = controller.getSlaveAgentPort()
controller.setSlaveAgentPort(ARGS.port as int)
controller.save()
def RESULT = [before: before, after: controller.getSlaveAgentPort()]
