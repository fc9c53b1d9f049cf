package hudson.security

class Permission {
    final String name
    Permission(String name) { this.name = name }
    boolean getEnabled() { name != 'ExtendedRead' }
}
