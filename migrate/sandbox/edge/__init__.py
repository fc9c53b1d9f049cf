"""The cluster's edge: a real nginx that follows the cluster's objects as ingress-nginx does."""
