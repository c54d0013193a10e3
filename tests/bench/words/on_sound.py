"""Every attribute, both ways and at two strengths, on real songs: does what was asked for move, and nothing else?

The moves are the first strokes (`style_transfer.prompt.strokes`), with compressors by ear (`style_transfer.crest`) and
before any search, on everything but the drums, in a mix after good practice: sends, pans and compressors are in use, so
that there is something to take back.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import torch

from mixer.console import add, reverb_bus
from mixer.processor import Place, chain, find
from mixer.roles import Group
from mixer.scan import scan
from mixer.session import Session
from style_transfer.crest import follow_crest
from style_transfer.desk import Desk
from style_transfer.draft import moved as moved_session
from style_transfer.features import Features, measure
from style_transfer.listen import Heard, Segment, cut, hear, telling_seconds
from style_transfer.prompt.attributes import Attribute, attributes
from style_transfer.prompt.intent import Intent, Target
from style_transfer.prompt.strokes import strokes
from style_transfer.prompt.wishes import Aspect, Wish, wishes
from style_transfer.start import Values, current_values, practice_start

SONGS = Path(__file__).resolve().parents[4] / "shared" / "songs"
STRENGTHS = (0.5, 1.5)
_SEGMENTS = 1
_SKIPPED = frozenset({"knob", "beyond"})
_LEAST_ASKED = {"tone": 0.5, "level": 0.5, "width": 0.5, "space": 1.0, "dynamics": 1.0, "pan": 0.1}
"""Less than this is colour beside the point; a move of it is not looked for."""
_SPARED: tuple[Aspect, ...] = ("level", "width")
_WET_FLOOR_DB = -60.0


@dataclass(frozen=True, slots=True)
class Sound:
    """What was measured on the tracks that are spoken of."""

    features: Features
    wet_db: float


@dataclass
class Tally:
    """Counts over all wishes."""

    right: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    asked: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    grew: int = 0
    pairs: int = 0
    quiet: int = 0
    alone: int = 0
    wrong: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))

    def share(self, aspect: str | None = None) -> float:
        """Of the moves asked for, how many went the right way."""
        right = sum(self.right.values()) if aspect is None else self.right[aspect]
        asked = sum(self.asked.values()) if aspect is None else self.asked[aspect]
        return right / max(asked, 1)


class Song:
    """A song's telling segments, ready for many moves."""

    def __init__(self, folder: Path) -> None:
        raw: Session = scan(folder).session
        heard = [entry for entry in hear(raw, folder) if entry.problem is None]
        self.session = moved_session(raw, practice_start(raw, heard), lambda *_: 1.0)
        self.heard: list[Heard] = [entry for entry in heard if entry.track.role.group is not Group.DRUMS]
        seconds = telling_seconds(self.heard, self.session.sample_rate)[:_SEGMENTS]
        self.segments: list[Segment]
        self.segments, self._order = cut(self.heard, seconds, self.session.sample_rate, folder)
        ids = tuple(entry.track.id for entry in self.heard)
        self.target = Target(label="everything but the drums", tracks=ids)
        self.plain = self.sound(current_values(self.session))

    def after(self, wish: Wish) -> Values | None:
        """The knobs after one wish, compressors by ear; None where nothing can be done."""
        made = strokes([wish], self.session, self.heard)
        if made.refused or not _changed(made.values, self.session):
            return None
        desk = Desk(self.session, [self.heard[index] for index in self._order], made.values, self.session.sample_rate)
        follow_crest(desk, self.segments, [wish], current_values(self.session))
        return desk.values

    def sound(self, values: Values) -> Sound:
        """The tracks together, dry and with what they send."""
        rate = self.session.sample_rate
        desk = Desk(self.session, [self.heard[index] for index in self._order], values, rate)
        table = desk.tensors({})
        sends = {processor.name: table[processor.name] for processor in chain(Place.SEND)}
        bus = {
            name: {knob: torch.tensor([value], dtype=torch.float64) for knob, value in knobs.items()}
            for name, knobs in values["reverb"].items()
        }
        dry, wet = [], []
        param = find("send").param("level_db")
        sending = any(not param.is_off(float(level)) for level in table["send"]["level_db"])
        with torch.no_grad():
            for segment in self.segments:
                posts = desk.posts(segment, table)
                dry.append(add(posts))
                if sending:
                    wet.append(reverb_bus(posts, rate, sends, bus))
        together = torch.cat(dry, dim=-1)
        room = torch.cat(wet, dim=-1) if wet else torch.zeros(1)
        ratio = float(room.square().mean() / together.square().mean().clamp_min(1e-20))
        features = measure([np.ascontiguousarray(together.numpy(), np.float32)], rate)
        return Sound(features, max(_WET_FLOOR_DB, 10 * math.log10(ratio + 1e-20)))


def moved(wish: Wish, before: Sound, after: Sound) -> Mapping[Aspect, float]:
    """How far each aspect moved; a tone along the asked curve, in dB of its loudest part."""
    one, other = before.features, after.features
    asked = np.array(wish.bands_db) - np.mean(wish.bands_db)
    bands = np.array(other.mid_db) - np.array(one.mid_db)
    along = float((bands - bands.mean()) @ asked / (asked @ asked) * np.abs(asked).max()) if asked.any() else 0.0
    return {
        "tone": along if asked.any() else float(np.abs(bands).mean()),
        "level": other.loudness_lufs - one.loudness_lufs,
        "width": other.width_db - one.width_db,
        "dynamics": other.crest_db - one.crest_db,
        "space": after.wet_db - before.wet_db,
        "pan": other.imbalance - one.imbalance,
    }


def wanted(wish: Wish) -> Mapping[Aspect, float]:
    """What is asked of each aspect, in the same measures."""
    return {
        "tone": float(np.abs(np.array(wish.bands_db) - np.mean(wish.bands_db)).max()) if any(wish.bands_db) else 0.0,
        "level": wish.level_lu,
        "width": wish.width_db,
        "dynamics": wish.crest_db,
        "space": wish.wetness_db,
        "pan": wish.pan,
    }


def run(folder: Path = SONGS) -> Tally:
    """All attributes on all songs of a folder."""
    tally = Tally()
    for song in [Song(each) for each in sorted(folder.iterdir()) if each.is_dir()]:
        for attribute in attributes().values():
            if attribute.aspect not in _SKIPPED:
                for sign in (1, -1):
                    _one(song, attribute, sign, tally)
    return tally


def _one(song: Song, attribute: Attribute, sign: int, tally: Tally) -> None:
    """One attribute one way, at both strengths."""
    main: list[float] = []
    for strength in STRENGTHS:
        intent = Intent(
            target=song.target,
            attribute=attribute.name,
            direction="more" if sign > 0 else "less",
            intensity=strength,
            confidence=1.0,
        )
        found = wishes([intent], song.session)
        if not found:
            return  # knob talk
        wish = found[0]
        values = song.after(wish)
        if values is None:
            return
        measured, asked = moved(wish, song.plain, song.sound(values)), dict(wanted(wish))
        if song.plain.wet_db <= _WET_FLOOR_DB and asked["space"] < 0:
            asked["space"] = 0.0  # nothing is sent to the reverb that could be taken back
        _count(attribute.called(sign), asked, measured, tally)
        lead = max(asked, key=lambda aspect: abs(asked[aspect]) / _LEAST_ASKED[aspect])
        main.append(measured[lead] * (1.0 if asked[lead] > 0 else -1.0))
    tally.pairs += 1
    tally.grew += main[1] > main[0]


def _count(what: str, asked: Mapping[Aspect, float], measured: Mapping[Aspect, float], tally: Tally) -> None:
    looked = [aspect for aspect, value in asked.items() if abs(value) >= _LEAST_ASKED[aspect]]
    for aspect in looked:
        right = measured[aspect] * asked[aspect] > 0
        tally.asked[aspect] += 1
        tally.right[aspect] += right
        if not right:
            tally.wrong[aspect].add(what)
    strongest = max((abs(measured[aspect]) for aspect in looked if aspect != "space"), default=0.0)
    spared = [aspect for aspect in _SPARED if not asked[aspect]]
    if looked and strongest and spared:
        tally.alone += 1
        tally.quiet += max(abs(measured[aspect]) for aspect in spared) < strongest / 2


def _changed(values: Values, session: Session) -> bool:
    return values != current_values(session)


def table(tally: Tally) -> str:
    """The result as Markdown."""
    lines = ["| what | share | of |", "|---|---:|---:|"]
    lines.append(f"| moves in the asked direction | **{100 * tally.share():.1f} %** | {sum(tally.asked.values())} |")
    for aspect, count in tally.asked.items():
        lines.append(f"| of these, {aspect} | {100 * tally.share(aspect):.1f} % | {count} |")
    grew, quiet = 100 * tally.grew / max(tally.pairs, 1), 100 * tally.quiet / max(tally.alone, 1)
    lines.append(f"| stronger words move it further | {grew:.1f} % | {tally.pairs} |")
    lines.append(f"| level and width, not asked for, move less than half | {quiet:.1f} % | {tally.alone} |")
    lines.append("")
    for aspect, what in tally.wrong.items():
        lines.append(f"The wrong way at least once, {aspect}: {', '.join(sorted(what))}.")
    return "\n".join(lines)
