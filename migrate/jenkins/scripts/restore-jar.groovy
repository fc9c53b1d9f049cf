// Puts the kept jar back by the rename of a copy; the kept one stays.
// with: sha256
import java.nio.file.Files
import java.nio.file.Path
import java.nio.file.Paths
import java.nio.file.StandardCopyOption

def jar = Paths.get(ARGS.jar as String)
if (Files.isSymbolicLink(jar)) { jar = jar.toRealPath() }
def wanted = (ARGS.sha256 as String).toLowerCase()
if (!(Files.exists(jar) && sha256(jar) == wanted)) {
    if (!ARGS.backup) { throw new IllegalStateException('there is no kept jar to put back') }
    def backup = Paths.get(ARGS.backup as String)
    if (sha256(backup) != wanted) {
        throw new IllegalStateException('the kept jar ' + backup + ' has another SHA-256 than recorded')
    }
    def part = Files.createTempFile(jar.parent, jar.fileName.toString() + '.migrate-', '.part')
    try {
        Files.copy(backup, part, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.COPY_ATTRIBUTES)
        // Never write over the open jar: the running JVM would break (NoClassDefFoundError).
        Files.move(part, jar, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING)
    } finally {
        Files.deleteIfExists(part)
    }
}
def RESULT = [after_sha256: sha256(jar)]
