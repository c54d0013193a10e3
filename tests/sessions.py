"""Sessions to test with, and random ones."""

from __future__ import annotations

from hypothesis import strategies as st
from pydantic import JsonValue

from mixer.knobs import PLACES, target_chain
from mixer.roles import Role
from mixer.session import Edit, Session, Track

SHA = "0" * 64


def make_track(track_id: str, name: str | None = None, **fields: object) -> Track:
    given: dict[str, object] = {
        "id": track_id,
        "name": name or track_id,
        "path": f"{track_id}.wav",
        "sha256": SHA,
        "sample_rate": 44100,
        "channels": 1,
        "frames": 44100,
        "role": "kick",
        "role_origin": "name",
        "role_confidence": 0.9,
        **fields,
    }
    return Track.model_validate(given)


def make_session(*tracks: Track) -> Session:
    default = (make_track("kick", "Kick"), make_track("ldvox", "LdVox", role="lead_vocal", channels=2))
    return Session(name="Song", sample_rate=44100, tracks=list(tracks or default))


@st.composite
def knob_edits(draw: st.DrawFn, session: Session) -> Edit:
    """A move of any knob of the session to any value in its range, with any source and reason."""
    target = draw(st.sampled_from(session.targets))
    entry = draw(st.sampled_from(list(target_chain(target).values())))
    param = draw(st.sampled_from(entry.params))
    values = st.sampled_from([0.0, 1.0]) if param.scale == "switch" else st.floats(param.low, param.high)
    value = draw(values)
    knob: dict[str, JsonValue] = {
        "value": value,
        "source": draw(st.sampled_from(["prior", "reference", "user"])),
        "reason": draw(st.sampled_from(["", "too loud", "трудно 歌"])),
    }
    address = f"{target}.{entry.name}.{param.name}"
    whole = draw(st.booleans())
    return Edit(address=address, before=None, after=knob) if whole else Edit(address=address, before=None, after=value)


@st.composite
def flag_edits(draw: st.DrawFn, session: Session) -> Edit:
    """A change of a flag, name, role, bypass, lock, of the asked loudness or of what the user said."""
    tracks = [track.id for track in session.tracks]
    flags = [f"{track}.{flag}" for track in tracks for flag in ("mute", "solo", "locked")]
    flags += [
        f"{target}.{name}.{flag}"
        for target in (*tracks, *PLACES)
        for name in target_chain(target)
        for flag in ("bypass", "locked")
    ]
    on = st.builds(lambda address, after: (address, after), st.sampled_from(flags), st.booleans())
    roles = st.tuples(st.sampled_from([f"{track}.role" for track in tracks]), st.sampled_from([r.value for r in Role]))
    names = st.tuples(st.sampled_from([f"{track}.name" for track in tracks]), st.text(st.characters(codec="utf-8")))
    loudness = st.tuples(st.just("session.loudness_lufs"), st.floats(-40, -5))
    prompts: list[JsonValue] = [{"prompt": ""}, {"prompt": "warmer"}]
    context = st.tuples(st.just("session.context"), st.sampled_from(prompts))
    address, after = draw(st.one_of(on, roles, names, loudness, context))
    return Edit(address=address, before=None, after=after)


def any_edits(session: Session) -> st.SearchStrategy[list[Edit]]:
    return st.lists(st.one_of(knob_edits(session), flag_edits(session)), max_size=12)
