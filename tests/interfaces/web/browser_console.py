"""The browser's console run offline in Chromium: sound in, sound out, as the tests of other realisations have it."""

from __future__ import annotations

import base64
import io
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import soundfile

from interfaces.dsp.worklet_script import schema, worklet_text
from interfaces.web.page import module_text
from mixer.arrays import F32
from mixer.console import ChainValues, Settings, Source, mix_array
from mixer.lookahead import Lookahead
from mixer.render import settings as settings_of
from mixer.session import Session
from tests.chromium import Chromium
from tests.sessions import make_track
from tests.signals import RATE, difference_db

_PREPARE = """
async (texts) => {
  const url = (text) => `data:text/javascript;charset=utf-8,${encodeURIComponent(text)}`;
  window.url = url;
  window.bytes = (text) => Uint8Array.from(atob(text), (c) => c.charCodeAt(0)).buffer;
  window.urls = {worklet: url(texts.worklet), response: url(texts.response)};
  window.Engine = (await import(url(texts.engine))).Engine;
  window.schema = texts.schema;
  window.text = (floats) => {
    const raw = new Uint8Array(floats.buffer, floats.byteOffset, floats.byteLength);
    let said = '';
    for (let n = 0; n < raw.length; n += 32768) said += String.fromCharCode(...raw.subarray(n, n + 32768));
    return btoa(said);
  };
}
"""
_RENDER = """
async ({session, audio, frames, loudness, reference, during, worklet}) => {
  const context = new OfflineAudioContext(2, frames, session.sample_rate);
  const engine = new Engine({schema, context, ...urls, ...(worklet && {worklet: url(worklet)})});
  const sources = Object.fromEntries(Object.entries(audio).map(([id, text]) => [id, bytes(text)]));
  const meters = [];
  engine.addEventListener('meters', () => meters.push({strips: engine.meters.strips, ...engine.meters.master}));
  await engine.load(session, sources, {loudness, reference: reference && bytes(reference)});
  if (!during) await engine.play();
  else await eval(during)(engine, context);
  await engine.settled();
  const start = performance.now();
  const done = await context.startRendering();
  const seconds = (performance.now() - start) / 1000;
  await engine.close();
  return {seconds, meters, sides: [0, 1].map((side) => text(done.getChannelData(side)))};
}
"""


@dataclass(frozen=True, slots=True)
class Heard:
    """What came out, late by the limiter's latency, how long that took, and what the meters said on the way."""

    audio: F32
    seconds: float
    meters: list[dict[str, Any]]


def prepare(browser: Chromium, folder: Path) -> None:
    """Load the engine into an empty page on disk."""
    page = folder / "blank.html"
    page.write_text("<!doctype html><title>test</title>", encoding="utf-8")
    browser.open(page.as_uri())
    browser.run(
        _PREPARE,
        {
            "worklet": worklet_text("console"),
            "response": worklet_text("response"),
            "engine": module_text("engine.js"),
            "schema": schema(),
        },
    )


def wav(audio: F32, sample_rate: int) -> str:
    """Audio ``[channels, n]`` as the base64 of a float WAV."""
    file = io.BytesIO()
    soundfile.write(file, audio.T, sample_rate, format="WAV", subtype="FLOAT")
    return base64.b64encode(file.getvalue()).decode()


def render_in_browser(
    browser: Chromium,
    session: Session,
    audio: Mapping[str, F32],
    frames: int,
    *,
    reference: F32 | None = None,
    loudness: Mapping[str, float] | None = None,
    during: str | None = None,
    worklet: str | None = None,
) -> Heard:
    """What the engine makes of a session and its tracks ``[channels, n]``: ``[2, frames]``.

    ``during`` is a JavaScript function of engine and context that says what happens instead of pressing play;
    ``worklet`` a mutation of the worklet's text.
    """
    rate = session.sample_rate
    given = {
        "session": json.loads(session.model_dump_json(by_alias=True)),
        "audio": {key: wav(sound, rate) for key, sound in audio.items()},
        "frames": frames,
        "reference": None if reference is None else wav(reference, rate),
        "loudness": dict(loudness or {}),
        "during": during,
        "worklet": worklet,
    }
    answer = browser.run(_RENDER, given, timeout_s=300)
    sides = [np.frombuffer(base64.b64decode(side), "<f4") for side in answer["sides"]]
    return Heard(np.stack(sides), answer["seconds"], answer["meters"])


def latency_frames(sample_rate: int) -> int:
    """By how much the browser's console is always late: as a limiter that is switched on."""
    return Lookahead(sample_rate, 2, 1.0, 0.0).latency


def session_of(tracks: Mapping[str, F32], settings: Settings, sample_rate: int = RATE) -> Session:
    """A session of these tracks ``[channels, n]`` at these settings."""

    def stored(values: ChainValues) -> dict[str, Any]:
        return {name: {"knobs": {knob: {"value": value} for knob, value in of.items()}} for name, of in values.items()}

    made = [
        make_track(
            key,
            channels=sound.shape[0],
            frames=sound.shape[1],
            sample_rate=sample_rate,
            settings=stored(settings.tracks.get(key, {})),
        )
        for key, sound in tracks.items()
    ]
    ends = {"reverb": stored(settings.reverb), "master": stored(settings.master)}
    return Session.model_validate({"name": "Song", "sample_rate": sample_rate, "tracks": made, **ends})


def rendered_by_console(session: Session, tracks: Mapping[str, F32]) -> F32:
    """What the render path makes of it."""
    audible = {track.id for track in session.audible_tracks()}
    sources = [Source.of_array(key, sound) for key, sound in tracks.items() if key in audible]
    return mix_array(sources, settings_of(session), session.sample_rate)


def browser_difference_db(
    browser: Chromium, session: Session, tracks: Mapping[str, F32], worklet: str | None = None
) -> float:
    """How far the browser is from the render path, tails included."""
    wanted = rendered_by_console(session, tracks)
    late = latency_frames(session.sample_rate)
    heard = render_in_browser(browser, session, tracks, wanted.shape[1] + late, worklet=worklet)
    return difference_db(heard.audio[:, late:], wanted)
