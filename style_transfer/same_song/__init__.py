"""A reference that is a mix of the session's own tracks: recognise it, read its balance, recover its settings.

recognise -> SameSong        is this file a mix of these very tracks, and where do they lie in it?
balance   -> TrackBalance    level, place and tone of each track in it, robust to effects
recover   -> Recovered       full settings of the console that make it, and what they cannot explain
"""

from __future__ import annotations

from style_transfer.same_song.parts import TrackBalance, balance
from style_transfer.same_song.recognition import SameSong, recognise
from style_transfer.same_song.recovery import Recovered, recover

__all__ = ["Recovered", "SameSong", "TrackBalance", "balance", "recognise", "recover"]
