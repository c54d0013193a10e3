"""Reading a REAPER project: ours exactly, others as far as they are tracks, audio, faders and pans."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path, PurePosixPath

from interfaces.daw.daw_session import Clip, DawSession, DawStrip, number_at
from interfaces.daw.marks import guid
from interfaces.daw.reaper_law import BALANCE, LINEAR_TAPER, PAN_LAW, gain_and_pan
from interfaces.daw.rpp import Block, loads
from interfaces.dsp.effects import effect_knobs
from mixer.processors.fader import GAIN

_EFFECTS = ("JS", "VST", "AU", "DX", "LV2", "CLAP", "VIDEO_EFFECT")
_NOT_AUDIO = ("MIDI", "MIDIPOOL", "VIDEO", "LTC", "CLICK", "RPP_PROJECT", "EMPTY", "")


def read_rpp(path: Path) -> DawSession:
    """The project in a .rpp; ValueError where it is none."""
    tree = loads(path.read_text(encoding="utf-8", errors="replace"))
    rate = int(number_at(tree.line("SAMPLERATE"), 0))
    session = DawSession(path, path.stem, sample_rate=rate if rate > 0 else None)
    ours = _ours(tree)
    blocks = list(tree.blocks("TRACK"))
    strips = [_track(block, ours) for block in blocks]
    for strip, block in zip(strips, blocks, strict=True):
        is_reverb = strip.mark == guid("reverb") or "reverb" in strip.knobs
        _take_sends(block, strip, strips, is_reverb)
        if is_reverb and session.reverb is None:
            session.reverb = strip
            strip.active["reverb"] = strip.active.get("reverb", True) and not strip.mute
        else:
            session.tracks.append(strip)
    session.master = _master(tree)
    return session


def _ours(tree: Block) -> bool:
    """Whether the project has the pan law that our projects set."""
    law = number_at(tree.line("PANLAW"), 0, -1.0)
    mode = number_at(tree.line("PANMODE"), 0, BALANCE)
    return law == PAN_LAW and mode == BALANCE


def _track(block: Block, balance: bool) -> DawStrip:
    words = block.line("VOLPAN")
    volume, pan = number_at(words, 0, 1.0), number_at(words, 1)
    flags = block.line("MUTESOLO")
    strip = DawStrip(" ".join(block.line("NAME")) or "Track", mark=block.words[1] if len(block.words) > 1 else "")
    own_law = number_at(words, 2, -1.0) not in (-1.0, PAN_LAW) or bool(block.line("PANMODE"))
    tapered = number_at(block.line("PANLAWFLAGS"), 0, LINEAR_TAPER) != LINEAR_TAPER
    strip.place = _place(volume, pan, balance and not own_law)
    if pan and (tapered or own_law or not balance):
        strip.left.append("its pan law is not that of our projects; the pan knob is taken as it stands")
    strip.mute, strip.solo = number_at(flags, 0) != 0, number_at(flags, 1) != 0
    _read_chain(strip, block, "FXCHAIN")
    _read_items(strip, block)
    if number_at(block.line("ISBUS"), 0) == 1:
        strip.left.append("is a folder; its tracks are taken as if it were none")
    for envelope in block.blocks():
        if "ENV" in envelope.name and any(envelope.lines("PT")):
            strip.left.append(f"automation ({envelope.name})")
    return strip


def _place(volume: float, pan: float, balance: bool) -> Callable[[int], tuple[float, float]]:
    def place(channels: int) -> tuple[float, float]:
        if balance:
            return gain_and_pan(volume, pan, channels)
        return GAIN.clamp(20 * math.log10(volume)) if volume > 0 else GAIN.low, min(max(pan, -1.0), 1.0)

    return place


def _read_chain(strip: DawStrip, owner: Block, tag: str) -> None:
    for chain in owner.blocks(tag):
        bypassed = False
        for item in chain.inside:
            if isinstance(item, list):
                bypassed = number_at(item, 1) != 0 if item[:1] == ["BYPASS"] else bypassed
            elif item.name in _EFFECTS:
                _read_effect(strip, item, bypassed)


def _read_effect(strip: DawStrip, effect: Block, bypassed: bool) -> None:
    title = effect.words[1] if len(effect.words) > 1 else effect.name
    file = PurePosixPath(title.replace("\\", "/"))
    processor = file.stem.split("_")[0] if file.parent.name == "Faderwise" else ""
    knobs = effect_knobs(processor) if processor.isidentifier() and effect.name == "JS" else ()
    values = next((item for item in effect.inside if isinstance(item, list)), [])
    if not knobs or processor in strip.knobs:
        strip.left.append(f"the effect {title}")
        return
    strip.active[processor] = not bypassed
    strip.knobs[processor] = {
        knob.param.name: number_at(values, place, knob.param.default)
        for place, knob in enumerate(knobs)
        if place < len(values) and values[place] != "-"
    }


def _read_items(strip: DawStrip, track: Block) -> None:
    for item in track.blocks("ITEM"):
        source = next(item.blocks("SOURCE"), None)
        while source is not None and source.words[1:2] == ["SECTION"]:
            source = next(source.blocks("SOURCE"), None)
        kind = (source.words[1:2] or [""])[0] if source is not None else ""
        file = " ".join(source.line("FILE")[:1]) if source is not None else ""
        if not file or kind in _NOT_AUDIO:
            strip.left.append(f"an item that is no audio ({kind or 'empty'})")
        elif number_at(item.line("MUTE"), 0):
            strip.left.append(f"a muted item ({file})")
        else:
            if number_at(item.line("PLAYRATE"), 0, 1.0) != 1:
                strip.left.append(f"the play rate of {file}")
            if number_at(item.line("VOLPAN"), 2, 1.0) != 1 or number_at(item.line("VOLPAN"), 0, 1.0) != 1:
                strip.left.append(f"the item's own volume ({file})")
            place, offset = number_at(item.line("POSITION"), 0), number_at(item.line("SOFFS"), 0)
            strip.clips.append(Clip(file, max(place, 0.0), max(offset, 0.0), number_at(item.line("LENGTH"), 0) or None))


def _take_sends(block: Block, receiver: DawStrip, strips: list[DawStrip], is_reverb: bool) -> None:
    for words in block.lines("AUXRECV"):
        source = int(number_at(words, 0, -1))
        if not 0 <= source < len(strips):
            continue
        plain = number_at(words, 1) == 0 and number_at(words, 3) == 0
        if is_reverb and plain:
            strips[source].send = (number_at(words, 2, 1.0), number_at(words, 4) == 0)
        else:
            strips[source].left.append(f"the send to {receiver.name}")


def _master(tree: Block) -> DawStrip:
    master = DawStrip("Master")
    _read_chain(master, tree, "MASTERFXLIST")
    words = tree.line("MASTER_VOLUME")
    volume = number_at(words, 0, 1.0)
    if number_at(words, 1):
        master.left.append("the master's pan")
    if volume == 1:
        return master
    limiter = master.knobs.get("limiter", {})
    if volume <= 0 or (limiter.get("active", 0.0) > 0.5 and master.active.get("limiter")):
        master.left.append("the master's volume: REAPER has it after the limiter, we before")
        return master
    fader = master.knobs.setdefault("fader", {})
    given = fader.get("gain_db", 0.0) if master.active.setdefault("fader", True) else 0.0
    fader["gain_db"] = given + 20 * math.log10(volume)
    master.active["fader"] = True
    return master
