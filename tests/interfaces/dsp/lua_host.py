"""A host for Ardour's DSP scripts without Ardour: Lua 5.3 with as much of Ardour's interface as our scripts call."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from lupa import lua53
from scipy.signal import fftconvolve

from mixer.arrays import F32
from mixer.processor import Values

_INTERFACE = """
local described
function ardour (about) described = about end
local Buffer = {}
Buffer.__index = Buffer
function Buffer:get_table (n) return table.move (self.samples, 1, n, 1, {}) end
function Buffer:set_table (t, n) table.move (t, 1, n, 1, self.samples) end
local Channels = { n_audio = function (self) return self.count end }
Channels.__index = Channels
function new_buffer (samples) return setmetatable ({ samples = samples }, Buffer) end
function new_channels (count) return setmetatable ({ count = count }, Channels) end
function about () return described end
ARDOUR = { DSP = { IRChannelConfig = { MonoToStereo = 1 }, IRSettings = function () return {} end } }
function ARDOUR.DSP.copy_vector (to, from, n) table.move (from.samples, 1, n, 1, to.samples) end
function ARDOUR.DSP.compute_peak (buffer, n, highest)
	for i = 1, n do highest = math.max (highest, math.abs (buffer.samples[i])) end
	return highest
end
function ARDOUR.DSP.mix_buffers_no_gain (to, from, n)
	for i = 1, n do to.samples[i] = to.samples[i] + from.samples[i] end
end
function ARDOUR.DSP.apply_gain_to_buffer (buffer, n, gain)
	for i = 1, n do buffer.samples[i] = gain * buffer.samples[i] end
end
Session = { path = function () return "/session" end }
"""


class LuaHost:
    """One script, configured for a rate and a number of channels, and fed with blocks."""

    def __init__(
        self, text: str, rate: int, channels: int, ports: Sequence[float], response: F32 | None = None
    ) -> None:
        self._lua: Any = lua53.LuaRuntime(unpack_returned_tuples=True)
        self._lua.execute(_INTERFACE)
        self._globals: Any = self._lua.globals()
        if response is not None:
            self._globals.ARDOUR.DSP.Convolver = lambda *_: _Convolver(response)
        controls = self._lua.table_from([float(np.float32(port)) for port in ports])
        self._globals.CtrlPorts = self._lua.table_from({"array": lambda *_: controls})
        self._lua.execute(text)
        if self._globals.dsp_init is not None:
            self._globals.dsp_init(rate)
        count = self._globals.new_channels(channels)
        self._globals.dsp_configure(count, count)

    @property
    def latency(self) -> int:
        """What the script reports."""
        return int(self._globals.dsp_latency()) if self._globals.dsp_latency is not None else 0

    @property
    def params(self) -> list[dict[str, Any]]:
        """The knobs as the script declares them."""
        return [dict(row) for row in self._globals.dsp_params().values()]

    def __call__(self, audio: F32, block: int = 1024) -> F32:
        """The whole of ``[channels, time]`` through the script, its latency taken off."""
        late = self.latency
        padded = np.pad(audio, ((0, 0), (0, late)))
        out = np.empty_like(padded)
        for start in range(0, padded.shape[1], block):
            piece = padded[:, start : start + block]
            buffers = [self._globals.new_buffer(self._lua.table_from(row.tolist())) for row in piece]
            table = self._lua.table_from(buffers)
            self._globals.dsp_run(table, table, piece.shape[1])
            for channel, buffer in enumerate(buffers):
                out[channel, start : start + block] = list(buffer.samples.values())
        return out[:, late:]


class _Convolver:
    """Ardour's convolver in its mono-to-stereo configuration, in float64."""

    def __init__(self, response: F32) -> None:
        self._response = response.astype(np.float64)
        self._ringing = np.zeros((2, response.shape[1] - 1))

    def run_stereo_no_latency(self, left: Any, right: Any, count: int) -> None:
        wet = fftconvolve(np.array(list(left.samples.values()))[None], self._response, axes=1)
        wet[:, : self._ringing.shape[1]] += self._ringing
        self._ringing = wet[:, count:]
        for channel, buffer in enumerate((left, right)):
            for index, value in enumerate(wet[channel, :count].tolist(), 1):
                buffer.samples[index] = value


def ports(knobs: Sequence[Any], values: Values) -> list[float]:
    """Control ports in a script's order; knobs that are left out stand at their defaults."""
    return [values.get(knob.param.name, knob.param.default) for knob in knobs]
