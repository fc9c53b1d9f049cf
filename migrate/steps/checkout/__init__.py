"""What is changed in a checkout."""
