ardour {
	["type"] = "dsp", name = "Faderwise Equalizer", category = "EQ", author = "Faderwise", license = "Apache-2.0",
	description = [[High-pass, low shelf, four peaks, high shelf: Audio EQ Cookbook biquads; flat bands are out of the circuit]]
}

--@knobs equalizer

local BUTTERWORTH_Q = math.sqrt(0.5)
local rate, channels = 48000, 0
local seen, bands, state = {}, {}, {}

function dsp_ioconfig () return { { audio_in = -1, audio_out = -1 } } end
function dsp_params () return KNOBS end
function dsp_init (sample_rate) rate = sample_rate end

function dsp_configure (ins, outs)
	channels, seen, state = outs:n_audio (), {}, {}
	for c = 1, channels do
		state[c] = {}
		for band = 1, 7 do state[c][band] = { 0, 0 } end
	end
end

-- Audio EQ Cookbook (R. Bristow-Johnson), as output gain b0, what the input adds to the two states, and a1, a2
local function section (b0, b1, b2, a0, a1, a2)
	b0, b1, b2, a1, a2 = b0 / a0, b1 / a0, b2 / a0, a1 / a0, a2 / a0
	return { b0, b1 - a1 * b0, b2 - a2 * b0, a1, a2 }
end

local function angles (hz, q)
	local w = 2 * math.pi * math.min (hz, 0.49 * rate) / rate
	return math.cos (w), math.sin (w) / (2 * q)
end

local function high_pass (hz)
	local c, alpha = angles (hz, BUTTERWORTH_Q)
	return section ((1 + c) / 2, -(1 + c), (1 + c) / 2, 1 + alpha, -2 * c, 1 - alpha)
end

local function peak (gain_db, hz, q)
	local A = 10 ^ (gain_db / 40)
	local c, alpha = angles (hz, q)
	return section (1 + alpha * A, -2 * c, 1 - alpha * A, 1 + alpha / A, -2 * c, 1 - alpha / A)
end

-- a high shelf is a low shelf with the spectrum mirrored: cos w turns its sign, and so do the odd coefficients
local function shelf (gain_db, hz, side)
	local A = 10 ^ (gain_db / 40)
	local c, alpha = angles (hz, BUTTERWORTH_Q)
	local root = 2 * math.sqrt (A) * alpha
	c = side * c
	return section (
		A * ((A + 1) - (A - 1) * c + root), side * 2 * A * ((A - 1) - (A + 1) * c), A * ((A + 1) - (A - 1) * c - root),
		(A + 1) + (A - 1) * c + root, side * -2 * ((A - 1) + (A + 1) * c), (A + 1) + (A - 1) * c - root)
end

local function design (at)
	bands = {}
	local function add (band, gain_db, make)
		if gain_db ~= 0 then bands[#bands + 1] = { band, make } end
	end
	if at[AT.highpass_hz] > KNOBS[AT.highpass_hz].min then add (1, 1, high_pass (at[AT.highpass_hz])) end
	add (2, at[AT.low_gain_db], shelf (at[AT.low_gain_db], at[AT.low_hz], 1))
	for i = 1, 4 do
		local gain_db = at[AT["peak" .. i .. "_gain_db"]]
		add (2 + i, gain_db, peak (gain_db, at[AT["peak" .. i .. "_hz"]], at[AT["peak" .. i .. "_q"]]))
	end
	add (7, at[AT.high_gain_db], shelf (at[AT.high_gain_db], at[AT.high_hz], -1))
end

local function settled (value) return math.abs (value) < 1e-30 and 0 or value end

local function filter (x, n_samples, s, q)
	local b0, c1, c2, a1, a2 = q[1], q[2], q[3], q[4], q[5]
	local z1, z2 = s[1], s[2]
	for i = 1, n_samples do
		local v = x[i]
		x[i] = b0 * v + z1
		z1, z2 = c1 * v - a1 * z1 + z2, c2 * v - a2 * z1
	end
	s[1], s[2] = settled (z1), settled (z2)
end

-- two bands at once spare reading and writing the samples in between
local function filter_pair (x, n_samples, s, q, t, r)
	local b0, c1, c2, a1, a2 = q[1], q[2], q[3], q[4], q[5]
	local d0, e1, e2, f1, f2 = r[1], r[2], r[3], r[4], r[5]
	local z1, z2, y1, y2 = s[1], s[2], t[1], t[2]
	for i = 1, n_samples do
		local v = x[i]
		local u = b0 * v + z1
		z1, z2 = c1 * v - a1 * z1 + z2, c2 * v - a2 * z1
		x[i] = d0 * u + y1
		y1, y2 = e1 * u - f1 * y1 + y2, e2 * u - f2 * y1
	end
	s[1], s[2], t[1], t[2] = settled (z1), settled (z2), settled (y1), settled (y2)
end

local function ringing (states)
	for band = 1, 7 do
		if states[band][1] ~= 0 or states[band][2] ~= 0 then return true end
	end
	return false
end

function dsp_run (ins, outs, n_samples)
	local ports, moved = CtrlPorts:array (), false
	for i = 1, #KNOBS do
		if seen[i] ~= ports[i] then seen[i], moved = ports[i], true end
	end
	if moved then design (seen) end
	for c = 1, channels do
		local s = state[c]
		if #bands == 0 or (ARDOUR.DSP.compute_peak (ins[c], n_samples, 0) == 0 and not ringing (s)) then
			if ins[c] ~= outs[c] then ARDOUR.DSP.copy_vector (outs[c], ins[c], n_samples) end
		else
			local x = ins[c]:get_table (n_samples)
			for k = 1, #bands - 1, 2 do
				filter_pair (x, n_samples, s[bands[k][1]], bands[k][2], s[bands[k + 1][1]], bands[k + 1][2])
			end
			local last = bands[#bands]
			if #bands % 2 == 1 then filter (x, n_samples, s[last[1]], last[2]) end
			outs[c]:set_table (x, n_samples)
		end
	end
end
