"""What is changed or tried at the controller."""
