// Removes what this tool left beside a jar, and nothing else.
def file = new File(ARGS.path as String)
if (!file.name.contains('.migrate-')) {
    throw new IllegalArgumentException('not a file of this tool: ' + file.name)
}
def RESULT = [removed: java.nio.file.Files.deleteIfExists(file.toPath())]
