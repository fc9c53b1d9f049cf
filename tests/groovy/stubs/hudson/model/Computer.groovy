package hudson.model

/** As much of Computer, Node and OfflineCause as the script inventory touches. */
class Computer {
    public static final PERMISSIONS =
        new hudson.security.Group(['Configure', 'Connect', 'ExtendedRead'])
    public static List ALL = []

    String name = ''
    Node node
    Object channel
    File logFile
    boolean temporarilyOffline
    Object offlineCause
    String offlineCauseReason = ''
    List executors = []
    List oneOffExecutors = []

    int getNumExecutors() { executors.size() }

    static class MasterComputer extends Computer {}

    static class Node {
        String xml = ''
        Label selfLabel
        List assignedLabels = []
        String nodeDescription = ''
        String remoteFS = '/srv'
    }

    static class Label {
        String name
    }

    static class Executor {
        boolean busy
        boolean isBusy() { busy }
    }

    static class UserCause {
        String id
        def getUser() { id == null ? null : [getId: { id }] as Person }
    }

    static class ChannelTermination {}

    static interface Person {
        String getId()
    }
}
