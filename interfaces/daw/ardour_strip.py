"""One target of the console as Ardour's processors, and how exactly each of its knobs arrives there."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from interfaces.daw.ardour_law import FADER_LIMIT_DB, Placed, placed
from interfaces.daw.ardour_stock import stock_compressor, stock_equalizer
from interfaces.daw.ardour_xml import Plugin, Send
from interfaces.daw.exporter import Carried, Status
from interfaces.daw.rows import at_rest
from interfaces.dsp.lua_script import lua_script
from mixer.knobs import ProcessorSettings, target_chain
from mixer.processor import Values, find
from mixer.processors.fader import LEVEL
from mixer.session import Session

NAMES = {
    "equalizer": "Equalizer (Faderwise)",
    "compressor": "Compressor (Faderwise)",
    "level": "Width, Gain (Faderwise)",
    "reverb": "Reverb (Faderwise)",
    "limiter": "Limiter (Faderwise)",
}
"""What the processors of our scripts are called in a session; one is found again by it."""
RESPONSE = "externals/reverb.wav"


@dataclass(slots=True)
class Strip:
    """What a route is made of, gathered processor by processor."""

    plugins: list[Plugin] = field(default_factory=list)
    rows: list[Carried] = field(default_factory=list)
    place: Placed = field(default_factory=lambda: Placed(1.0, 0.5, 0.0))
    send: Send | None = None


class Chain:
    """Turns the processors of one target into a strip.

    Args:
        channels: of the track; 2 for the master.
        wet: whether there is a reverb bus to send to.
        stock: take Ardour's own processors where they can do the same.
    """

    def __init__(self, session: Session, target: str, channels: int, *, wet: bool, stock: bool) -> None:
        self._session, self._target, self._channels = session, target, channels
        self._wet, self._stock = wet, stock
        self._strip = Strip()

    def build(self) -> Strip:
        """The strip; every knob of the target has its row."""
        known = {
            "equalizer": self._equalizer,
            "compressor": self._compressor,
            "fader": self._fader,
            "panner": self._panner,
            "send": self._send,
            "limiter": self._limiter,
        }
        if self._target == "reverb":
            known = {"reverb": self._reverb}
        for name in target_chain(self._target):
            if name in known:
                known[name]()
            else:
                self._row(name, "not carried", "Ardour has no such processor, and this export has no script for it")
        return self._strip

    # --- what is there to carry

    def _values(self, processor: str) -> dict[str, float]:
        """All knobs, also of a bypassed processor, which can be switched on again over there."""
        knobs = target_chain(self._target)[processor].knobs
        return {knob: self._session.knob(f"{self._target}.{processor}.{knob}").value for knob in knobs}

    def _bypassed(self, processor: str) -> bool:
        return self._session.target_settings(self._target).get(processor, ProcessorSettings()).bypass

    def _row(self, processor: str, status: Status, note: str = "", knobs: Iterable[str] | None = None) -> None:
        names = target_chain(self._target)[processor].knobs if knobs is None else knobs
        self._strip.rows += [Carried(self._target, f"{processor}.{knob}", status, note) for knob in names]

    def _stock_row(self, processor: str, note: str, knobs: Iterable[str] | None = None) -> None:
        rests = at_rest(self._session, self._target, processor)
        self._row(processor, "exact" if rests else "approximate", "" if rests else note, knobs)

    def _bypass_row(self, processor: str) -> None:
        if self._bypassed(processor):
            self._strip.rows.append(Carried(self._target, f"{processor}.bypass", "exact"))

    def _script(self, name: str, values: Values, *, active: bool = True) -> Plugin:
        script = lua_script(name)
        ports = {str(port): values[knob.param.name] for port, knob in enumerate(script.knobs)}
        return Plugin(NAMES[name], ports, script=script.text, active=active)

    # --- the processors

    def _equalizer(self) -> None:
        values, active = self._values("equalizer"), not self._bypassed("equalizer")
        found = stock_equalizer(values, self._session.sample_rate) if self._stock else None
        if found is None or found.ports is None:
            self._strip.plugins.append(self._script("equalizer", values, active=active))
            self._row("equalizer", "exact", found.note if found else "")
        else:
            if found.high_pass_alone is not None:
                self._strip.plugins.append(self._script("equalizer", found.high_pass_alone, active=active))
            self._strip.plugins.append(Plugin("ACE EQ", found.ports, uri="urn:ardour:a-eq", active=active))
            self._row("equalizer", "exact", "as our script: a-eq has no high-pass", ["highpass_hz"])
            self._stock_row("equalizer", found.note, [knob for knob in values if knob != "highpass_hz"])
        self._bypass_row("equalizer")

    def _compressor(self) -> None:
        values, active = self._values("compressor"), not self._bypassed("compressor")
        found = stock_compressor(values) if self._stock else None
        if found is None or found.ports is None:
            self._strip.plugins.append(self._script("compressor", values, active=active))
            self._row("compressor", "exact", found.note if found else "")
        else:
            uri = "urn:ardour:a-comp" + ("#stereo" if self._channels == 2 else "")
            self._strip.plugins.append(Plugin("ACE Compressor", found.ports, uri=uri, active=active))
            self._stock_row("compressor", found.note)
        self._bypass_row("compressor")

    def _fader(self) -> None:
        gain_db = 0.0 if self._bypassed("fader") else self._values("fader")["gain_db"]
        pan = 0.0
        if self._target != "master" and not self._bypassed("panner"):
            pan = self._values("panner")["pan"]
        needed = self._level_is_needed()
        place = placed(gain_db, pan, self._channels, scripted=needed)
        if place.trim_db and not needed:
            needed, place = True, placed(gain_db, pan, self._channels, scripted=True)
        self._strip.place = place
        if needed:
            values = {"width": self._width(), "gain_db": place.trim_db}
            self._strip.plugins.append(self._script("level", values))
        if self._bypassed("fader"):
            self._row("fader", "not carried", "bypassed here, so Ardour's fader stands at 0 dB and the value is lost")
            self._bypass_row("fader")
        elif place.trim_db:
            note = f"Ardour's fader ends at +{FADER_LIMIT_DB:g} dB; the rest is Gain in {NAMES['level']}"
            self._row("fader", "exact", note)
        elif self._channels == 1 and not needed:
            self._row("fader", "exact", "reads about 3 dB more in Ardour, whose panner takes that away at the centre")
        else:
            self._row("fader", "exact")

    def _level_is_needed(self) -> bool:
        if self._stock or self._target == "master":
            return self._width() != 1.0
        return True

    def _width(self) -> float:
        if self._target == "master" or self._channels == 1 or self._bypassed("panner"):
            return 1.0
        return self._values("panner")["width"]

    def _panner(self) -> None:
        if self._bypassed("panner"):
            self._row(
                "panner", "not carried", "bypassed here, so Ardour's panner stands at the centre, the value is lost"
            )
            self._bypass_row("panner")
            return
        law = "Ardour's own panner and fader, set so that both sides have exactly our gain"
        self._row("panner", "exact", law if self._channels == 1 else "", ["pan"])
        if self._channels == 1:
            self._row("panner", "exact", "without effect on a mono track", ["width"])
        else:
            self._row("panner", "exact", f"in {NAMES['level']}" if self._width() != 1 else "", ["width"])

    def _send(self) -> None:
        level_db = self._values("send")["level_db"]
        if not self._wet:
            note = "" if LEVEL.is_off(level_db) else "the reverb is bypassed"
            self._row("send", "exact" if not note else "not carried", note)
            return
        gain = 0.0 if LEVEL.is_off(level_db) else 10 ** (level_db / 20)
        self._strip.send = Send(gain, active=not self._bypassed("send"))
        self._row("send", "exact")
        self._bypass_row("send")

    def _limiter(self) -> None:
        active = not self._bypassed("limiter")
        script = self._script("limiter", self._values("limiter"), active=active)
        latency = find("limiter").render(self._session.sample_rate, 2, {"active": 1.0}).latency
        self._strip.plugins.append(replace(script, post_fader=True, latency=latency))
        self._row("limiter", "exact", "as our script: Ardour has none of its own" if self._stock else "")
        self._bypass_row("limiter")

    def _reverb(self) -> None:
        if self._wet:
            self._strip.plugins.append(self._script("reverb", {}))
            self._row("reverb", "exact", f"as the impulse response {RESPONSE}; export again for another room")
        else:
            self._row("reverb", "not carried", "no track sends to the reverb, so there is no bus for it")
        self._bypass_row("reverb")
