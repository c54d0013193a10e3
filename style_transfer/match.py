"""Finding the settings: descent on the mix as band powers, with good practice as the prior.

The unknowns are offsets from practice in units of how sure practice is, and each pays for leaving it. Balance belongs
on the tracks and tone mostly on the master: the master's equaliser takes part as an unknown of its own, so that no
track is bent for what one band of the master does, and is fitted again to the real mix afterwards.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from mixer.progress import Progress, silent
from mixer.roles import Group
from style_transfer.adam import Adam
from style_transfer.audibility import AUDIBLE_DB
from style_transfer.balance import Balance, Groups, groups_of, master_curve_db, master_knobs, members
from style_transfer.desk import EQ_GAINS, Desk
from style_transfer.features import BANDS, Power, Shape, band_distance
from style_transfer.field import Field, slopes
from style_transfer.practice import practice
from style_transfer.setting import Setting, beyond
from style_transfer.start import Values, copied, is_free, level_sigma_lu, put, role_practice
from style_transfer.target import GroupTarget, StyleTarget
from style_transfer.variant import Variant

STEPS = 140
MORE_STEPS = 50
"""When a descent is taken up again."""
RATE = 0.12
GROUP_WEIGHT = 1.5
"""What one LU of a group's loudness beyond its tolerance costs, in dB of distance."""
KEPT_WEIGHT = 1.5
KEPT_TOLERANCE_LU = 0.25
WIDTH_WEIGHT = 0.15
MONO_DB = -27.0
"""A reference's group that is narrower is mono, and no reason to fold up stereo tracks."""
IMBALANCE_WEIGHT = 3.0
TONE_WEIGHT = 0.15
TONE_TOLERANCE_DB = 1.0
LEVEL_PRIOR = 2.0
HELD_SIGMA_LU = 0.3
"""How far a level that a rough mix has decided may be off."""
PRIOR_WEIGHT = 0.5
"""What one unit off practice on every track costs, in dB of distance: of the levels, where the target does not know
them, and of pans and tone."""
GUARD_WEIGHT = 0.3
GUARD_ROOM_DB = 6.0
"""How far the guard lets the best band of a track fall before it pushes back."""
MOST_FALL_LU = 12.0
"""No stem group falls further than this against the rest without the user's word."""
FALL_ROOM_LU = 2.0
LEAST_TONE_DB = 0.7
LEAST_PAN = 0.05
LEAST_WIDTH = 0.1
"""Smaller moves are not heard and not made."""

Key = tuple[str, str]


def shape_loss(shape: Shape, target: Shape) -> Tensor:
    """Distance of a mix to the target: tone of mid and side, width, balance; in dB, each term at its weight."""
    loudest = torch.maximum(shape.mid_db, target.mid_db).max()
    width = torch.sqrt((shape.width_db - target.width_db).square() + 1) - 1
    return (
        band_distance(shape.mid_db, target.mid_db)
        + band_distance(shape.side_db, target.side_db, loudest) / 2
        + width / 4
        + 5 * (shape.imbalance - target.imbalance).square()
    )


@dataclass(frozen=True, slots=True)
class Standing:
    """The session before anything is moved: what the guards compare with."""

    audibility_db: Tensor
    """Of each track of the desk ``[tracks]``."""
    ratios_lu: dict[Group, float]
    """Loudness of each stem group against the rest."""


@dataclass(frozen=True, slots=True)
class Held:
    """What a rough mix has decided."""

    levels_lu: Tensor
    """Of the tracks against their mix ``[tracks]``; NaN where it says nothing."""
    pans: Tensor
    """Whether a track's place is kept: ``[tracks]``."""

    @classmethod
    def nothing(cls, tracks: int) -> Held:
        """There is no rough mix."""
        return cls(torch.full((tracks,), torch.nan, dtype=torch.float64), torch.zeros(tracks, dtype=torch.bool))


@dataclass(frozen=True, slots=True)
class Corrections:
    """What the console really does less what the field says, at one setting."""

    levels_lu: dict[Groups, float] = dataclasses.field(default_factory=dict)
    tracks_db: Tensor | float = 0.0
    mid_db: Tensor = dataclasses.field(default_factory=lambda: torch.zeros(BANDS, dtype=torch.float64))
    side_db: Tensor = dataclasses.field(default_factory=lambda: torch.zeros(BANDS, dtype=torch.float64))


@dataclass(slots=True)
class Search:
    """One descent, which can be taken up again with corrections. ``desk.values`` hold the start and do not move."""

    desk: Desk
    field: Field
    target: StyleTarget
    standing: Standing
    variant: Variant
    held: Held
    level_sigmas_lu: Tensor | None = None
    """How sure the start is of the tracks' levels ``[tracks]``; as practice is, where nothing else is known."""
    units: dict[Key, Tensor] = dataclasses.field(default_factory=dict)
    """Where the unknowns stand, in units of the prior's width."""
    master_set: bool = False

    def sums(self) -> list[Groups]:
        """Every sum of groups whose loudness has a say: for ``balance.measure_balance``."""
        own = groups_of(self.desk.heard)
        wanted = [groups & own for target in self.target.groups for groups in target.among]
        every = [frozenset({group}) for group in own] + [own - {group} for group in own]
        return [groups for groups in dict.fromkeys([*wanted, *every, own]) if groups]

    def fit(self, corrections: Corrections, progress: Progress = silent) -> Values:
        """Descend from where the unknowns stand, and write what they come to."""
        sigmas = self._sigmas()
        steps = MORE_STEPS if self.units else STEPS
        for key, sigma in sigmas.items():
            self.units.setdefault(key, torch.zeros_like(sigma).requires_grad_())
        adam = Adam(list(self.units.values()))
        loss = self._loss(corrections, sigmas)
        for step in range(steps):
            adam.step(loss(), RATE * (1 - 0.95 * step / steps))
            progress((step + 1) / steps, "moving the strips")
        return self._written({key: (unit * sigmas[key]).detach() for key, unit in self.units.items()})

    def set_master(self, tone: dict[str, float]) -> None:
        """Give the master's equaliser its knobs; from now on only the strips move."""
        put(self.desk.session, self.desk.values, "master", "equalizer", tone)
        self.master_set = True
        for knob in EQ_GAINS:
            self.units["master", knob].detach().zero_()

    def corrections(self, values: Values, real: Balance) -> Corrections:
        """What was measured of these values against what the field says of them."""
        with torch.no_grad():
            state = Setting.of(self.desk, self.field, values)
            model = state.mix()
            mid = 10 * torch.log10((real.mix.mid + 1e-12) / (model.mid + 1e-12))
            side = 10 * torch.log10((real.mix.side + 1e-9 * real.mix.mid) / (model.side + 1e-9 * model.mid))
            levels = {groups: real.sums[groups] - float(level) for groups, level in state.levels(self.sums()).items()}
            tracks = torch.from_numpy(real.tracks_db) - state.track_levels()
        return Corrections(levels, tracks, mid.clamp(-6, 6), side.clamp(-6, 20))

    def _sigmas(self) -> dict[Key, Tensor]:
        """What one unit of each unknown is, in its knob's own unit; zero where the knob is not free."""
        rules, desk = practice().master, self.desk
        spread = torch.tensor([float(role_practice(entry).spread > 0) for entry in desk.heard]).double()
        stereo = torch.tensor([float(entry.track.channels == 2) for entry in desk.heard]).double()
        tone = float(self.variant.tone and (self.target.shape is not None or len(self.target.groups) > 0))
        sigmas = {
            ("fader", "gain_db"): self._level_sigmas() * desk.free("fader", "gain_db"),
            ("panner", "pan"): rules.pan_sigma * spread * desk.free("panner", "pan") * ~self.held.pans,
            ("panner", "width"): rules.width_sigma * stereo * desk.free("panner", "width") * ~self.held.pans,
        }
        for knob in EQ_GAINS:
            sigmas["equalizer", knob] = rules.strip_eq_sigma_db * tone * desk.free("equalizer", knob)
            free = tone * is_free(desk.session, "master", "equalizer", knob) * (not self.master_set)
            sigmas["master", knob] = torch.tensor([rules.eq_sigma_db * free], dtype=torch.float64)
        return sigmas

    def _loss(self, corrections: Corrections, sigmas: dict[Key, Tensor]) -> Callable[[], Tensor]:
        sums, target = self.sums(), self.target
        factors = (10 ** (corrections.mid_db / 10), 10 ** (corrections.side_db / 10))
        table = self.desk.tensors({})
        placed = {key: table[key[0]][key[1]] for key in sigmas if key[0] in ("fader", "panner")}
        master_db, master_slopes = master_curve_db(self.desk), slopes(self.desk.sample_rate, master_knobs(self.desk))[0]
        with torch.no_grad():
            usual = Setting.of(self.desk, self.field, self.desk.values).track_levels()
        usual = _against_all(usual + corrections.tracks_db)
        usual = torch.where(self.held.levels_lu.isnan(), usual, self.held.levels_lu)

        def loss() -> Tensor:
            offsets = {key: self.units[key] * sigma for key, sigma in sigmas.items()}
            strips = torch.stack([offsets["equalizer", knob] for knob in EQ_GAINS], dim=1)  # [tracks, gains]
            state = Setting(
                self.desk,
                self.field,
                gain_db=placed["fader", "gain_db"] + offsets["fader", "gain_db"],
                pan=(placed["panner", "pan"] + offsets["panner", "pan"]).clamp(-1, 1),
                width=(placed["panner", "width"] + offsets["panner", "width"]).clamp(0, 2),
                added_db=torch.einsum("tg,tgb->tb", strips, self.field.slopes),
                master_db=master_db + torch.cat([offsets["master", knob] for knob in EQ_GAINS]) @ master_slopes,
            )
            levels = {key: level + corrections.levels_lu.get(key, 0.0) for key, level in state.levels(sums).items()}
            total = self._prior() + GUARD_WEIGHT * self._lost(state) + self._groups_off(levels, state)
            if target.shape is not None:
                mix = state.mix()
                heard = Power(mix.mid * factors[0], mix.side * factors[1], mix.cross)
                total = total + shape_loss(Shape.of(heard, self.desk.sample_rate), target.shape)
            return total + self.variant.prior * LEVEL_PRIOR * self._shifted(
                state.track_levels() + corrections.tracks_db, usual
            )

        return loss

    def _prior(self) -> Tensor:
        tone = torch.stack([self.units["equalizer", knob] for knob in EQ_GAINS])
        master = torch.cat([self.units["master", knob] for knob in EQ_GAINS])
        pan, width = self.units["panner", "pan"], self.units["panner", "width"]
        squares = tone.square().mean() + pan.square().mean() + width.square().mean() + 0.3 * master.square().mean()
        return self.variant.prior * PRIOR_WEIGHT * squares

    def _groups_off(self, levels: dict[Groups, Tensor], state: Setting) -> Tensor:
        """What the groups' loudness, width and tone cost, and what holds whatever the target says."""
        own = groups_of(self.desk.heard)
        total = torch.zeros((), dtype=torch.float64)
        for target in self.target.groups:
            wanted = target.level_lu + self._forward(target.groups)
            among = torch.stack([levels[groups & own] for groups in target.among])
            now = levels[target.groups & own] - 10 * torch.log10((10 ** (among / 10)).sum())
            total = total + target.weight * GROUP_WEIGHT * beyond(now - wanted, target.said.level_tolerance_lu)
            total = total + target.weight * self._picture(target, state)
        for group, before in self.standing.ratios_lu.items():
            rest = own - {group}
            if not rest:
                continue
            moved = levels[frozenset({group})] - levels[rest] - before
            if group in self.target.kept:
                total = total + KEPT_WEIGHT * beyond(moved - self._forward(frozenset({group})), KEPT_TOLERANCE_LU)
            total = total + torch.relu(-moved - (MOST_FALL_LU - FALL_ROOM_LU))
        return total

    def _forward(self, groups: Groups) -> float:
        return self.variant.vocals_lu if groups == {Group.VOCALS} else 0.0

    def _picture(self, target: GroupTarget, state: Setting) -> Tensor:
        """What a group's place, width and tone cost, as far as the reference's stem tells them."""
        said, shape = target.said, state.shape(target.groups)
        total = torch.zeros((), dtype=torch.float64)
        if said.width_db is not None and said.width_db > MONO_DB:
            total = total + WIDTH_WEIGHT * beyond(shape.width_db - said.width_db, said.width_tolerance_db)
        if said.imbalance is not None:
            apart = (shape.imbalance - said.imbalance).abs()
            total = total + IMBALANCE_WEIGHT * torch.relu(apart - said.imbalance_tolerance)
        if said.tone_db is not None and any(said.owned):
            apart = (shape.mid_db - torch.tensor(said.tone_db, dtype=torch.float64))[torch.tensor(said.owned)]
            total = total + TONE_WEIGHT * beyond(apart - apart.mean(), TONE_TOLERANCE_DB).mean()
        return total

    def _lost(self, state: Setting) -> Tensor:
        """Decibels by which audible tracks have sunk below what the guard allows, summed."""
        before = self.standing.audibility_db
        allowed = torch.minimum(before - GUARD_ROOM_DB, torch.full_like(before, AUDIBLE_DB + GUARD_ROOM_DB))
        sunk = torch.relu(allowed - state.audibility_db())
        return (sunk * (before > AUDIBLE_DB)).sum().double()

    def _shifted(self, levels: Tensor, usual: Tensor) -> Tensor:
        """Mean square of the tracks' distance from their usual levels, however it came about, in units of its sigma.

        Where the target or the session knows a group's loudness, its tracks pay only for leaving each other.
        """
        moved = _against_all(levels) - usual
        known = self.target.kept.union(*(target.groups for target in self.target.groups))
        for group in known & groups_of(self.desk.heard):
            member = members(self.desk.heard, [frozenset({group})])[0]
            moved = moved - member * (moved * member).sum() / member.sum()
        if not known:
            moved = moved - self.variant.vocals_lu * members(self.desk.heard, [frozenset({Group.VOCALS})])[0]
        sigmas = torch.where(self.held.levels_lu.isnan(), self._level_sigmas(), HELD_SIGMA_LU)
        return (moved / sigmas).square().mean()

    def _level_sigmas(self) -> Tensor:
        return _level_sigmas(self.desk) if self.level_sigmas_lu is None else self.level_sigmas_lu

    def _written(self, offsets: dict[Key, Tensor]) -> Values:
        """The start with the offsets added, rounded to what a person would dial."""
        start, values = self.desk.values, copied(self.desk.values)
        for knob in EQ_GAINS:
            tone = start["master"].get("equalizer", {}).get(knob, 0.0) + float(offsets["master", knob])
            put(self.desk.session, values, "master", "equalizer", {knob: round(tone, 1)})
        strips = {key: offset for key, offset in offsets.items() if key[0] != "master"}
        table = self.desk.tensors(strips)
        least = {"gain_db": LEAST_TONE_DB, "pan": LEAST_PAN, "width": LEAST_WIDTH}
        for row, entry in enumerate(self.desk.heard):
            for processor, knob in strips:
                bound = 0.0 if processor == "fader" else least.get(knob, LEAST_TONE_DB)
                if abs(float(offsets[processor, knob][row])) > bound:
                    digits = 1 if knob.endswith("_db") else 2
                    values[entry.track.id][processor][knob] = round(float(table[processor][knob][row]), digits)
        return values


def _against_all(levels_db: Tensor) -> Tensor:
    """Levels of tracks against the sum of their powers, in dB."""
    return levels_db - 10 * torch.log10((10 ** (levels_db / 10)).sum())


def _level_sigmas(desk: Desk) -> Tensor:
    return torch.tensor([level_sigma_lu(entry) for entry in desk.heard], dtype=torch.float64)
