package hudson.security

class Group {
    final List permissions
    Group(List names) { permissions = names.collect { new Permission(it) } }
}
