def sha256 = { java.nio.file.Path path ->
    def digest = java.security.MessageDigest.getInstance('SHA-256')
    path.toFile().withInputStream { input ->
        byte[] buffer = new byte[65536]
        int count
        while ((count = input.read(buffer)) > 0) { digest.update(buffer, 0, count) }
    }
    digest.digest().encodeHex().toString()
}
