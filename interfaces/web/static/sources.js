// Where the sound of a song and of its reference comes from.

const HEAD_S = 8; // of a long song are loaded first
const LONG_S = 300; // of all tracks together make a song long

const url = (path, range = {}) => `/studio/audio/${path}${range.seconds ? `?${new URLSearchParams(range)}` : ""}`;

/** Where the first reference, or its segment, can be heard; null where there is none. */
export function referenceUrl({ references: [first] }) {
  if (!first) return null;
  const [start, end] = first.segment ?? [0, 0];
  return url(`reference/${first.file}`, { start, seconds: end - start });
}

/** The tracks of a session as `Engine.load` takes them: all of them, and their heads where the song is long. */
export function trackSources(client, { tracks }) {
  const seconds = tracks.reduce((sum, track) => sum + track.frames / track.sample_rate, 0);
  const files = (range) => Object.fromEntries(tracks.map(({ id }) => [id, () => client.bytes(url(id, range))]));
  const head = { seconds: HEAD_S, audio: files({ start: 0, seconds: HEAD_S }) };
  return { audio: files(), head: seconds > LONG_S ? head : null };
}
