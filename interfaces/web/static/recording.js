// Audio on its way into the worklet: decoded, made small where a song is long, and looked at for a picture.

const COMPACT_FROM_BYTES = 256 * 2 ** 20; // from here on audio is kept in 16 bits
const BLOCK = 128; // samples that share a scale
const SMALLEST = 2 ** -40;
const EVERY = 7; // of the samples are looked at for the picture

/** Whether the tracks of a session are kept in 16 bits. */
export function isLong(session) {
  const samples = session.tracks.reduce((sum, { channels, frames }) => sum + channels * frames, 0);
  return 4 * samples > COMPACT_FROM_BYTES;
}

/** The channels of a source (a URL, the bytes of a file, or a function that gives either), at the context's rate. */
export async function decode(context, source, most) {
  const given = typeof source === "function" ? await source() : source;
  const bytes = typeof given === "string" ? await (await fetch(given)).arrayBuffer() : given;
  const decoded = await context.decodeAudioData(bytes), count = Math.min(most, decoded.numberOfChannels);
  return Array.from({ length: count }, (_, index) => decoded.getChannelData(index));
}

/** As the worklet takes it: float samples, or 16 bit ones with a scale for each block. */
export function packed(channel, compact) {
  return compact ? inSixteenBits(channel) : { samples: channel.slice(), scales: null };
}

export const buffersOf = ({ samples, scales }) => (scales ? [samples.buffer, scales.buffer] : [samples.buffer]);

/** Scales are powers of two: a 16 bit file stays what it is, others lose what lies 90 dB under each block. */
function inSixteenBits(audio) {
  const samples = new Int16Array(audio.length), scales = new Float32Array(Math.ceil(audio.length / BLOCK));
  for (let block = 0; block < scales.length; block++) {
    const first = block * BLOCK, last = Math.min(first + BLOCK, audio.length);
    let peak = SMALLEST;
    for (let n = first; n < last; n++) peak = Math.max(peak, Math.abs(audio[n]));
    const scale = 2 ** (Math.ceil(Math.log2(peak * (32768 / 32767))) - 15);
    for (let n = first; n < last; n++) samples[n] = Math.round(audio[n] / scale);
    scales[block] = scale;
  }
  return { samples, scales };
}

/** Adds a channel's energy to a picture of the song, which is `frames` long. */
export function look(channel, overview, frames) {
  const share = overview.length / frames;
  for (let n = 0; n < channel.length; n += EVERY) {
    overview[Math.min(overview.length - 1, Math.floor(n * share))] += channel[n] * channel[n];
  }
}
