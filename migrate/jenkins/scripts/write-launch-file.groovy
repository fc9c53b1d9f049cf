// Writes a file of the agent's launch beside the old one, compares, renames; or removes one that was
// new. Only what is as it was read, or as it is to be already, is touched.
import java.nio.channels.FileChannel
import java.nio.file.Files
import java.nio.file.Path
import java.nio.file.Paths
import java.nio.file.StandardCopyOption
import java.nio.file.StandardOpenOption
import java.nio.file.attribute.PosixFilePermission

def sha256 = { byte[] body ->
    java.security.MessageDigest.getInstance('SHA-256').digest(body).encodeHex().toString()
}
// Empty sums stand for: there is no such file.
def before = (ARGS.before ?: '') as String
def after = (ARGS.after ?: '') as String
def path = Paths.get(ARGS.path as String)
if (!path.absolute) { throw new IllegalArgumentException('not an absolute path: ' + path) }
// A link stays a link: the file that it leads to is replaced.
def real = Files.isSymbolicLink(path) ? path.toRealPath() : path
def sumOf = { Path file -> Files.exists(file) ? sha256(Files.readAllBytes(file)) : '' }
// So that the rename itself outlives a crash; where a folder can't be opened (Windows) it is left.
def sync = { Path folder ->
    try { FileChannel.open(folder, StandardOpenOption.READ).withCloseable { it.force(true) } } catch (IOException ignored) { }
}

def now = sumOf(real)
def folder = real.parent
def state = 'written'
if (now == after) {
    state = 'already'
} else if (now != before) {
    state = 'changed'
} else if (!after) {
    Files.delete(real)
    // A drop-in folder that this tool made goes again when nothing else is in it.
    if (folder.fileName.toString().endsWith('.d') && folder.toFile().list().length == 0) { Files.delete(folder) }
    state = 'removed'
} else {
    def body = (ARGS.body as String).decodeBase64()
    if (sha256(body) != after) { throw new IOException('the text arrived damaged; ' + path + ' is untouched') }
    // A drop-in folder (UNIT.service.d) may be new; nothing above it.
    if (!Files.exists(folder)) { Files.createDirectory(folder) }
    // Readable by nobody else from its first moment on.
    def part = Files.createTempFile(folder, '.' + real.fileName.toString() + '.migrate-', '.part')
    try {
        boolean posix = Files.getFileStore(part).supportsFileAttributeView('posix')
        boolean there = Files.exists(real)
        if (there) {
            // For who may read and run it; its old text is written over below.
            Files.copy(real, part, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.COPY_ATTRIBUTES)
        } else if (posix) {
            int mode = Integer.parseInt((ARGS.mode ?: '644') as String, 8)
            def all = PosixFilePermission.values()
            // Declared from the owner's read to the others' execute: bit 8 down to bit 0.
            def wanted = all.findAll { (mode >> (8 - it.ordinal()) & 1) == 1 } as Set
            Files.setPosixFilePermissions(part, wanted)
        } else if (ARGS.mode) {
            throw new IOException('who may read a new file is not known here: ' + path + ' was not written')
        }
        def output = new FileOutputStream(part.toFile())
        try {
            output.write(body)
            output.getFD().sync()
        } finally {
            output.close()
        }
        if (there && posix) {
            def old = Files.readAttributes(real, java.nio.file.attribute.PosixFileAttributes)
            def made = Files.readAttributes(part, java.nio.file.attribute.PosixFileAttributes)
            if (old.owner() != made.owner() || old.group() != made.group()) {
                throw new IOException(path.toString() + ' belongs to ' + old.owner().name + ':' + old.group().name +
                    ', which a new file could not be given; it is untouched')
            }
        }
        if (sumOf(part) != after) { throw new IOException('written, but read back otherwise: ' + part) }
        Files.move(part, real, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING)
        sync(folder)
    } finally {
        Files.deleteIfExists(part)
    }
}
def RESULT = [state: state, sha256: sumOf(real)]
