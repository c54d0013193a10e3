"""What comes back: nothing where nothing was changed, exactly what was changed, and foreign projects unharmed."""

from __future__ import annotations

import math
import re
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import soundfile

from interfaces.daw.adopt import as_session
from interfaces.daw.exporter import Exported
from interfaces.daw.importer import Imported, into_session, read_project, same
from interfaces.daw.registry import exporter_for, kinds
from mixer.edits import apply, undo
from mixer.errors import SessionError, UsageError
from mixer.knobs import target_chain
from mixer.progress import silent
from mixer.session import Edit, Session
from tests.interfaces.daw.sessions import everything_on, song
from tests.sessions import make_track

LIMITER = "master.limiter.bypass"
PROGRAMS = ("reaper", "dawproject", "ardour")


def exported(kind: str, session: Session, folder: Path, to: Path) -> Exported:
    to.mkdir(parents=True)
    return kinds()[kind].exporter(session, folder, to, silent)


def by_hand(session: Session, **changes: object) -> Session:
    edits = [Edit.model_validate({"address": a, "before": None, "after": v}) for a, v in changes.items()]
    return apply(session, edits, "set", "by hand")


def mutate(project: Path, change: Callable[[str], str]) -> None:
    """Change a project's text as an editor would, inside the archive where it is one."""
    if project.suffix != ".dawproject":
        text = project.read_text(encoding="utf-8")
        assert change(text) != text
        project.write_text(change(text), encoding="utf-8")
        return
    with zipfile.ZipFile(project) as archive:
        contents = {name: archive.read(name) for name in archive.namelist()}
    text = contents["project.xml"].decode()
    assert change(text) != text
    contents["project.xml"] = change(text).encode()
    with zipfile.ZipFile(project, "w") as archive:
        for name, data in contents.items():
            archive.writestr(name, data)


@pytest.mark.parametrize("kind", PROGRAMS)
def test_what_was_not_touched_changes_nothing(kind: str, tmp_path: Path) -> None:
    """Flags of every kind included; the very same session comes back, without a step in its history."""
    changes = {"t1.mute": True, "t2.solo": True, "t2.equalizer.bypass": True, "t3.fader.bypass": True}
    changes |= {"t4.panner.bypass": True, "t1.send.bypass": True, "master.compressor.bypass": True}
    for number, session in enumerate(
        [
            song(tmp_path, 0.8),
            everything_on(song(tmp_path, 0.8), 3),
            by_hand(everything_on(song(tmp_path, 0.8), 4), **changes),
            by_hand(
                everything_on(song(tmp_path, 0.8), 5), **{"reverb.reverb.bypass": True, "master.limiter.bypass": True}
            ),
            by_hand(everything_on(song(tmp_path, 0.8), 6), **{"t1.fader.gain_db": -60.0, "t2.fader.gain_db": 14.0}),
        ]
    ):
        result = exported(kind, session, tmp_path, tmp_path / str(number))
        imported = into_session(session, read_project(result.project))
        assert imported.session is session
        assert imported.left == []
        assert imported.missing == []


@pytest.mark.parametrize("kind", PROGRAMS)
@pytest.mark.parametrize("seed", [11, 12])
def test_everything_that_was_changed_comes_back(kind: str, seed: int, tmp_path: Path) -> None:
    """Another session's export, read into this one, makes this one that one, as far as the format carries it."""
    before = everything_on(song(tmp_path, 0.8), seed)
    after = by_hand(everything_on(song(tmp_path, 0.8), seed + 50), **{"t2.mute": True, "t3.compressor.bypass": True})
    result = exported(kind, after, tmp_path, tmp_path / "out")
    back = into_session(before, read_project(result.project)).session
    carried = {(row.target, row.what) for row in result.rows if row.status != "not carried"}
    if kind == "ardour":  # the room arrives as an impulse response
        carried = {(target, what) for target, what in carried if target != "reverb"}
    knobs = [(target, what) for target, what in carried if "." in what and not what.endswith("bypass")]
    assert len(knobs) > 100
    for target, what in knobs:
        if what == "panner.width" and (target == "master" or after.track(target).channels == 1):
            continue
        wanted, got = after.knob(f"{target}.{what}").value, back.knob(f"{target}.{what}").value
        assert same(got, wanted), (target, what, got, wanted)
        if got != before.knob(f"{target}.{what}").value:
            assert back.knob(f"{target}.{what}").source == "user"
    assert back.track("t2").mute
    assert back.track("t3").settings["compressor"].bypass
    assert back.history[-1].kind == "import"
    assert undo(back)[0] == before


def test_ardour_s_own_equaliser_and_compressor_come_back_as_ours(tmp_path: Path) -> None:
    before = everything_on(song(tmp_path, 0.8), 3)
    after = everything_on(song(tmp_path, 0.8), 4)
    for name, session in (("before", before), ("after", after)):
        (tmp_path / name).mkdir()
        result = exporter_for("ardour", stock=True)(session, tmp_path, tmp_path / name, silent)
        assert 'unique-id="urn:ardour:a-eq"' in result.project.read_text(encoding="utf-8")
        imported = into_session(before, read_project(result.project))
        assert imported.left == []
        if session is before:
            assert imported.session is before
    for target in [*before.targets]:
        for name in ("equalizer", "compressor"):
            for knob in target_chain(target)[name].knobs if name in target_chain(target) else ():
                address = f"{target}.{name}.{knob}"
                assert same(imported.session.knob(address).value, after.knob(address).value), address


CHANGES = {
    "reaper": [
        (r"(VOLPAN )\S+ \S+", r"\g<1>0.5 -0.25"),
        (r"(<TRACK(?:.|\n)*?equalizer.jsfx \"\"\n\s+(?:\S+ ){3})\S+", r"\g<1>4.25"),
    ],
    "dawproject": [
        (r"(<Volume [^>]*value=\")[^\"]+", r"\g<1>0.5"),
        (r"(<Pan [^>]*value=\")[^\"]+", r"\g<1>0.375"),
        (r"(type=\"bell\"(?:.|\n)*?<Gain [^>]*value=\")[^\"]+", r"\g<1>4.25"),
    ],
}


@pytest.mark.parametrize("kind", CHANGES)
def test_a_fader_a_pan_and_an_eq_gain_to_the_file_s_precision(kind: str, tmp_path: Path) -> None:
    """The issue's round trip: a stereo track first, so that both laws are plain."""
    session = song(tmp_path, 0.8)
    session = session.model_copy(update={"tracks": [session.track("t3"), session.track("t1")]})
    result = exported(kind, session, tmp_path, tmp_path / "out")
    for pattern, by in CHANGES[kind]:
        mutate(result.project, lambda text, pattern=pattern, by=by: re.sub(pattern, by, text, count=1))  # type: ignore[misc]
    back = into_session(session, read_project(result.project)).session
    changed = {edit.address: edit.after["value"] for edit in back.history[-1].edits if isinstance(edit.after, dict)}
    assert changed == {
        "t3.fader.gain_db": 20 * math.log10(0.5),
        "t3.panner.pan": -0.25,
        "t3.equalizer.peak1_gain_db": 4.25,
    }


def test_an_ardour_fader_pan_and_eq_gain(tmp_path: Path) -> None:
    session = song(tmp_path, 0.8)
    session = session.model_copy(update={"tracks": [session.track("t3")]})
    result = exported("ardour", session, tmp_path, tmp_path / "out")

    def change(text: str) -> str:
        route = text.index('name="Keys"', text.index("<Routes>"))
        head, tail = text[:route], text[route:]
        tail = re.sub(r'(name="gaincontrol"[^>]*value=")[^"]+', r"\g<1>0.5", tail, count=1)
        tail = re.sub(r'(name="pan-azimuth"[^>]*value=")[^"]+', r"\g<1>0.375", tail, count=1)
        return head + re.sub(r'(<Port id="3" value=")[^"]+', r"\g<1>4.25", tail, count=1)

    mutate(result.project, change)
    back = into_session(session, read_project(result.project)).session
    changed = {edit.address: edit.after["value"] for edit in back.history[-1].edits if isinstance(edit.after, dict)}
    assert changed == {
        "t3.fader.gain_db": pytest.approx(20 * math.log10(0.5), abs=1e-12),
        "t3.panner.pan": -0.25,
        "t3.equalizer.peak1_gain_db": 4.25,
    }


@pytest.mark.parametrize("kind", PROGRAMS)
def test_tracks_are_known_again_by_mark_file_or_name(kind: str, tmp_path: Path) -> None:
    session = everything_on(song(tmp_path, 0.8), 3)
    result = exported(kind, session, tmp_path, tmp_path / "out")
    mutate(result.project, lambda text: text.replace('"Lead Vox"', '"Renamed"').replace("Lead Vox", "Renamed"))
    imported = into_session(session, read_project(result.project))
    assert imported.matched["t2"] == "Renamed"
    assert imported.session is session
    assert imported.missing == []


RATIO = r"(<TRACK(?:.|\n)*?compressor.jsfx \"\"\n\s+\S+ )\S+"


def test_what_is_beyond_our_ranges_is_held_and_said(tmp_path: Path) -> None:
    session = song(tmp_path, 0.8)
    result = exported("reaper", session, tmp_path, tmp_path / "out")
    mutate(result.project, lambda text: re.sub(RATIO, r"\g<1>35", text, count=1))
    imported = into_session(session, read_project(result.project))
    assert imported.session.knob("t1.compressor.ratio").value == 20
    assert imported.left == ["t1.compressor.ratio = 35 is beyond our range; taken as 20.0:1"]


def test_a_locked_knob_moves_by_the_producer_s_own_hand(tmp_path: Path) -> None:
    session = by_hand(song(tmp_path, 0.8), **{"t1.fader.locked": True})
    result = exported("reaper", by_hand(session, **{"t1.fader.gain_db": -7.0}), tmp_path, tmp_path / "out")
    back = into_session(session, read_project(result.project)).session
    assert back.knob("t1.fader.gain_db").value == pytest.approx(-7.0, abs=1e-9)


# --- projects that we did not write ------------------------------------------------------------------------------

FOREIGN_RPP = """<REAPER_PROJECT 0.1 "6.80/win64" 1690000000
  <NOTES 0 2
    |a > b
  >
  RIPPLE 0
  PANLAW 0.70794578438414
  PANMODE 3
  SAMPLERATE 44100 0 0
  <RENDER_CFG
    ZXZhdxgAAQ==
  >
  MASTER_VOLUME 0.5 0 -1 -1 1
  <MASTERFXLIST
    BYPASS 0 0 0
    <VST "VST: ReaLimit (Cockos)" realimit.dll 0 "" 1919707508<5653547265
      ZXFlcu5e7f4CAAAAAQAAAAAAAAAC
    >
  >
  <TRACK {11111111-2222-3333-4444-555555555555}
    NAME "Gtr 'L' (DI)"
    VOLPAN 0.5 -0.4 -1 -1 1
    MUTESOLO 1 0 0
    ISBUS 1 1
    <FXCHAIN
      BYPASS 0 0 0
      <JS loser/3BandEQ ""
        0.000000 200.000000 - -
      >
      <VST "VST: ReaEQ (Cockos)" reaeq.dll 0 "" 1919247729 ""
        cWVlcu5e7f4CAAAA
        AAAQAAAA>>
      >
    >
    <VOLENV2
      PT 0 1 0
      PT 2 0.5 0
    >
    <ITEM
      POSITION 0.25
      LENGTH 0.5
      SOFFS 0.1
      MUTE 0 0
      VOLPAN 1 0 1 -1
      PLAYRATE 1 1 0 -1 0 0.0025
      <SOURCE WAVE
        FILE "Media\\\\gtr.wav"
      >
    >
    <ITEM
      POSITION 1
      LENGTH 0.25
      SOFFS 0
      PLAYRATE 1.5 1 0 -1 0 0.0025
      <SOURCE SECTION
        LENGTH 1
        <SOURCE WAVE
          FILE "gtr.wav"
        >
      >
    >
  >
  <TRACK
    NAME Keys
    VOLPAN 1 0 -1 -1 1
    AUXRECV 0 0 0.3 0 0 0 0 0 0 -1:U 0 -1 ''
    <ITEM
      POSITION 0
      <SOURCE MIDI
        HASDATA 1 960 QN
        E 0 90 3c 60
      >
    >
  >
  <TRACK
    NAME ""
    VOLPAN nonsense
    <ITEM
      POSITION 0
      LENGTH 1
      <SOURCE WAVE
        FILE "gone.wav"
      >
    >
    <ITEM
      POSITION 0
      LENGTH 1
      <SOURCE FLAC
        FILE "bass.flac"
      >
    >
"""

FOREIGN_ARDOUR = """<?xml version="1.0" encoding="UTF-8"?>
<Session version="3002" name="Old song" sample-rate="44100" id-counter="900">
  <Sources>
    <Source name="gtr-1%L.wav" type="audio" flags="" id="10" channel="0"/>
    <Source name="missing.wav" type="audio" flags="" id="11" channel="0"/>
  </Sources>
  <Routes>
    <Route id="1" name="master" default-type="audio" flags="MasterOut">
      <Controllable name="solo" id="2" flags="" value="0.0"/>
      <Processor id="3" name="Amp" active="yes" type="amp">
        <Controllable name="gaincontrol" id="4" value="0.5"/>
      </Processor>
    </Route>
    <Route id="20" name="Gtr" default-type="audio" mode="Normal">
      <MuteMaster mute-point="PostFader" muted="yes"/>
      <Pannable><Controllable name="pan-azimuth" id="21" flags="" value="0.25"/></Pannable>
      <Processor id="22" name="Amp" active="yes" type="amp">
        <Controllable name="gaincontrol" id="23" value="0.5"/>
      </Processor>
      <Processor id="24" name="Calf Reverb" active="yes" type="lv2" unique-id="http://calf"/>
      <Processor id="25" name="FX" active="yes" type="intsend" target="30" role="Aux"/>
    </Route>
    <Route id="30" name="FX bus" default-type="audio"/>
    <Route id="40" name="Vox" default-type="audio" audio-playlist="51"><Pannable/></Route>
    <Route/>
  </Routes>
  <Playlists>
    <Playlist id="50" name="Gtr.1" type="audio" orig-track-id="20">
      <Region name="gtr" muted="0" length="22050" position="11025" start="4410" source-0="10"/>
      <Region name="cut" muted="0" length="a70560000@a282240000" start="a0" source-0="10"/>
      <Region name="off" muted="1" length="100" position="0" start="0" source-0="10"/>
    </Playlist>
    <Playlist id="51" name="Vox.1" type="audio"><Region length="9" position="0" start="0" source-0="11"/></Playlist>
  </Playlists>
</Session>
"""

FOREIGN_DAWPROJECT = """<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<Project version="1.0">
  <Application name="Bitwig Studio" version="5.0"/>
  <Transport><Tempo max="666" min="20" unit="bpm" value="120" id="id0" name="Tempo"/></Transport>
  <Structure>
    <Track contentType="tracks" loaded="true" id="id1" name="Band">
      <Channel role="master" id="id2"><Volume unit="linear" value="1"/></Channel>
      <Track contentType="audio" loaded="true" id="id3" name="Gtr">
        <Channel audioChannels="2" destination="id2" role="regular" solo="true" id="id4">
          <Devices>
            <ClapPlugin deviceID="x" deviceName="Diva" deviceRole="audioFX"/>
            <Equalizer deviceName="EQ+" deviceRole="audioFX" id="id5">
              <Band type="bell"><Freq unit="hertz" value="500"/><Gain unit="decibel" value="3"/></Band>
              <Band type="notch"><Freq unit="semitones" value="69"/></Band>
              <Band type="highPass"><Freq unit="semitones" value="45"/></Band>
            </Equalizer>
          </Devices>
          <Mute value="false" id="id6"/>
          <Pan max="1" min="0" unit="normalized" value="0.75" id="id7"/>
          <Sends><Send destination="id99" type="pre" id="id8"><Volume unit="decibel" value="-6"/></Send></Sends>
          <Volume max="2" min="0" unit="decibel" value="-6" id="id9"/>
        </Channel>
      </Track>
      <Track contentType="notes" loaded="true" id="id10" name="Synth"/>
    </Track>
  </Structure>
  <Arrangement id="id20">
    <Lanes timeUnit="beats" id="id21">
      <Lanes track="id3" id="id22">
        <Clips id="id23">
          <Clip time="0.5" duration="1.0" playStart="0.1" contentTimeUnit="seconds">
            <Clips><Clip time="0" duration="1"><Warps contentTimeUnit="seconds" timeUnit="beats">
              <Audio channels="1" duration="2" sampleRate="44100" id="id24"><File path="audio/gtr.wav"/></Audio>
              <Warp time="0" contentTime="0"/>
            </Warps></Clip></Clips>
          </Clip>
          <Clip time="oops"><Notes/></Clip>
        </Clips>
      </Lanes>
    </Lanes>
  </Arrangement>
</Project>
"""


@pytest.fixture
def sound(tmp_path: Path) -> np.ndarray:
    """Two seconds of a ramp, so that each piece tells where it comes from."""
    ramp = np.linspace(0, 0.5, 2 * 44100, dtype=np.float32)
    (tmp_path / "Media").mkdir()
    (tmp_path / "interchange" / "x" / "audiofiles").mkdir(parents=True)
    places = ["Media/gtr.wav", "interchange/x/audiofiles/gtr-1%L.wav"]
    for place in places:
        soundfile.write(tmp_path / place, ramp, 44100, subtype="FLOAT")
    soundfile.write(tmp_path / "bass.flac", ramp[:44100], 44100)
    return ramp


def adopted(project: Path, to: Path) -> tuple[Imported, dict[str, np.ndarray]]:
    to.mkdir()
    imported = as_session(read_project(project), to)
    audio = {t.name: soundfile.read(to / t.path, dtype="float32")[0] for t in imported.session.tracks}
    return imported, audio


def test_a_reaper_project_of_somebody_else(tmp_path: Path, sound: np.ndarray) -> None:
    (tmp_path / "mix.rpp").write_text(FOREIGN_RPP, encoding="utf-8")
    imported, audio = adopted(tmp_path / "mix.rpp", tmp_path / "new")
    session = imported.session
    assert [track.name for track in session.tracks] == ["Gtr 'L' (DI)", "Track"]
    guitar = session.tracks[0]
    assert guitar.mute
    assert session.knob(f"{guitar.id}.fader.gain_db").value == pytest.approx(20 * math.log10(0.5))
    assert session.knob(f"{guitar.id}.panner.pan").value == -0.4
    assert session.knob("master.fader.gain_db").value == pytest.approx(20 * math.log10(0.5))
    taken = audio["Gtr 'L' (DI)"]
    assert len(taken) == round(1.25 * 44100)
    assert np.array_equal(taken[11025:33075], sound[4410:26460])
    assert np.array_equal(taken[44100:], sound[:11025])
    assert not taken[:11025].any()
    said = "\n".join(imported.left)
    for what in [
        "3BandEQ",
        "ReaEQ",
        "ReaLimit",
        "VOLENV2",
        "play rate",
        "MIDI",
        "gone.wav",
        "folder",
        "pan law",
        "send to Keys",
    ]:
        assert what in said
    assert "Keys: has no audio" in said


def test_an_ardour_session_of_somebody_else(tmp_path: Path, sound: np.ndarray) -> None:
    (tmp_path / "old.ardour").write_text(FOREIGN_ARDOUR, encoding="utf-8")
    imported, audio = adopted(tmp_path / "old.ardour", tmp_path / "new")
    (guitar,) = imported.session.tracks
    assert (guitar.name, guitar.mute) == ("Gtr", True)
    assert imported.session.knob(f"{guitar.id}.panner.pan").value < -0.3
    assert np.array_equal(audio["Gtr"][11025:33075], sound[4410:26460])
    assert np.array_equal(audio["Gtr"][44100:55125], sound[:11025])
    said = "\n".join(imported.left)
    for what in ["Calf Reverb", "send to FX bus", "Vox: has no audio", "missing.wav"]:
        assert what in said


def test_a_dawproject_of_somebody_else(tmp_path: Path, sound: np.ndarray) -> None:
    with zipfile.ZipFile(tmp_path / "b.dawproject", "w") as archive:
        archive.writestr("project.xml", FOREIGN_DAWPROJECT)
        archive.write(tmp_path / "Media" / "gtr.wav", "audio/gtr.wav")
    imported, audio = adopted(tmp_path / "b.dawproject", tmp_path / "new")
    session = imported.session
    (guitar,) = session.tracks
    assert (guitar.name, guitar.solo) == ("Gtr", True)
    assert session.knob(f"{guitar.id}.fader.gain_db").value == pytest.approx(-6)
    assert session.knob(f"{guitar.id}.panner.pan").value == 0.5
    assert session.knob(f"{guitar.id}.equalizer.peak1_hz").value == 500
    assert session.knob(f"{guitar.id}.equalizer.peak1_gain_db").value == 3
    assert session.knob(f"{guitar.id}.equalizer.highpass_hz").value == pytest.approx(110)
    assert np.array_equal(audio["Gtr"][11025:33075], sound[4410:26460])  # half a beat at 120 bpm is a quarter second
    said = "\n".join(imported.left)
    for what in ["Diva", "notch", "stretching", "no audio", "another channel"]:
        assert what in said


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.rpp", "hello"),
        ("a.rpp", ""),
        ("a.ardour", "<Session"),
        ("a.ardour", "<Other/>"),
        ("a.dawproject", "PK nothing"),
    ],
)
def test_what_is_no_project_is_one_line(name: str, text: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text(text, encoding="utf-8")
    with pytest.raises(SessionError, match="cannot be read") as error:
        read_project(tmp_path / name)
    assert "\n" not in str(error.value)


def test_missing_files_unknown_endings_and_empty_projects(tmp_path: Path) -> None:
    with pytest.raises(SessionError, match="cannot be read"):
        read_project(tmp_path / "none.rpp")
    with pytest.raises(UsageError, match=r"use one of \.rpp, \.dawproject, \.ardour"):
        read_project(tmp_path / "song.als")
    (tmp_path / "empty.rpp").write_text("<REAPER_PROJECT 0.1\n>", encoding="utf-8")
    with pytest.raises(SessionError, match="no track has audio"):
        as_session(read_project(tmp_path / "empty.rpp"), tmp_path)
    session = Session(name="s", sample_rate=44100, tracks=[make_track("kick")])
    imported = into_session(session, read_project(tmp_path / "empty.rpp"))
    assert (imported.session is session, imported.missing) == (True, ["kick"])


@pytest.mark.parametrize("kind", PROGRAMS)
def test_cut_off_projects_are_read_or_refused(kind: str, tmp_path: Path) -> None:
    """Whatever is missing at the end, it is a session or one line; never another exception."""
    session = everything_on(song(tmp_path, 0.8), 3)
    project = exported(kind, session, tmp_path, tmp_path / "out").project
    data = project.read_bytes()
    for share in np.linspace(0, 0.999, 23):
        project.write_bytes(data[: int(share * len(data))])
        try:
            into_session(session, read_project(project))
        except SessionError as error:
            assert "cannot be read" in str(error)  # noqa: PT017  # either outcome is right
