// Downloads agent.jar beside the old one, compares, keeps the old one, renames into place.
// with: sha256
import java.nio.file.Files
import java.nio.file.Path
import java.nio.file.Paths
import java.nio.file.StandardCopyOption

def download = { String url, Path target ->
    def connection = new URL(url).openConnection()
    connection.connectTimeout = 15000
    connection.readTimeout = 60000
    connection.instanceFollowRedirects = false
    if (connection.responseCode != 200) {
        throw new IOException('GET ' + url + ' answered ' + connection.responseCode)
    }
    def output = new FileOutputStream(target.toFile())
    try {
        connection.inputStream.withStream { input -> output << input }
        output.getFD().sync()
    } finally {
        output.close()
    }
}

def jar = Paths.get(ARGS.jar as String)
// A link stays a link: the file that it leads to is replaced.
if (Files.isSymbolicLink(jar)) { jar = jar.toRealPath() }
def folder = jar.toAbsolutePath().parent
def name = jar.fileName.toString()
def wanted = (ARGS.sha256 as String).toLowerCase()
def before = sha256(jar)
def kept = { String sum -> folder.resolve(name + '.migrate-' + sum.substring(0, 12)) }
def backup = null
if (before == wanted) {
    def found = folder.toFile().listFiles().findAll { it.name ==~ /\Q${name}\E\.migrate-[0-9a-f]{12}/ }
    backup = found ? found.max { it.lastModified() }.path : null
} else {
    def part = Files.createTempFile(folder, name + '.migrate-', '.part')
    def copy = Files.createTempFile(folder, name + '.migrate-', '.part')
    try {
        download(ARGS.url as String, part)
        def got = sha256(part)
        if (got != wanted) {
            throw new IOException('the downloaded jar has SHA-256 ' + got.substring(0, 12) +
                '..., wanted ' + wanted.substring(0, 12) + '...')
        }
        try {
            Files.setPosixFilePermissions(part, Files.getPosixFilePermissions(jar))
        } catch (UnsupportedOperationException ignored) {
            // Windows: the folder's rights apply.
        }
        def target = kept(before)
        if (!(Files.exists(target) && sha256(target) == before)) {
            Files.copy(jar, copy, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.COPY_ATTRIBUTES)
            Files.move(copy, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING)
        }
        backup = target.toString()
        // Never write over the open jar: the running JVM would break (NoClassDefFoundError).
        Files.move(part, jar, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING)
    } finally {
        Files.deleteIfExists(part)
        Files.deleteIfExists(copy)
    }
}
def RESULT = [jar: jar.toString(), before_sha256: before, after_sha256: sha256(jar), backup: backup]
