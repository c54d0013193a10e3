"""Wishes as first moves of the knobs: what a mixer's hands do before listening again.

The moves follow from the wishes and from what was heard of each track alone. They are where a search may begin, and
where nothing else is asked they are an answer by themselves. Locked knobs and what the user set stay.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from mixer.processor import find
from mixer.session import Session
from style_transfer.features import band_weights
from style_transfer.listen import Heard
from style_transfer.practice import practice
from style_transfer.prompt.tone import tone_curve_db, tone_knobs
from style_transfer.prompt.wishes import Wish
from style_transfer.start import Values, current_values, is_free, put
from style_transfer.suggestion import Refusal

_RATIO = 3.0
_SLOW_MS = (30.0, 90.0)
"""Attack and release that let the blow through; engineers' median for 'punchy' is 31 and 91 ms (SAFE)."""
_FAST_MS = (2.0, 120.0)
_PLAIN_MS = (10.0, 120.0)
_MOST_REDUCTION_DB = 12.0
_FIRST_SEND_DB = -18.0
"""Where a send begins that was off, if practice says nothing about the role."""
_USUAL_WET_DB = 4.0
_SPREAD_PER_DB = 0.15
"""How far mono tracks of a group go apart for each dB of width asked."""


@dataclass(frozen=True, slots=True)
class Strokes:
    """The moved knobs, the change of the mix's loudness, and what could not be done."""

    values: Values
    loudness_lu: float
    refused: tuple[Refusal, ...]


def strokes(wishes: Sequence[Wish], session: Session, heard: Sequence[Heard]) -> Strokes:
    """Move the session's knobs as the wishes ask; the session itself is not changed.

    Args:
        wishes: weights are not looked at, as all of them are sure enough to act on.
        heard: the tracks as recorded; tracks that were not heard are left alone.
    """
    desk = _Hands(session, {entry.track.id: entry for entry in heard})
    for wish in wishes:
        desk.follow(wish, _held_by_others(wish, wishes))
    return Strokes(desk.values, desk.loudness_lu, tuple(desk.refused))


def _held_by_others(wish: Wish, wishes: Sequence[Wish]) -> dict[str, set[str]]:
    """Track -> aspects that another wish keeps; what is kept of the whole mix binds no wish that names its tracks."""
    held: dict[str, set[str]] = {}
    for other in wishes:
        if other.held and not (other.place == "mix" and wish.place != "mix"):
            for track in other.tracks:
                held.setdefault(track, set()).update(other.held)
    return held


class _Hands:
    """The values as they are being moved."""

    def __init__(self, session: Session, heard: Mapping[str, Heard]) -> None:
        self.session, self._heard = session, heard
        self.values = current_values(session)
        self.loudness_lu = 0.0
        self.refused: list[Refusal] = []

    def follow(self, wish: Wish, held: Mapping[str, set[str]]) -> None:
        tracks = [name for name in wish.tracks if name in self._heard]
        for aspect in wish.moves:
            allowed = [name for name in tracks if aspect not in held.get(name, ())]
            if wish.place == "mix" and aspect in ("tone", "level", "dynamics"):
                self._on_the_mix(wish, aspect)
            elif aspect == "width":
                self._widen(wish, allowed)
            else:
                for name in allowed:
                    self._on_a_track(wish, aspect, name)

    def _on_the_mix(self, wish: Wish, aspect: str) -> None:
        if aspect == "tone":
            self._tone("master", wish.bands_db)
        elif aspect == "level":
            self.loudness_lu += wish.level_lu
        else:
            loudest = max(
                (entry.loud_peak_db + self._fader(name) for name, entry in self._heard.items()), default=-12.0
            )
            self._compress("master", wish, loudest + 3.0)

    def _on_a_track(self, wish: Wish, aspect: str, name: str) -> None:
        if aspect == "tone":
            before = self._k_gain_db(name)
            self._tone(name, wish.bands_db)
            self._fade(name, before - self._k_gain_db(name))  # a tone is asked at the same loudness
        elif aspect == "level":
            self._fade(name, wish.level_lu)
        elif aspect == "pan":
            put(self.session, self.values, name, "panner", {"pan": self.values[name]["panner"]["pan"] + wish.pan})
        elif aspect == "space":
            self._send(name, wish.wetness_db, everywhere=wish.place == "mix")
        else:
            self._compress(name, wish, self._heard[name].loud_peak_db)

    def _fader(self, name: str) -> float:
        return self.values[name]["fader"]["gain_db"] if "fader" in self.values[name] else 0.0

    def _fade(self, name: str, by_db: float) -> None:
        if "fader" in self.values[name]:
            put(self.session, self.values, name, "fader", {"gain_db": round(self._fader(name) + by_db, 2)})

    def _tone(self, target: str, bands_db: tuple[float, ...]) -> None:
        given = self.values[target].get("equalizer")
        if given is None:
            self.refused.append(Refusal(subject=target, reason="its equaliser is bypassed"))
            return
        knobs = tone_knobs(
            bands_db, given, lambda knob: self._free(target, "equalizer", knob), self.session.sample_rate
        )
        put(self.session, self.values, target, "equalizer", knobs)

    def _free(self, target: str, processor: str, knob: str) -> bool:
        return is_free(self.session, target, processor, knob)

    def _k_gain_db(self, name: str) -> float:
        """What the track's equaliser does to its loudness."""
        given = self.values[name].get("equalizer")
        if given is None:
            return 0.0
        rate = self.session.sample_rate
        power = (self._heard[name].power.mid + self._heard[name].power.side) * band_weights(rate)
        gained = power * 10 ** (tone_curve_db(given, rate) / 10)
        return 10 * math.log10(float(gained.sum() + 1e-20) / float(power.sum() + 1e-20))

    def _send(self, name: str, by_db: float, *, everywhere: bool) -> None:
        param, now = find("send").param("level_db"), self.values[name].get("send", {}).get("level_db")
        if now is None:
            return
        if param.is_off(now):
            if by_db < 0:
                return  # it is dry already
            usual = practice().roles[self._heard[name].track.role].send_db
            if usual is None and everywhere:
                return  # 'more reverb' on the mix does not mean kick and bass
            now = (usual if usual is not None else _FIRST_SEND_DB) - _USUAL_WET_DB
        put(self.session, self.values, name, "send", {"level_db": round(now + by_db, 1)})

    def _compress(self, target: str, wish: Wish, loud_peak_db: float) -> None:
        given = self.values[target].get("compressor")
        if given is None:
            return
        if wish.reduction_db < 0 <= wish.crest_db:
            self._let_go(target, wish, given)
            return
        # less punch is less of both: the peaks go, by a fast compressor
        reduction = abs(wish.reduction_db) if wish.reduction_db else 1.5 * abs(wish.crest_db)
        ratio = max(given["ratio"], _RATIO)
        threshold = loud_peak_db - min(reduction, _MOST_REDUCTION_DB) / (1 - 1 / ratio)
        if given["ratio"] > 1.0:
            threshold = given["threshold_db"] - reduction
        attack, release = _SLOW_MS if wish.crest_db > 0 else _FAST_MS if wish.crest_db < 0 else _PLAIN_MS
        knobs = {"threshold_db": round(threshold, 1), "ratio": ratio, "attack_ms": attack, "release_ms": release}
        put(self.session, self.values, target, "compressor", knobs | {"makeup_db": round(reduction / 2, 1)})

    def _let_go(self, target: str, wish: Wish, given: Mapping[str, float]) -> None:
        if given["ratio"] <= 1.0:
            self.refused.append(Refusal(subject=target, reason="is not compressed here, so there is nothing to undo"))
            return
        threshold = round(given["threshold_db"] - wish.reduction_db, 1)
        put(self.session, self.values, target, "compressor", {"threshold_db": threshold})

    def _widen(self, wish: Wish, names: Sequence[str]) -> None:
        """Stereo tracks by their side signal, mono tracks of a group by going apart."""
        stereo = [name for name in names if self._heard[name].track.channels == 2]
        mono = [name for name in names if name not in stereo]
        factor = 10 ** (wish.width_db / 20)
        for name in stereo:
            width = self.values[name]["panner"]["width"] * factor
            put(self.session, self.values, name, "panner", {"width": round(width, 2)})
        apart = [name for name in mono if self.values[name]["panner"]["pan"] != 0.0 or wish.place != "mix"]
        if not stereo and len(apart) < 2:
            self.refused.append(
                Refusal(subject=wish.intent.target.label, reason="one mono track has no width of its own")
            )
            return
        for index, name in enumerate(apart):
            pan = self.values[name]["panner"]["pan"]
            side = math.copysign(1.0, pan) if pan else (-1.0 if index % 2 else 1.0)
            moved = max(0.0, abs(pan) + _SPREAD_PER_DB * wish.width_db) * side
            put(self.session, self.values, name, "panner", {"pan": round(moved, 2)})
