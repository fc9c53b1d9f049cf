package jenkins.slaves

class RemotingVersionInfo {
    static getMinimumSupportedVersion() { '4.13' }
}
