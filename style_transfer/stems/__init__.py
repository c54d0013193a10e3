"""What a reference's stems say about it: measured, calibrated for who made them, and no more than can be trusted."""

from style_transfer.stems.hear import hear_stems, stems_note
from style_transfer.stems.said import GroupSaid, Presence, ReferenceStems

__all__ = ["GroupSaid", "Presence", "ReferenceStems", "hear_stems", "stems_note"]
