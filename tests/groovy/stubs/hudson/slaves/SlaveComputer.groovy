package hudson.slaves

class SlaveComputer {
    public static boolean ALLOW_UNSUPPORTED_REMOTING_VERSIONS = true
}
