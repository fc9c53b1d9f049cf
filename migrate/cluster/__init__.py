"""Kubernetes: tcp-services, Services, workloads, Ingresses, ownership."""
