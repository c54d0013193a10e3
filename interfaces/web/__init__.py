"""Faderwise in a browser: the sound engine, the console as a component, and pages that hold them."""
