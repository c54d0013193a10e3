"""The studio: a page on this machine in which a song is mixed, and the server that keeps it."""
