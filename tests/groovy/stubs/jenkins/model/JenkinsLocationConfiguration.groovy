package jenkins.model

class JenkinsLocationConfiguration {
    static JenkinsLocationConfiguration get() { new JenkinsLocationConfiguration() }
    String getUrl() { 'http://j/' }
}
