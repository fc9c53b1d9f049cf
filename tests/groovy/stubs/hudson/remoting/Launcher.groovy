package hudson.remoting

class Launcher {
    public static final String VERSION = '3160.vd76b_9ddd10cc'
}
