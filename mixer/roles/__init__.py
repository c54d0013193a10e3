"""What each track is in the song: read off its name, and heard where the name says nothing."""

from mixer.roles.guess import guess_role
from mixer.roles.names import role_from_name
from mixer.roles.role import UNSURE, Group, Role, RoleGuess
from mixer.roles.sound import role_from_audio
from mixer.roles.tracks import track_names

__all__ = ["UNSURE", "Group", "Role", "RoleGuess", "guess_role", "role_from_audio", "role_from_name", "track_names"]
