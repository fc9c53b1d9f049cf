// A file of the agent's launch, byte for byte: it may hold a secret, which goes to the controller
// and to whoever asked it, and is never printed otherwise.
import java.nio.file.Files
import java.nio.file.Paths

def path = Paths.get(ARGS.path as String)
if (!path.absolute) { throw new IllegalArgumentException('not an absolute path: ' + path) }
def RESULT = [missing: true]
if (Files.exists(path)) {
    if (!Files.isRegularFile(path)) { throw new IOException(path.toString() + ' is no regular file') }
    long size = Files.size(path)
    if (size > (ARGS.limit as long)) {
        throw new IOException(path.toString() + ' has ' + size + ' bytes, more than any launch file')
    }
    RESULT = [missing: false, body: Files.readAllBytes(path).encodeBase64().toString()]
}
