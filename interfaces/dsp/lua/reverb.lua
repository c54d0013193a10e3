ardour {
	["type"] = "dsp", name = "Faderwise Reverb", category = "Reverb", author = "Faderwise", license = "Apache-2.0",
	description = [[Fully wet: the middle of what is sent excites the stereo response in externals/reverb.wav of this session]]
}

local convolver

function dsp_ioconfig () return { { audio_in = 2, audio_out = 2 } } end
function dsp_latency () return 0 end

function dsp_configure (ins, outs)
	local response = Session:path () .. "/externals/reverb.wav"
	convolver = ARDOUR.DSP.Convolver (
		Session, response, ARDOUR.DSP.IRChannelConfig.MonoToStereo, ARDOUR.DSP.IRSettings ())
	collectgarbage ()
end

function dsp_run (ins, outs, n_samples)
	for c = 1, 2 do
		if ins[c] ~= outs[c] then ARDOUR.DSP.copy_vector (outs[c], ins[c], n_samples) end
	end
	ARDOUR.DSP.mix_buffers_no_gain (outs[1], outs[2], n_samples)
	ARDOUR.DSP.apply_gain_to_buffer (outs[1], n_samples, 0.5)
	convolver:run_stereo_no_latency (outs[1], outs[2], n_samples)
end
