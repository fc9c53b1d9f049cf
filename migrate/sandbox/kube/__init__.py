"""A Kubernetes API server in this process, which answers as a recorded kube-apiserver v1.36 does.

kmock (PyPI) was looked at first and is not used: its emulator keeps objects and serves them,
but has no resourceVersion conflicts, no dry run, no server-side apply with field managers, no
RBAC (401 and 403 bodies, SelfSubjectAccessReview), no Service defaults and no nodePort
allocation. Those are exactly what a tool that edits live objects must get right, so this package
is a small server of its own over aiohttp, checked against recorded exchanges.

Not imitated: TLS (kubectl sends no token over plain http), protobuf, admission webhooks, CRDs,
exec, logs and port-forward. Controllers are a few imitations in ``controllers``.
"""
