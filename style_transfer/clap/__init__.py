"""CLAP, a model that compares sound with text, as a second pair of ears: an extra that judges nothing by itself."""
