"""What each track is in the song: read off its name, and heard where the name says nothing."""

from mixer.roles.names import role_from_name
from mixer.roles.role import UNSURE, Group, Role, RoleGuess
from mixer.roles.tracks import track_names

__all__ = ["UNSURE", "Group", "Role", "RoleGuess", "role_from_name", "track_names"]
