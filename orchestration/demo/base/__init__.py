"""The demo's clock and time zones, columns of files, phrases. Not here: people, or what they do."""
