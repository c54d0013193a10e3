// Files in a zip archive, such as the session that Export makes: each is read where it lies, none before it is wanted.
//
// The format is PKWARE's APPNOTE 6.3: the directory at the end (4.3.12 and 4.3.16) says where each file begins (4.3.7).

const END = 0x06054b50;
const END_BYTES = 22;
const LONGEST_COMMENT = 65535;
const ENTRY = 0x02014b50;
const ENTRY_BYTES = 46;
const HEADER_BYTES = 30; // in front of each file
const ENCRYPTED = 1;
const STORED = 0;
const DEFLATED = 8;
const BEYOND = 0xffffffff; // stands where the figure is elsewhere, as it is in archives of more than 4 GB

const view = async (blob) => new DataView(await blob.arrayBuffer());

/** The files of an archive that `wanted` takes by their name, as files of their own. */
export async function unpacked(archive, wanted) {
  const names = new TextDecoder(), files = [];
  for (const entry of await directory(archive)) {
    const path = names.decode(entry.name), name = path.split("/").at(-1);
    const isMeant = name && !path.startsWith("__MACOSX/") && wanted(name);
    if (isMeant) files.push(new File([await content(archive, entry)], name));
  }
  return files;
}

async function directory(archive) {
  const tail = await view(archive.slice(-END_BYTES - LONGEST_COMMENT));
  let end = tail.byteLength - END_BYTES;
  while (end >= 0 && tail.getUint32(end, true) !== END) end -= 1;
  if (end < 0) throw new Error(`${archive.name} is no zip archive, or is cut short; unpack it and drop its folder`);
  const bytes = tail.getUint32(end + 12, true), start = tail.getUint32(end + 16, true);
  if (start === BEYOND) throw new Error(`${archive.name} is too large to be read here; unpack it and drop its folder`);
  return entries(await view(archive.slice(start, start + bytes)));
}

function entries(list) {
  const found = [];
  for (let at = 0; at + ENTRY_BYTES <= list.byteLength && list.getUint32(at, true) === ENTRY; ) {
    const [length, extra, comment] = [28, 30, 32].map((field) => list.getUint16(at + field, true));
    found.push({
      flags: list.getUint16(at + 8, true),
      method: list.getUint16(at + 10, true),
      bytes: list.getUint32(at + 20, true),
      offset: list.getUint32(at + 42, true),
      name: new Uint8Array(list.buffer, at + ENTRY_BYTES, length),
    });
    at += ENTRY_BYTES + length + extra + comment;
  }
  return found;
}

async function content(archive, { flags, method, bytes, offset }) {
  const header = await view(archive.slice(offset, offset + HEADER_BYTES));
  if (flags & ENCRYPTED || ![STORED, DEFLATED].includes(method) || header.byteLength < HEADER_BYTES) {
    throw new Error(`${archive.name} cannot be read here; unpack it and drop its folder`);
  }
  const start = offset + HEADER_BYTES + header.getUint16(26, true) + header.getUint16(28, true);
  const packed = archive.slice(start, start + bytes);
  if (method === STORED) return packed;
  return new Response(packed.stream().pipeThrough(new DecompressionStream("deflate-raw"))).blob();
}
