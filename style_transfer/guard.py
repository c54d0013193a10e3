"""What must hold whatever the target says: a track that was audible stays audible."""

from __future__ import annotations

from mixer.processor import find
from style_transfer.desk import Desk
from style_transfer.match import AUDIBLE_DB, audibility_db, mixed_bands, raw_bands
from style_transfer.start import Values, is_free
from style_transfer.suggestion import Refusal

MOST_SUNK_DB = 10.0
"""How far the best band of a track may fall against the rest of the mix."""
LOWEST_DB = -18.0
"""And where it must stay in any case, if it was audible."""
ROUNDS = 20


def keep_audible(desk: Desk) -> tuple[Values, list[Refusal]]:
    """The desk's values with the faders raised of tracks that would be lost, and a note for each of them."""
    values = {target: {name: dict(knobs) for name, knobs in rows.items()} for target, rows in desk.values.items()}
    raised = Desk(desk.session, desk.heard, values, desk.sample_rate)
    before = audibility_db(raw_bands(desk.heard))
    floor = (before - MOST_SUNK_DB).clamp(min=LOWEST_DB)
    gain = find("fader").param("gain_db")
    helped: dict[str, float] = {}
    for _ in range(ROUNDS):
        short = floor - audibility_db(mixed_bands(raised, raised.tensors({})))
        lost = [row for row in range(len(desk.heard)) if before[row] > AUDIBLE_DB and short[row] > 0.05]
        for row in lost:
            name = desk.heard[row].track.id
            if is_free(desk.session, name, "fader", "gain_db"):
                old = values[name]["fader"]["gain_db"]
                values[name]["fader"]["gain_db"] = round(gain.clamp(old + float(short[row]) + 0.1), 1)
                helped[name] = helped.get(name, 0.0) + values[name]["fader"]["gain_db"] - old
        if not lost:
            break
    reason = "turning it down further was refused, it would no longer be heard; its fader is {:.1f} dB higher for that"
    return values, [Refusal(subject=name, reason=reason.format(up)) for name, up in helped.items()]
