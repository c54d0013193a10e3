"""What must hold whatever the target says: what was audible stays audible, and no stem group is buried."""

from __future__ import annotations

from torch import Tensor

from mixer.processor import find
from style_transfer.audibility import AUDIBLE_DB
from style_transfer.balance import Balance
from style_transfer.desk import Desk
from style_transfer.match import MOST_FALL_LU, Search
from style_transfer.setting import Setting
from style_transfer.start import Values, copied, is_free
from style_transfer.suggestion import Refusal

MOST_SUNK_DB = 10.0
"""How far the best band of a track may fall against what masks it."""
ROUNDS = 20
_ROUNDING_DB = 0.05


def short_db(before: Tensor, now: Tensor) -> Tensor:
    """By how much each track's best band has sunk below what is allowed, ``[tracks]``; negative where it has not."""
    return (before - MOST_SUNK_DB).clamp(AUDIBLE_DB - MOST_SUNK_DB, AUDIBLE_DB) - now


def lost(before: Tensor, now: Tensor) -> list[int]:
    """Rows of the tracks that were heard before, by their audibility ``[tracks]``, and are not now."""
    short = short_db(before, now)
    return [row for row in range(len(short)) if before[row] > AUDIBLE_DB and short[row] > _ROUNDING_DB]


def keep_audible(search: Search, values: Values) -> tuple[Values, list[Refusal]]:
    """The values with the faders raised of tracks that would be lost, and a note for each of them."""
    values = copied(values)
    desk, before = search.desk, search.standing.audibility_db
    helped: dict[str, float] = {}
    for _ in range(ROUNDS):
        now = Setting.of(desk, search.field, values).audibility_db()
        short, sunk = short_db(before, now), lost(before, now)
        for row in sunk:
            name = desk.heard[row].track.id
            raised = _raise(desk, values, name, float(short[row]) + 0.1)
            if raised:
                helped[name] = helped.get(name, 0.0) + raised
        if not sunk:
            break
    reason = "turning it down further was refused, it would no longer be heard; its fader is {:.1f} dB higher for that"
    return values, [Refusal(subject=name, reason=reason.format(up)) for name, up in helped.items()]


def keep_groups(search: Search, values: Values, real: Balance) -> tuple[Values, list[Refusal]]:
    """The values with the faders raised of stem groups that fell too far against the rest, and a note for each."""
    values, refused = copied(values), []
    every = frozenset(search.standing.ratios_lu)
    for group, before in search.standing.ratios_lu.items():
        rest = every - {group}
        fallen = before - real.ratio_lu(frozenset({group}), rest) if rest else 0.0
        if fallen <= MOST_FALL_LU:
            continue
        for entry in search.desk.heard:
            if entry.track.role.group == group:
                _raise(search.desk, values, entry.track.id, fallen - MOST_FALL_LU + 0.2)
        reason = (
            f"the {group} would have fallen {fallen:.0f} LU against the rest; more than {MOST_FALL_LU:.0f} is refused"
        )
        refused.append(Refusal(subject="mix", reason=reason))
    return values, refused


def _raise(desk: Desk, values: Values, name: str, by_db: float) -> float:
    """Turn a free fader up; how far it really went."""
    if not is_free(desk.session, name, "fader", "gain_db"):
        return 0.0
    old = values[name]["fader"]["gain_db"]
    values[name]["fader"]["gain_db"] = round(find("fader").param("gain_db").clamp(old + by_db), 1)
    return values[name]["fader"]["gain_db"] - old
