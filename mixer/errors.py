"""What a user can cause, as exceptions. The command line turns each class into an exit code.

    FaderwiseError
    ├── UsageError        the request itself makes no sense          exit 2
    ├── AudioError        a file or its samples cannot be used       exit 3
    ├── SessionError      a session cannot be read, changed or saved exit 3
    ├── ModelError        a model or its weights are absent          exit 4
    └── CheckError        a check that was asked for failed          exit 5

A message is one line: what is wrong, with which file and value, and what to do about it.
"""

from __future__ import annotations


class FaderwiseError(Exception):
    """Base of every error that a user can cause and mend."""

    exit_code = 1


class UsageError(FaderwiseError):
    """The request itself makes no sense: an unknown knob, a value out of range."""

    exit_code = 2


class AudioError(FaderwiseError):
    """An audio file, or what is in it, cannot be used."""

    exit_code = 3


class SessionError(FaderwiseError):
    """A session file cannot be read, changed or saved."""

    exit_code = 3


class ModelError(FaderwiseError):
    """A model or its weights are not on this machine."""

    exit_code = 4


class CheckError(FaderwiseError):
    """A check that the user asked for did not pass."""

    exit_code = 5
