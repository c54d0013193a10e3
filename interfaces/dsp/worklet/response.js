// The reverb's impulse response, shaped as its knobs say: mixer/processors/reverb.py in a worker, so that neither the
// page nor the sound waits for it. What the page convolves with it is half the sum of both channels of what is sent.

const SEED = 20240229;
const BANDS_HZ = Array.from({ length: 12 }, (_, k) => 16 * 2 ** k);
const ONSET_S = 0.002;
const RING_OUT = 1.2;

//@knobs

const highest = (name) => KNOBS.reverb.find((param) => param.name === name).high;
const frames = (rate, predelayMs, decayS) => Math.ceil((predelayMs / 1000 + RING_OUT * decayS) * rate);

/** MT19937 (M. Matsumoto, T. Nishimura, ACM TOMACS 8(1), 1998), seeded and read as numpy's RandomState does. */
function* uniforms(seed) {
  const key = new Uint32Array(624);
  for (let n = 0, value = seed; n < 624; n++) {
    key[n] = value;
    value = (Math.imul(1812433253, value ^ (value >>> 30)) + n + 1) >>> 0;
  }
  const words = [];
  for (;;) {
    for (let n = 0; n < 624; n++) {
      const y = (key[n] & 0x80000000) | (key[(n + 1) % 624] & 0x7fffffff);
      key[n] = key[(n + 397) % 624] ^ (y >>> 1) ^ (y & 1 ? 0x9908b0df : 0);
    }
    for (let n = 0; n < 624; n++) {
      let y = key[n];
      y ^= y >>> 11;
      y ^= (y << 7) & 0x9d2c5680;
      y ^= (y << 15) & 0xefc60000;
      words.push((y ^ (y >>> 18)) >>> 0);
      if (words.length === 2) {
        yield ((words[0] >>> 5) * 67108864 + (words[1] >>> 6)) / 9007199254740992;
        words.length = 0;
      }
    }
  }
}

/** Normal deviates by the polar method, in the order in which numpy hands them out. */
function normals(seed, count) {
  const source = uniforms(seed), values = new Float64Array(count);
  for (let n = 0; n < count; n += 2) {
    let x, y, square;
    do {
      x = 2 * source.next().value - 1;
      y = 2 * source.next().value - 1;
      square = x * x + y * y;
    } while (square >= 1 || square === 0);
    const scale = Math.sqrt((-2 * Math.log(square)) / square);
    values[n] = scale * y;
    if (n + 1 < count) values[n + 1] = scale * x;
  }
  return values;
}

/** The smallest product of twos, threes and fives that is not below. */
function fastLength(least) {
  for (let length = least; ; length++) {
    let rest = length;
    for (const prime of [2, 3, 5]) while (rest % prime === 0) rest /= prime;
    if (rest === 1) return length;
  }
}

/** Cosines and sines of all the size-th parts of a turn. */
function circle(size) {
  const turns = Float64Array.from({ length: size }, (_, n) => (2 * Math.PI * n) / size);
  return [turns.map(Math.cos), turns.map(Math.sin)];
}

/** Discrete Fourier transform, unscaled, by Stockham's autosort for the factors 4, 2, 3 and 5: [re, im] -> [re, im]. */
function transform(turns, re, im, sign) {
  const size = re.length;
  let from = [re, im], to = [new Float64Array(size), new Float64Array(size)];
  for (let done = 1; done < size; ) {
    const rest = size / done, radix = [4, 2, 3, 5].find((factor) => rest % factor === 0);
    if (radix === 4) passOfFour(turns, from, to, done, sign);
    else pass(turns, from, to, done, radix, sign);
    [from, to] = [to, from];
    done *= radix;
  }
  return from;
}

function pass([cosine, sine], [fromRe, fromIm], [toRe, toIm], done, radix, sign) {
  const size = fromRe.length, groups = size / done / radix;
  for (let g = 0; g < groups; g++) {
    for (let k = 0; k < radix; k++) {
      const wc = cosine[g * k * done], ws = sign * sine[g * k * done];
      for (let d = 0; d < done; d++) {
        let sumRe = 0, sumIm = 0;
        for (let m = 0; m < radix; m++) {
          const part = ((k * m) % radix) * (size / radix), c = cosine[part], s = sign * sine[part];
          const at = d + done * (g + groups * m);
          sumRe += fromRe[at] * c - fromIm[at] * s;
          sumIm += fromRe[at] * s + fromIm[at] * c;
        }
        toRe[d + done * (radix * g + k)] = sumRe * wc - sumIm * ws;
        toIm[d + done * (radix * g + k)] = sumRe * ws + sumIm * wc;
      }
    }
  }
}

/** The same for the factor four, whose own turns are exchanges of parts: most of the work is here. */
function passOfFour([cosine, sine], [fromRe, fromIm], [toRe, toIm], done, sign) {
  const groups = fromRe.length / done / 4, stride = done * groups;
  for (let g = 0; g < groups; g++) {
    const c1 = cosine[g * done], c2 = cosine[2 * g * done], c3 = cosine[3 * g * done];
    const s1 = sign * sine[g * done], s2 = sign * sine[2 * g * done], s3 = sign * sine[3 * g * done];
    for (let d = 0; d < done; d++) {
      const at = d + done * g, b = at + stride, c = b + stride, e = c + stride, out = d + 4 * done * g;
      const evenRe = fromRe[at] + fromRe[c], evenIm = fromIm[at] + fromIm[c];
      const oddRe = fromRe[b] + fromRe[e], oddIm = fromIm[b] + fromIm[e];
      const acrossRe = fromRe[at] - fromRe[c], acrossIm = fromIm[at] - fromIm[c];
      const turnedRe = sign * (fromIm[e] - fromIm[b]), turnedIm = sign * (fromRe[b] - fromRe[e]);
      toRe[out] = evenRe + oddRe;
      toIm[out] = evenIm + oddIm;
      const re1 = acrossRe + turnedRe, im1 = acrossIm + turnedIm;
      toRe[out + done] = re1 * c1 - im1 * s1;
      toIm[out + done] = re1 * s1 + im1 * c1;
      const re2 = evenRe - oddRe, im2 = evenIm - oddIm;
      toRe[out + 2 * done] = re2 * c2 - im2 * s2;
      toIm[out + 2 * done] = re2 * s2 + im2 * c2;
      const re3 = acrossRe - turnedRe, im3 = acrossIm - turnedIm;
      toRe[out + 3 * done] = re3 * c3 - im3 * s3;
      toIm[out + 3 * done] = re3 * s3 + im3 * c3;
    }
  }
}

const cut = new Map();

/** Unit-variance stereo noise cut into octaves, [bands][2]; the bands sum to the noise. Made once for each rate. */
function noiseBands(rate) {
  if (cut.has(rate)) return cut.get(rate);
  const longest = frames(rate, highest("predelay_ms"), highest("decay_s")), size = fastLength(longest);
  const noise = normals(SEED, 2 * size), turns = circle(size);
  const [re, im] = transform(turns, noise.slice(0, size), noise.slice(size), -1); // both sides as one complex signal
  const bands = BANDS_HZ.map((_, k) => {
    const bandRe = new Float64Array(size), bandIm = new Float64Array(size);
    for (let n = 0; n < size; n++) {
      const hz = (Math.min(n, size - n) * rate) / size;
      const octave = Math.min(Math.max(Math.log2(Math.max(hz, 1) / BANDS_HZ[0]), 0), BANDS_HZ.length - 1);
      const share = Math.cos((Math.PI / 2) * Math.min(Math.abs(octave - k), 1)) ** 2 / size;
      bandRe[n] = re[n] * share;
      bandIm[n] = im[n] * share;
    }
    return transform(turns, bandRe, bandIm, 1).map((side) => Float32Array.from(side.subarray(0, longest)));
  });
  cut.set(rate, bands);
  return bands;
}

/** In place: the 12 dB/octave Butterworth high-pass of the Audio EQ Cookbook. */
function lowCut(x, hz, rate) {
  const w = (2 * Math.PI * Math.min(hz, 0.49 * rate)) / rate, alpha = Math.sin(w) / Math.SQRT2, a0 = 1 + alpha;
  const b0 = (1 + Math.cos(w)) / 2 / a0, a1 = (-2 * Math.cos(w)) / a0, a2 = (1 - alpha) / a0;
  let z1 = 0, z2 = 0;
  for (let n = 0; n < x.length; n++) {
    const v = x[n], y = b0 * v + z1;
    z1 = -2 * b0 * v - a1 * y + z2;
    z2 = b0 * v - a2 * y;
    x[n] = y;
  }
}

/** The stereo response, one unit of energy a channel. */
function response(rate, { decay_s, damping, predelay_ms, low_cut_hz, width }) {
  const start = predelay_ms / 1000, length = frames(rate, predelay_ms, decay_s), bands = noiseBands(rate);
  const sides = [new Float64Array(length), new Float64Array(length)];
  const first = Math.ceil(start * rate); // before, the onset is zero
  for (const [k, band] of bands.entries()) {
    const seconds = decay_s * 2 ** (-0.75 * damping * Math.max(0, Math.log2(BANDS_HZ[k] / 500)));
    const step = Math.exp(-Math.log(1000) / (seconds * rate));
    let envelope = Math.exp((-Math.log(1000) * (first / rate - start)) / seconds);
    for (let n = first; n < length; n++, envelope *= step) {
      sides[0][n] += band[0][n] * envelope;
      sides[1][n] += band[1][n] * envelope;
    }
  }
  for (const side of sides) {
    for (let n = first; n < Math.min(length, first + ONSET_S * rate + 1); n++) {
      side[n] *= 0.5 - 0.5 * Math.cos(Math.PI * Math.min(1, (n / rate - start) / ONSET_S));
    }
    lowCut(side, low_cut_hz, rate);
  }
  const same = (1 + width) / 2, other = (1 - width) / 2;
  const mixed = sides.map((side, index) => side.map((v, n) => same * v + other * sides[1 - index][n]));
  return mixed.map((side) => {
    const scale = 1 / Math.sqrt(side.reduce((sum, v) => sum + v * v, 0) + 1e-12);
    return Float32Array.from(side, (v) => v * scale);
  });
}

onmessage = ({ data: { token, rate, values } }) => {
  const channels = response(rate, values);
  postMessage({ token, channels }, channels.map((channel) => channel.buffer));
};
