"""The verbs of the command line, one file for each group. Nothing heavy is imported before a verb runs."""
