"""REAPER: a project whose strips, reverb and limiter are our own effects, with REAPER's faders, pans and sends."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import numpy as np

from interfaces.daw.broadcast_wav import WavFile
from interfaces.daw.colours import MASTER, REVERB, colour_of
from interfaces.daw.exporter import Carried, Exported
from interfaces.daw.marks import file_stem, guid, shown_name
from interfaces.daw.material import Material, file_name, place_audio
from interfaces.daw.null_depth import not_measurable
from interfaces.daw.reaper_law import BALANCE, LINEAR_TAPER, PAN_LAW, volume_and_pan
from interfaces.daw.registry import Kind
from interfaces.daw.rows import bypassed, flag_rows, knob_rows, knob_value, sends_anywhere, unmapped
from interfaces.daw.rpp import Block, block, dumps, line
from interfaces.dsp.effects import effect_knobs, effect_text
from mixer.arrays import F32
from mixer.knobs import target_chain
from mixer.param import Param
from mixer.processor import Processor
from mixer.processors.fader import GAIN, LEVEL
from mixer.processors.reverb import noise_bands, response_frames
from mixer.progress import Progress
from mixer.session import Session, Track

FOLDER = "Faderwise"
"""Where the effects lie, below REAPER's own folder ``Effects``."""
_LONGEST_NOISE = 700_000  # frames: what one effect's memory holds
_HOW_TO = """This folder holds a REAPER project made by Faderwise.

1. In REAPER choose Options > Show REAPER resource path in explorer/finder.
2. Copy the folder Effects/{folder} from here into the folder Effects there. Once is enough for all projects
   at the same sample rate.
3. Open {project}. Its audio lies beside it, in audio/.

Every track has our equaliser, compressor and (stereo tracks) width as effects before REAPER's own fader and pan;
the reverb is a track that the others send to; output gain and limiter are the last effects on the master.
The sliders are the knobs of Faderwise, with the same names, units and ranges.

Leave the project's pan law at 0 dB with the linear taper (Project settings > Advanced): the faders of mono tracks
that are not in the centre are set for it, up to 3 dB above what Faderwise shows.
REAPER stops a render at the project's end by default: add some seconds of tail for the reverb to ring out.

To take changes back:  faderwise import SESSION {project}
"""


def effect_file(processor: str, sample_rate: int) -> str:
    """The file of a processor's effect; the reverb has one for each sample rate, since its noise has."""
    return f"reverb_{sample_rate}.jsfx" if processor == "reverb" else f"{processor}.jsfx"


def reverb_noise(sample_rate: int) -> F32:
    """What the reverb's effect shapes: ``[bands * 2, time]``, band by band left and right."""
    bands = noise_bands(sample_rate).numpy()[:, :, :_LONGEST_NOISE]
    return np.ascontiguousarray(bands.reshape(-1, bands.shape[2]))


def export_reaper(session: Session, session_folder: Path, new_folder: Path, progress: Progress) -> Exported:
    """A .rpp with its audio and its effects; see ``interfaces.daw.exporter``."""
    (new_folder / "audio").mkdir()
    materials = []
    for index, track in enumerate(session.tracks):
        target = new_folder / "audio" / file_name(index + 1, track)
        materials.append(place_audio(track, session_folder, target, session.sample_rate))
        progress((index + 1) / (len(session.tracks) + 1), "copying audio")
    wet = sends_anywhere(session)
    _write_effects(session, new_folder / "Effects" / FOLDER, wet)
    project = new_folder / f"{file_stem(session.name)}.rpp"
    project.write_text(dumps(_project(session, materials, wet)), encoding="utf-8", newline="\n")
    how_to = _HOW_TO.format(folder=FOLDER, project=project.name)
    (new_folder / "READ ME.txt").write_text(how_to, encoding="utf-8", newline="\n")
    resampled = {track.id for track, made in zip(session.tracks, materials, strict=True) if made.resampled}
    rows = [*flag_rows(session, resampled), *_rows(session, wet)]
    notes = [f"copy Effects/{FOLDER} into REAPER's own Effects folder first: READ ME.txt says how"]
    progress(1.0, "written")
    return Exported(new_folder, project, rows, notes=notes)


def _write_effects(session: Session, folder: Path, wet: bool) -> None:
    folder.mkdir(parents=True)
    rate = session.sample_rate
    targets = [track.id for track in session.tracks] + ["master"] + (["reverb"] if wet else [])
    for name in dict.fromkeys(name for target in targets for name in target_chain(target) if effect_knobs(name)):
        text = effect_text(name, f"reverb_{rate}.wav")
        (folder / effect_file(name, rate)).write_text(text, encoding="utf-8", newline="\n")
    if wet:
        write_noise(folder / f"reverb_{rate}.wav", rate)


def write_noise(path: Path, sample_rate: int) -> None:
    """The reverb's noise as a float WAV of 24 channels."""
    noise = reverb_noise(sample_rate)
    with WavFile(path, sample_rate, noise.shape[0], noise.shape[1], "float") as file:
        file.write(noise)


def _project(session: Session, materials: Iterable[Material], wet: bool) -> Block:
    inside: list[Block | list[str]] = [
        line("PANLAW", PAN_LAW),
        line("PANMODE", BALANCE),
        line("PANLAWFLAGS", LINEAR_TAPER),
        line("SAMPLERATE", session.sample_rate, 1, 0),
        line("TEMPO", 120, 4, 4),
        line("MASTERPEAKCOL", _colour(MASTER)),
        line("MASTER_NCH", 2, 2),
        line("MASTER_VOLUME", 1, 0, -1, -1, 1),
    ]
    inside += _chain("MASTERFXLIST", session, "master", effects_of("master", 2))
    inside += [_track(session, track, made) for track, made in zip(session.tracks, materials, strict=True)]
    if wet:
        inside.append(_reverb(session))
    return block("REAPER_PROJECT", "0.1", "7.0/linux-x86_64", 0, inside=inside)


def _track(session: Session, track: Track, made: Material) -> Block:
    volume, balance = reaper_knobs(session, track)
    mute = (int(track.mute), 2 * int(track.solo), 0)
    inside = _head(track.id, track.name, colour_of(track.role), volume, balance, mute)
    inside += _chain("FXCHAIN", session, track.id, effects_of(track.id, track.channels))
    return block("TRACK", guid(track.id), inside=[*inside, _item(track, made, session.sample_rate)])


def _reverb(session: Session) -> Block:
    # Solo must not silence the room that the soloed tracks stand in.
    inside = _head("reverb", "Reverb", REVERB, 1.0, 0.0, (int(bypassed(session, "reverb", "reverb")), 0, 1))
    for index, track in enumerate(session.tracks):
        level_db = knob_value(session, track.id, "send", LEVEL.name)
        level = 0.0 if LEVEL.is_off(level_db) else 10 ** (level_db / 20)
        off = int(bypassed(session, track.id, "send"))
        inside.append(line("AUXRECV", index, 0, level, 0, off, 0, 0, 0, 0, "-1:U", 0, -1, ""))
    inside += _chain("FXCHAIN", session, "reverb", effects_of("reverb", 2))
    return block("TRACK", guid("reverb"), inside=inside)


def reaper_knobs(session: Session, track: Track) -> tuple[float, float]:
    """REAPER's linear volume and pan of a track; a bypassed fader or panner rests at its default."""
    values = session.values(track.id)
    gain_db = values.get("fader", {}).get(GAIN.name, GAIN.default)
    return volume_and_pan(gain_db, values.get("panner", {}).get("pan", 0.0), track.channels)


def _head(
    target: str, name: str, colour: str, volume: float, pan: float, mute: tuple[int, int, int]
) -> list[Block | list[str]]:
    return [
        line("NAME", shown_name(name)),
        line("PEAKCOL", _colour(colour)),
        line("PANLAWFLAGS", LINEAR_TAPER),
        line("VOLPAN", volume, pan, -1, -1, 1),
        line("MUTESOLO", *mute),
        line("IPHASE", 0),
        line("ISBUS", 0, 0),
        line("NCHAN", 2),
        line("FX", 1),
        line("TRACKID", guid(target)),
        line("MAINSEND", 1, 0),
    ]


def _colour(colour: str) -> int:
    """REAPER's own colours: blue, green, red, and a flag that says that there is one."""
    red, green, blue = (int(colour[at : at + 2], 16) for at in (1, 3, 5))
    return 0x1000000 | blue << 16 | green << 8 | red


def effects_of(target: str, channels: int) -> list[str]:
    """The processors of a target that are effects: REAPER's own fader stands for ours, except on the master."""
    left_out = {"panner"} if channels == 1 else set()
    if target not in ("reverb", "master"):
        left_out.add("fader")
    return [name for name in target_chain(target) if effect_knobs(name) and name not in left_out]


def _chain(tag: str, session: Session, target: str, effects: list[str]) -> list[Block | list[str]]:
    inside: list[Block | list[str]] = [line("SHOW", 0), line("LASTSEL", 0), line("DOCKED", 0)]
    for name in effects:
        values = [knob_value(session, target, name, knob.param.name) for knob in effect_knobs(name)]
        file = f"{FOLDER}/{effect_file(name, session.sample_rate)}"
        inside.append(line("BYPASS", int(bypassed(session, target, name)), 0, 0))
        inside.append(block("JS", file, "", inside=[line(*values, *["-"] * (64 - len(values)))]))
        inside += [line("FXID", guid(f"{target}/{name}")), line("WAK", 0, 0)]
    return [block(tag, inside=inside)] if effects else []


def _item(track: Track, made: Material, sample_rate: int) -> Block:
    source = block("SOURCE", "WAVE", inside=[line("FILE", f"audio/{made.path.name}")])
    inside: list[Block | list[str]] = [
        line("POSITION", 0),
        line("LENGTH", made.frames / sample_rate),
        line("LOOP", 0),
        line("FADEIN", 1, 0, 0),
        line("FADEOUT", 1, 0, 0),
        line("MUTE", 0, 0),
        line("NAME", shown_name(track.name)),
        line("VOLPAN", 1, 0, 1, -1),
        line("SOFFS", 0),
        line("PLAYRATE", 1, 0, 0, -1, 0, 0.0025),
        line("CHANMODE", 0),
        source,
    ]
    return block("ITEM", inside=inside)


def _cut_s(session: Session) -> float | None:
    """After how many seconds the effect's memory cuts the reverb off, if it does."""
    knobs = {name: knob_value(session, "reverb", "reverb", name) for name in ("predelay_ms", "decay_s")}
    too_long = response_frames(session.sample_rate, **knobs) > _LONGEST_NOISE
    return _LONGEST_NOISE / session.sample_rate if too_long else None


def _rows(session: Session, wet: bool) -> Iterable[Carried]:
    channels = {track.id: track.channels for track in session.tracks}

    def judge(target: str, processor: Processor, param: Param, value: float) -> Carried:
        name, what = processor.name, f"{processor.name}.{param.name}"
        native = target in channels and (name, param.name) in (("fader", "gain_db"), ("panner", "pan"))
        if native and bypassed(session, target, name) and value != param.default:
            return Carried(target, what, "not carried", f"bypassed: REAPER's stands at {param.show(param.default)}")
        if native:
            together = channels[target] == 1 and knob_value(session, target, "panner", "pan") != 0
            return Carried(target, what, "exact", "fader and pan together give our pan law" if together else "")
        if what == "reverb.decay_s" and wet and _cut_s(session) is not None:
            return Carried(target, what, "approximate", f"the tail ends after {_cut_s(session):.1f} s at this rate")
        if name == "send":
            return Carried(target, what, "exact", "" if wet else "nothing sends, so there is no reverb track")
        if name == "panner" and channels.get(target) == 1:
            status = "exact" if value == param.default else "not carried"
            return Carried(target, what, status, "a mono track has no width")  # type: ignore[arg-type]
        if target == "reverb" and not wet:
            return Carried(target, what, "not carried", "nothing sends, so there is no reverb track")
        if name in effects_of(target, channels.get(target, 2)):
            return Carried(target, what, "exact")
        return unmapped(target, processor, param, value)

    targets = [*channels, "reverb", "master"]
    return [row for target in targets for row in knob_rows(session, target, judge)]


KIND = Kind(
    "reaper",
    "A REAPER project (.rpp) with our strips, reverb and limiter as JSFX effects.",
    export_reaper,
    not_measurable("REAPER alone can render its projects, and Faderwise does not start it"),
)
