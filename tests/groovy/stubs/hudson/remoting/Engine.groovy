package hudson.remoting

class Engine {
    static boolean winsw = false

    private final Splitter events = new Splitter()

    static Engine current() { new Engine() }

    static class Splitter {
        protected final List listeners = [new Object(), new JnlpSlaveRestarterInstallerListener()]
    }

    static class UnixSlaveRestarter { }

    static class WinswSlaveRestarter { }

    static class JnlpSlaveRestarterInstallerListener {
        private final List restarters = [Engine.winsw ? new WinswSlaveRestarter() : new UnixSlaveRestarter()]
    }
}
