"""What each driver offers for a node: one file a driver, pure."""
