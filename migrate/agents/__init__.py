"""What an agent is: its command line, its options and restart behaviour by version. Pure."""
