"""What is changed in Kubernetes."""
