"""What every conversation over HTTP shares: how much is read, how long, and through what."""
