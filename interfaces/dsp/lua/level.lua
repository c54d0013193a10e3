ardour {
	["type"] = "dsp", name = "Faderwise Width and Trim", category = "Utility", author = "Faderwise", license = "Apache-2.0",
	description = [[Width of a stereo track, and the level that Ardour's own fader and panner leave over]]
}

--@knobs panner.width fader.gain_db

-- On a mono track: what Ardour's panner takes away at the centre, so that its fader shows our decibels
local CENTRE_LAW = -0.831783138
local MONO_GAIN = 1 / (0.5 * (0.5 * CENTRE_LAW + 1 - CENTRE_LAW))
local channels = 0

function dsp_ioconfig () return { { audio_in = -1, audio_out = -1 } } end
function dsp_params () return KNOBS end
function dsp_configure (ins, outs) channels = outs:n_audio () end

function dsp_run (ins, outs, n_samples)
	local at = CtrlPorts:array ()
	local gain = at[AT.gain_db] > KNOBS[AT.gain_db].min and 10 ^ (at[AT.gain_db] / 20) or 0
	local same, other = gain * (1 + at[AT.width]) / 2, gain * (1 - at[AT.width]) / 2
	if channels == 2 and same == 1 and other == 0 then
		for c = 1, 2 do
			if ins[c] ~= outs[c] then ARDOUR.DSP.copy_vector (outs[c], ins[c], n_samples) end
		end
		return
	end
	local left = ins[1]:get_table (n_samples)
	if channels == 1 then
		gain = gain * MONO_GAIN
		for i = 1, n_samples do left[i] = gain * left[i] end
		outs[1]:set_table (left, n_samples)
		return
	end
	local right = ins[2]:get_table (n_samples)
	for i = 1, n_samples do
		local l, r = left[i], right[i]
		left[i], right[i] = same * l + other * r, other * l + same * r
	end
	outs[1]:set_table (left, n_samples)
	outs[2]:set_table (right, n_samples)
end
