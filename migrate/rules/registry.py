"""All rules, and the one function that applies them."""

from migrate.model.finding import Finding, Severity
from migrate.model.inventory import Inventory
from migrate.model.plan import Choices
from migrate.rules import (
    agent_too_old,
    agents_workload,
    backend_down,
    certificate_option,
    cli_refused,
    connection_header,
    controller_too_old,
    first_handshake,
    flag_without_effect,
    forward_proxy,
    front_differs,
    front_wants_more,
    gce_lifetime,
    headers_dropped,
    idle_timeout,
    ingress_api_removed,
    ingress_class,
    ingress_nginx_retired,
    java_too_old,
    jnlp_url_deprecated,
    launch_options,
    launch_unknown,
    login_blocked,
    moved_by_hand,
    name_not_sendable,
    no_reconnect,
    no_restarter,
    node_kind,
    node_never_connected,
    node_offline,
    node_owned,
    not_readable,
    nothing_to_do,
    ping_window,
    plain_http,
    port_enforced,
    port_off,
    port_owned,
    port_random,
    probe_unexpected,
    proxy_timeout,
    redirected,
    root_url_mismatch,
    root_url_missing,
    secret_in_clear,
    sockets_capped,
    tcp_entry_nowhere,
    tcp_entry_other,
    tcp_entry_unclear,
    tcp_while_off,
    timeout_not_judged,
    tls_broken,
    transport_unknown,
    tunnel_left_over,
    unreachable,
    upgrade_stripped,
    upgrade_unproven,
    way_by_hand,
    websocket_unsupported,
    wrong_address,
)
from migrate.rules.rule import Rule

ALL: tuple[Rule, ...] = (
    controller_too_old.RULE,
    websocket_unsupported.RULE,
    upgrade_stripped.RULE,
    login_blocked.RULE,
    plain_http.RULE,
    tunnel_left_over.RULE,
    agent_too_old.RULE,
    java_too_old.RULE,
    launch_options.RULE,
    node_offline.RULE,
    node_never_connected.RULE,
    port_random.RULE,
    port_enforced.RULE,
    port_owned.RULE,
    tcp_entry_nowhere.RULE,
    tcp_entry_other.RULE,
    ingress_api_removed.RULE,
    not_readable.RULE,
    ingress_class.RULE,
    nothing_to_do.RULE,
    launch_unknown.RULE,
    headers_dropped.RULE,
    idle_timeout.RULE,
    backend_down.RULE,
    redirected.RULE,
    wrong_address.RULE,
    tls_broken.RULE,
    unreachable.RULE,
    root_url_mismatch.RULE,
    ping_window.RULE,
    port_off.RULE,
    flag_without_effect.RULE,
    node_kind.RULE,
    upgrade_unproven.RULE,
    tcp_entry_unclear.RULE,
    connection_header.RULE,
    proxy_timeout.RULE,
    no_reconnect.RULE,
    no_restarter.RULE,
    first_handshake.RULE,
    certificate_option.RULE,
    secret_in_clear.RULE,
    moved_by_hand.RULE,
    transport_unknown.RULE,
    tcp_while_off.RULE,
    ingress_nginx_retired.RULE,
    probe_unexpected.RULE,
    gce_lifetime.RULE,
    name_not_sendable.RULE,
    forward_proxy.RULE,
    jnlp_url_deprecated.RULE,
    root_url_missing.RULE,
    cli_refused.RULE,
    front_differs.RULE,
    sockets_capped.RULE,
    node_owned.RULE,
    way_by_hand.RULE,
    agents_workload.RULE,
    timeout_not_judged.RULE,
    front_wants_more.RULE,
)
"""Sorted by id."""

_ORDER = {Severity.BLOCKER: 0, Severity.WARNING: 1, Severity.INFO: 2}


def judge(inventory: Inventory, choices: Choices | None = None) -> tuple[Finding, ...]:
    """Apply every rule. Sorted by severity, id, subject: the same data gives the same order.

    ``choices`` None judges a scan, before anything was chosen.
    """
    findings = [finding for rule in ALL for finding in rule.check(inventory, choices)]
    return tuple(
        sorted(findings, key=lambda f: (_ORDER[f.severity], f.id, f.subject, f.summary, f.evidence))
    )


def by_id(rule_id: str) -> Rule | None:
    """The rule with this id, or None."""
    return next((rule for rule in ALL if rule.id == rule_id), None)
