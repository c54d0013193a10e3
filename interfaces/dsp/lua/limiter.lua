ardour {
	["type"] = "dsp", name = "Faderwise Limiter", category = "Dynamics", author = "Faderwise", license = "Apache-2.0",
	description = [[Look-ahead, true peak, all channels together; what stays under the ceiling passes unchanged]]
}

--@knobs limiter

local OVERSAMPLING, ATTACK_S, PLATEAU, NEAR = 8, 0.003, 16, 0.85
local MARGIN = 1 - 10 ^ (-0.05 / 20)
local DESIGNS = { { 20, 5.0, 1.0 }, { 64, 5.0, 1.0 }, { 96, 6.0, 0.955 }, { 192, 5.0, 1.0 } } -- taps, Kaiser beta, cutoff
local TILE = 64

local rate, channels = 48000, 0
local window, hold, latency, half, rows, narrow, reach, bound = {}, 0, 0, 0, {}, 0, 0, 0
local held -- what the limiter remembers from block to block

local function bessel (x)
	local sum, term, k = 1, 1, 1
	while term > 1e-17 * sum do
		term = term * (x / (2 * k)) ^ 2
		sum, k = sum + term, k + 1
	end
	return sum
end

local function sinc (x)
	if x == 0 then return 1 end
	return math.sin (math.pi * x) / (math.pi * x)
end

-- windowed sincs that read the waveform between two samples, each as its first place in the common span and its taps
local function interpolators ()
	rows, half, bound = {}, 0, 0
	for _, design in ipairs (DESIGNS) do half = math.max (half, design[1] // 2) end
	for which, design in ipairs (DESIGNS) do
		local length, beta, cutoff = design[1], design[2], design[3]
		for phase = (cutoff == 1 and 1 or 0), OVERSAMPLING - 1 do
			local taps, sum = {}, 0
			for i = 0, length - 1 do
				local distance = phase / OVERSAMPLING - (i - length // 2 + 1)
				local inside = math.max (0, 1 - (2 * distance / length) ^ 2)
				taps[i + 1] = cutoff * sinc (cutoff * distance) * bessel (beta * math.sqrt (inside)) / bessel (beta)
				sum = sum + math.abs (taps[i + 1])
			end
			rows[#rows + 1] = { half - length // 2, taps, length }
			if which == 1 then narrow, reach, bound = #rows, length // 2, math.max (bound, sum * (1 + 1e-6)) end
		end
	end
end

local function forget ()
	held = { audio = {}, wanted = {}, first = 1, last = 0, now = 0, state = 0.0, released = {}, busy = 0, silence = 0 }
	for c = 1, channels do
		held.audio[c] = {}
		for i = 1, latency do held.audio[c][i] = 0.0 end
	end
	for i = 1, #window do held.released[i] = 0.0 end
end

function dsp_ioconfig () return { { audio_in = -1, audio_out = -1 } } end
function dsp_params () return KNOBS end

function dsp_init (sample_rate)
	rate = sample_rate
	interpolators ()
	local length, sum = 4 * math.max (1, math.floor (ATTACK_S * rate / 4 + 0.5)), 0
	for i = 1, length do
		window[i] = math.sin (math.pi * (i - 0.5) / length) ^ 2
		sum = sum + window[i]
	end
	for i = 1, length do window[i] = window[i] / sum end
	hold = length + 2 * PLATEAU + 1
	latency = half + length - 1 + PLATEAU
end

function dsp_latency () return latency end

function dsp_configure (ins, outs)
	channels = outs:n_audio ()
	forget ()
end

-- largest absolute reading of some rows around the sample that is half behind position n
local function reading (audio, n, from, to)
	local largest, abs = 0, math.abs
	for c = 1, channels do
		local x = audio[c]
		for r = from, to do
			local row = rows[r]
			local at, taps, sum = n + row[1], row[2], 0.0
			for j = 1, row[3], 4 do
				local k = at + j
				sum = sum + (taps[j] * x[k] + taps[j + 1] * x[k + 1]) + (taps[j + 2] * x[k + 2] + taps[j + 3] * x[k + 3])
			end
			sum = abs (sum)
			if sum > largest then largest = sum end
		end
	end
	return largest
end

local function reduction_for (peak, ceiling)
	if peak <= ceiling then return 0.0 end
	if peak < ceiling * (1 + MARGIN) then return 2 * (peak - ceiling) / peak end
	return 1 - ceiling * (1 - MARGIN) / peak
end

local function loudest (audio, from, to)
	local level, abs = 0, math.abs
	for c = 1, channels do
		local x = audio[c]
		for i = from, to do
			local v = abs (x[i])
			if v > level then level = v end
		end
	end
	return level
end

-- reduction that each new sample asks for; nil where a whole block asks for none
local function wanted_reductions (audio, past, n_samples, ceiling)
	local wanted = nil
	for start = 1, n_samples, TILE do
		local stop = math.min (start + TILE - 1, n_samples)
		local top = past - 2 * half -- sample i of the block is read from the span top + i + 1 .. top + i + 2 half
		local level = loudest (audio, top + start + half - reach + 1, top + stop + half + reach)
		if level * bound > NEAR * ceiling then
			wanted = wanted or {}
			for i = start, stop do
				local n = top + i
				local peak = math.max (reading (audio, n, 1, narrow), loudest (audio, n + half, n + half))
				if peak > NEAR * ceiling then peak = math.max (peak, reading (audio, n, narrow + 1, #rows)) end
				wanted[i] = reduction_for (peak, ceiling)
			end
		end
	end
	return wanted
end

-- largest reduction of the last hold samples: a queue that only ever falls
local function longest_hold (value)
	local queue = held.wanted
	held.now = held.now + 1
	while held.last >= held.first and queue[held.last][2] <= value do
		queue[held.last] = nil
		held.last = held.last - 1
	end
	held.last = held.last + 1
	queue[held.last] = { held.now, value }
	if queue[held.first][1] <= held.now - hold then
		queue[held.first] = nil
		held.first = held.first + 1
	end
	return queue[held.first][2]
end

local function smoothed (released, stop)
	local sum, length = 0.0, #window
	local from = stop - length
	for j = 1, length do sum = sum + window[j] * released[from + j] end
	return sum
end

local function gains (wanted, n_samples, coefficient)
	local length = #window
	local released, out = {}, {}
	for i = 1, length do released[i] = held.released[i] end
	for i = 1, n_samples do
		local m = longest_hold (wanted and wanted[i] or 0.0)
		local state = held.state
		state = m >= state and m or m + coefficient * (state - m)
		if state < 1e-9 then state = 0.0 end
		held.state, released[length + i] = state, state
		held.busy = state > 0 and length or math.max (0, held.busy - 1)
		out[i] = held.busy > 0 and 1 - smoothed (released, length + i) or 1
	end
	for i = 1, length do held.released[i] = released[n_samples + i] end
	return out
end

-- whether what comes in, and all that is still on its way through, is silence
local function silent (ins, n_samples)
	local highest = 0
	for c = 1, channels do highest = ARDOUR.DSP.compute_peak (ins[c], n_samples, highest) end
	held.silence = highest == 0 and held.silence + n_samples or 0
	return held.silence - n_samples >= latency + hold + #window and held.state == 0
end

function dsp_run (ins, outs, n_samples)
	local at = CtrlPorts:array ()
	if silent (ins, n_samples) then
		for c = 1, channels do
			if ins[c] ~= outs[c] then ARDOUR.DSP.copy_vector (outs[c], ins[c], n_samples) end
		end
		return
	end
	local audio = {}
	for c = 1, channels do
		local kept, fresh, x = held.audio[c], ins[c]:get_table (n_samples), {}
		table.move (kept, 1, latency, 1, x)
		table.move (fresh, 1, n_samples, latency + 1, x)
		table.move (x, n_samples + 1, n_samples + latency, 1, kept)
		audio[c] = x
	end
	local wanted = nil
	if at[AT.active] > 0 then
		wanted = wanted_reductions (audio, latency, n_samples, 10 ^ (at[AT.ceiling_db] / 20))
	end
	local gain = nil
	if wanted or held.busy > 0 or held.last >= held.first then
		gain = gains (wanted, n_samples, math.exp (-1000 / (at[AT.release_ms] * rate)))
		if not wanted and held.busy == 0 and held.state == 0 then
			held.wanted, held.first, held.last = {}, 1, 0
		end
	end
	for c = 1, channels do
		local x = audio[c]
		if gain then
			for i = 1, n_samples do x[i] = x[i] * gain[i] end
		end
		outs[c]:set_table (x, n_samples)
	end
end
