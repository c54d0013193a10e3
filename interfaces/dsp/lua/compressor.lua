ardour {
	["type"] = "dsp", name = "Faderwise Compressor", category = "Dynamics", author = "Faderwise", license = "Apache-2.0",
	description = [[Feed-forward, soft knee, hears the louder channel (Giannoulis, Massberg, Reiss, JAES 60(6), 2012)]]
}

--@knobs compressor

local DB_PER_NEPER = 20 / math.log (10)
local FLOOR = 1e-6
local rate, channels, reduced = 48000, 0, 0.0

function dsp_ioconfig () return { { audio_in = -1, audio_out = -1 } } end
function dsp_params () return KNOBS end
function dsp_init (sample_rate) rate = sample_rate end
function dsp_configure (ins, outs) channels, reduced = outs:n_audio (), 0.0 end

local function pass_on (ins, outs, n_samples)
	for c = 1, channels do
		if ins[c] ~= outs[c] then ARDOUR.DSP.copy_vector (outs[c], ins[c], n_samples) end
	end
end

function dsp_run (ins, outs, n_samples)
	local at = CtrlPorts:array ()
	if at[AT.ratio] == 1 and at[AT.makeup_db] == 0 then
		reduced = 0.0
		pass_on (ins, outs, n_samples)
		return
	end
	local highest = 0
	for c = 1, channels do highest = ARDOUR.DSP.compute_peak (ins[c], n_samples, highest) end
	if highest == 0 and reduced == 0 then
		pass_on (ins, outs, n_samples)
		return
	end
	local threshold, slope, knee = at[AT.threshold_db], 1 / at[AT.ratio] - 1, at[AT.knee_db]
	local attack = math.exp (-1000 / (at[AT.attack_ms] * rate))
	local release = math.exp (-1000 / (at[AT.release_ms] * rate))
	local makeup = at[AT.makeup_db] / DB_PER_NEPER
	local resting = math.exp (makeup)
	local half, per_knee = knee / 2, knee > 0 and 0.5 / knee or 0
	local quiet = 10 ^ ((threshold - half) / 20)
	local abs, log, exp = math.abs, math.log, math.exp
	local x, state = {}, reduced
	for c = 1, channels do x[c] = ins[c]:get_table (n_samples) end
	local left, right = x[1], x[2] or x[1]
	for i = 1, n_samples do
		local peak = abs (left[i])
		local other = abs (right[i])
		if other > peak then peak = other end
		local wanted = 0.0 -- eq. (4)
		if peak > quiet then
			local over = DB_PER_NEPER * log (peak > FLOOR and peak or FLOOR) - threshold
			local inside = over + half
			if inside > knee then inside = knee end
			if inside < 0 then inside = 0 end
			wanted = slope * (inside * inside * per_knee + (over > half and over - half or 0))
		end
		local gain = resting
		if wanted < 0 or state < 0 then
			state = wanted + (wanted < state and attack or release) * (state - wanted) -- eq. (16)
			gain = exp (state / DB_PER_NEPER + makeup)
		end
		for c = 1, channels do
			local channel = x[c]
			channel[i] = channel[i] * gain
		end
	end
	reduced = state > -1e-9 and 0.0 or state
	for c = 1, channels do outs[c]:set_table (x[c], n_samples) end
end
