"""The table of separators, written: ``style_transfer/data/separators.toml``, with what its fields mean at its head."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from pathlib import Path

from mixer.roles import Group
from style_transfer.stems.calibration import GroupCalibration, Knot, Limits, SeparatorCalibration

PATH = Path(__file__).parents[1] / "style_transfer" / "data" / "separators.toml"
HEADER = """\
# What each separator's stems say about the balance of a song, measured on mixes whose stems are known.
# Written by datasets/make_group_calibration.py; only the entry "any" is set by hand, and is what holds of a separator
# that was not measured: wide.
#
# level: what a group's loudness relative to the mix truly is where so much is heard, with the root mean square of the
#   error on songs that were not fitted; straight lines between. Left out where it is no better than a guess.
# error_lu: mean absolute error of the level on songs that were not fitted.
# floor_lu: of what reads less, most is leakage of the other groups.
# unsure_tolerance_lu: of the level where it is unsure whether the group is there.
# absent, present: shares (style_transfer/stems/heard.py) one of which is below, or both of which are reached.
# width_tolerance_db, imbalance_tolerance: left out where they cannot be told.
"""


def _any() -> SeparatorCalibration:
    def group(error_lu: float, absent: float, present: float) -> GroupCalibration:
        level = tuple(Knot(heard_lu=at, level_lu=at, tolerance_lu=error_lu) for at in (-16.0, 0.0))
        return GroupCalibration(
            level=level,
            floor_lu=-12.0,
            unsure_tolerance_lu=2 * error_lu,
            absent=Limits(share=absent, clearness=absent),
            present=Limits(share=present, clearness=0.75),
            width_tolerance_db=4.0,
            imbalance_tolerance=0.2,
        )

    groups = {
        Group.VOCALS: group(2.0, 0.05, 0.4),
        Group.DRUMS: group(3.0, 0.05, 0.5),
        Group.BASS: group(4.0, 0.05, 0.5),
        Group.OTHER: group(3.0, 0.05, 0.6),
    }
    return SeparatorCalibration(name="any", version="", groups=groups)


def write_table(entry: SeparatorCalibration) -> None:
    """Put the entry of a separator into the table, in the place of an older one of its name."""
    old = tomllib.loads(PATH.read_text())["separator"] if PATH.exists() else []
    kept = [SeparatorCalibration.model_validate(one) for one in old if one["name"] not in ("any", entry.name)]
    PATH.write_text("\n".join([HEADER, *("\n".join(_lines(one)) + "\n" for one in (*kept, entry, _any()))]))


def _lines(entry: SeparatorCalibration) -> Iterator[str]:
    yield from ("[[separator]]", f'name = "{entry.name}"', f'version = "{entry.version}"', f"mixes = {entry.mixes}")
    yield from ("songs = [", *(f'  "{song}",' for song in entry.songs), "]")
    for group, known in entry.groups.items():
        yield f"\n[separator.groups.{group.value}]"
        if known.level:
            yield "level = ["
            for knot in known.level:
                inside = ", ".join(f"{name} = {value}" for name, value in knot.model_dump().items())
                yield f"  {{ {inside} }},"
            yield "]"
        for name, value in known.model_dump(exclude={"level"}, exclude_none=True).items():
            if isinstance(value, dict):
                yield f"{name} = {{ share = {value['share']}, clearness = {value['clearness']} }}"
            else:
                yield f"{name} = {value}"
