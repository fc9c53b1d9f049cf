// How a kubernetes cloud's new pods connect. Running pods keep what they were started with.
// with: controller
def found = controller.clouds.findAll { it.name == ARGS.name }
if (found.size() != 1) { throw new IllegalStateException("there are ${found.size()} clouds called ${ARGS.name}") }
def cloud = found[0]
def now = { [web_socket: cloud.isWebSocket(), tunnel: cloud.getJenkinsTunnel() ?: null, direct: cloud.isDirectConnection()] }
def before = now()
cloud.setWebSocket(ARGS.web_socket as boolean)
cloud.setJenkinsTunnel(ARGS.tunnel as String)
cloud.setDirectConnection(ARGS.direct as boolean)
controller.save()
def RESULT = [before: before, after: now()]
