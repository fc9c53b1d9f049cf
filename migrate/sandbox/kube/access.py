"""Who asks, and what they may do: bearer tokens, RBAC rules and the self-reviews."""

import secrets
from dataclasses import dataclass, field
from typing import Any

from migrate.sandbox.kube.failures import ApiFailure


@dataclass(frozen=True)
class Rule:
    """An RBAC rule. ``*`` in a field means any."""

    verbs: tuple[str, ...]
    api_groups: tuple[str, ...] = ("",)
    resources: tuple[str, ...] = ("*",)
    namespaces: tuple[str, ...] = ()
    """Where a RoleBinding gives it; empty: everywhere (ClusterRoleBinding)."""
    names: tuple[str, ...] = ()

    def allows(self, verb: str, group: str, resource: str, namespace: str, name: str) -> bool:
        """Whether the rule grants this request."""
        return (
            _matches(self.verbs, verb)
            and _matches(self.api_groups, group)
            and _matches(self.resources, resource)
            and (not self.namespaces or namespace in self.namespaces)
            and (not self.names or name in self.names)
        )


@dataclass(frozen=True)
class User:
    """A user behind a bearer token."""

    name: str
    token: str
    rules: tuple[Rule, ...] = ()
    groups: tuple[str, ...] = ()
    binding: str = ""
    """What a granted SelfSubjectAccessReview gives as its reason; admins get none."""
    broken_role: str = ""
    """A ClusterRole that a binding names and nobody made: denials mention it."""

    def allows(self, verb: str, group: str, resource: str, namespace: str, name: str) -> bool:
        """Whether any rule grants this request."""
        return any(rule.allows(verb, group, resource, namespace, name) for rule in self.rules)


_READ = ("get", "list", "watch")
_READ_GROUPS = (
    "",
    "apps",
    "batch",
    "networking.k8s.io",
    "discovery.k8s.io",
    "coordination.k8s.io",
)
_READABLE = (
    "replicationcontrollers",
    "jobs",
    "cronjobs",
    "configmaps",
    "services",
    "endpoints",
    "pods",
    "namespaces",
    "deployments",
    "daemonsets",
    "replicasets",
    "statefulsets",
    "ingresses",
    "ingressclasses",
    "networkpolicies",
    "endpointslices",
    "leases",
)
_SELF = (
    Rule(
        ("create",),
        ("authorization.k8s.io",),
        ("selfsubjectaccessreviews", "selfsubjectrulesreviews"),
    ),
    Rule(("create",), ("authentication.k8s.io",), ("selfsubjectreviews",)),
)
ANONYMOUS = User("system:anonymous", "", groups=("system:unauthenticated",))
_NON_RESOURCE: list[dict[str, Any]] = [
    {"verbs": ["get"], "nonResourceURLs": ["/.well-known", "/.well-known/*"]},
    {
        "verbs": ["get"],
        "nonResourceURLs": [
            "/api",
            "/api/*",
            "/apis",
            "/apis/*",
            "/healthz",
            "/livez",
            "/openapi",
            "/openapi/*",
            "/readyz",
            "/version",
            "/version/",
        ],
    },
    {
        "verbs": ["get"],
        "nonResourceURLs": ["/healthz", "/livez", "/readyz", "/version", "/version/"],
    },
]


def default_users() -> tuple[User, ...]:
    """admin (all), readonly (reads what a scan needs), restricted (the same but for
    ConfigMaps) and nobody, each with a token made now."""
    no_config_maps = tuple(name for name in _READABLE if name != "configmaps")
    return (
        User("admin", _token(), (Rule(("*",), ("*",), ("*",)),), ("system:masters",)),
        User(
            "readonly",
            _token(),
            (Rule(_READ, _READ_GROUPS, _READABLE),),
            ("readers",),
            _binding("readonly"),
        ),
        User(
            "restricted",
            _token(),
            (Rule(_READ, _READ_GROUPS, no_config_maps),),
            ("readers",),
            _binding("restricted"),
        ),
        User("nobody", _token(), (), ("nobodies",)),
    )


def _binding(user: str) -> str:
    return (
        f'RBAC: allowed by ClusterRoleBinding "{user}-view" of ClusterRole "{user}-all" '
        f'to User "{user}"'
    )


def _token() -> str:
    return secrets.token_hex(20)


@dataclass(frozen=True)
class Request:
    """The attributes by which a request on a resource is authorised."""

    verb: str
    group: str
    resource: str
    subresource: str = ""
    namespace: str = ""
    name: str = ""

    @property
    def full_resource(self) -> str:
        """``services/status`` for a subresource."""
        return f"{self.resource}/{self.subresource}" if self.subresource else self.resource


@dataclass
class Authorizer:
    """Tells users by token and decides what they may do."""

    users: tuple[User, ...]
    withdrawn: set[str] = field(default_factory=set)
    """Verbs that nobody has at the moment (RBAC withdrawn while a run goes on)."""

    def authenticate(self, header: str | None) -> User | None:
        """The user of an Authorization header; None for a token that nobody has."""
        if not header:
            return ANONYMOUS
        scheme, _, token = header.partition(" ")
        for user in self.users:
            if scheme == "Bearer" and secrets.compare_digest(user.token, token):
                return user
        return None

    def named(self, name: str) -> User:
        """A user by name, as impersonation needs it; an unknown one has no rights."""
        for user in self.users:
            if user.name == name:
                return user
        return User(name, "")

    def allowed(self, user: User, request: Request) -> bool:
        """Whether RBAC grants the request."""
        if request.verb in self.withdrawn and not request.resource.startswith("selfsubject"):
            return False
        rules = user.rules if user is ANONYMOUS else (*user.rules, *_SELF)
        return any(
            rule.allows(
                request.verb,
                request.group,
                request.full_resource,
                request.namespace,
                request.name,
            )
            for rule in rules
        )

    def check(self, user: User, request: Request, verb: str | None = None) -> None:
        """Raise the recorded 403 when RBAC does not grant the request."""
        if verb is None and self.allowed(user, request):
            return
        where = (
            f'in the namespace "{request.namespace}"'
            if request.namespace
            else "at the cluster scope"
        )
        qualified = f"{request.resource}.{request.group}" if request.group else request.resource
        subject = f'{qualified} "{request.name}"' if request.name else qualified
        message = (
            f'{subject} is forbidden: User "{user.name}" cannot {verb or request.verb} resource '
            f'"{request.full_resource}" in API group "{request.group}" {where}'
        )
        if user.broken_role:
            message += (
                f': RBAC: clusterrole.rbac.authorization.k8s.io "{user.broken_role}" not found'
            )
        details = {"name": request.name} if request.name else {}
        if request.group:
            details["group"] = request.group
        details["kind"] = request.resource
        raise ApiFailure(403, "Forbidden", message, details, headers=NO_SNIFF)

    def check_path(self, user: User, path: str) -> None:
        """Discovery is for any authenticated user; /version and /readyz are for everybody."""
        if user is ANONYMOUS:
            message = f'forbidden: User "{user.name}" cannot get path "{path}"'
            raise ApiFailure(403, "Forbidden", message, {}, headers=NO_SNIFF)

    def access_review(self, user: User, body: dict[str, Any]) -> dict[str, Any]:
        """Status of a SelfSubjectAccessReview."""
        attributes = body.get("spec", {}).get("resourceAttributes")
        if attributes is None:
            path = body.get("spec", {}).get("nonResourceAttributes", {}).get("path", "")
            return {"allowed": user is not ANONYMOUS and bool(path)}
        request = Request(
            attributes.get("verb", ""),
            attributes.get("group", ""),
            attributes.get("resource", ""),
            attributes.get("subresource", ""),
            attributes.get("namespace", ""),
            attributes.get("name", ""),
        )
        if not self.allowed(user, request):
            return {"allowed": False}
        return {"allowed": True, **({"reason": user.binding} if user.binding else {})}

    def rules_review(self, user: User, body: dict[str, Any]) -> dict[str, Any]:
        """Status of a SelfSubjectRulesReview."""
        namespace = body.get("spec", {}).get("namespace", "")
        rules = [rule for rule in user.rules if not rule.namespaces or namespace in rule.namespaces]
        listed = []
        for rule in (*rules, *_SELF):
            entry: dict[str, Any] = {
                "verbs": list(rule.verbs),
                "apiGroups": list(rule.api_groups),
                "resources": list(rule.resources),
            }
            if rule.names:
                entry["resourceNames"] = list(rule.names)
            listed.append(entry)
        paths = list(_NON_RESOURCE)
        if any("*" in rule.verbs and "*" in rule.resources for rule in user.rules):
            paths.append({"verbs": ["*"], "nonResourceURLs": ["*"]})
        return {"resourceRules": listed, "nonResourceRules": paths, "incomplete": False}


NO_SNIFF = {"X-Content-Type-Options": "nosniff"}


def _matches(patterns: tuple[str, ...], value: str) -> bool:
    return "*" in patterns or value in patterns
