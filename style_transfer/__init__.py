"""Style transfer: a session and its context in, an explained suggestion out."""
