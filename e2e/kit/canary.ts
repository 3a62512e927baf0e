// Looks for secrets in whatever a test has collected: bytes of files, messages, console lines.
// Promises: each secret is looked for in every form that code would give it by accident or on purpose; a planted one is found in each.
// Must not: be satisfied with one form. What JSON, base64 or UTF-16 make of a secret is still the secret.
import { closeSync, openSync, readFileSync, readSync, readdirSync } from 'node:fs';
import path from 'node:path';

export interface Secret {
  name: string;
  bytes: Uint8Array;
  /** Text forms of its own, e.g. the groups of a recovery code. */
  texts?: string[];
}

export interface Form {
  secret: string;
  form: string;
  needle: Buffer;
}

/** Base64 of bytes that stand at any place in a longer row of bytes: the characters that depend on them alone. */
function base64Inside(bytes: Buffer, offset: number, encoding: 'base64' | 'base64url'): string {
  const text = Buffer.concat([Buffer.alloc(offset), bytes])
    .toString(encoding)
    .replaceAll('=', '');
  const from = Math.ceil((offset * 8) / 6);
  const to = Math.floor(((offset + bytes.length) * 8) / 6);
  return text.slice(from, to);
}

/** Every text a secret may be written as, by the name of the form. */
function textsOf({ bytes, texts }: Secret): [form: string, text: string][] {
  const buffer = Buffer.from(bytes);
  const hex = buffer.toString('hex');
  const members = [...bytes].map((byte, at) => `"${at}":${byte}`);
  return [
    ['hex', hex],
    ['HEX', hex.toUpperCase()],
    ...[0, 1, 2].flatMap((offset): [string, string][] => [
      [`base64+${offset}`, base64Inside(buffer, offset, 'base64')],
      [`base64url+${offset}`, base64Inside(buffer, offset, 'base64url')],
    ]),
    ['list', [...bytes].join(',')],
    ['spaced list', [...bytes].join(', ')],
    ['object', members.join(',')],
    // chrome.storage sorts the members of an object; JSON inside JSON escapes them.
    ['sorted object', members.toSorted().join(',')],
    ['object in text', members.join(',').replaceAll('"', '\\"')],
    ['decimal', BigInt(`0x${hex}`).toString()],
    ...(texts ?? []).map((text, index): [string, string] => [`text ${index}`, text]),
  ];
}

/** All forms of the secrets: raw, reversed, and each text in UTF-8 and UTF-16. */
export function formsOf(secrets: readonly Secret[]): Form[] {
  return secrets.flatMap((secret) => [
    { secret: secret.name, form: 'raw', needle: Buffer.from(secret.bytes) },
    { secret: secret.name, form: 'reversed', needle: Buffer.from(secret.bytes).reverse() },
    ...textsOf(secret).flatMap(([form, text]) => [
      { secret: secret.name, form, needle: Buffer.from(text, 'utf8') },
      { secret: secret.name, form: `${form} in UTF-16`, needle: Buffer.from(text, 'utf16le') },
    ]),
  ]);
}

/** Where which form of a secret was found: "place: secret as form". */
export function findSecrets(
  forms: readonly Form[],
  places: Iterable<[place: string, content: Buffer | string]>,
): string[] {
  const found: string[] = [];
  for (const [place, content] of places) {
    const bytes = typeof content === 'string' ? Buffer.from(content, 'utf8') : content;
    for (const { secret, form, needle } of forms)
      if (bytes.includes(needle)) found.push(`${place}: ${secret} as ${form}`);
  }
  return found;
}

/** The bytes of every file below a folder. A file that vanishes while the browser runs is skipped. */
export function* filesBelow(folder: string): Generator<[place: string, content: Buffer]> {
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const file = path.join(entry.parentPath, entry.name);
    try {
      yield [path.relative(folder, file), readFileSync(file)];
    } catch {
      // Rotated away by the browser between the listing and the reading.
    }
  }
}

/** How often each form is in the memory of a process that it may write: "secret as form", and the count. Needs Linux, and its rights. */
export function countInMemory(pid: number, forms: readonly Form[]): Map<string, number> {
  const found = new Map<string, number>();
  const ranges = readFileSync(`/proc/${pid}/maps`, 'utf8')
    .split('\n')
    .flatMap((line) => {
      const [, from, to] = /^([0-9a-f]+)-([0-9a-f]+) rw/.exec(line) ?? [];
      return from && to ? [[parseInt(from, 16), parseInt(to, 16)] as const] : [];
    });
  const memory = openSync(`/proc/${pid}/mem`, 'r');
  const longest = Math.max(...forms.map(({ needle }) => needle.length));
  const piece = 4 * 1024 * 1024;
  const buffer = Buffer.alloc(piece);
  try {
    for (const [from, to] of ranges)
      for (let at = from; at < to; at += piece - longest) {
        let length: number;
        try {
          length = readSync(memory, buffer, 0, Math.min(piece, to - at), at);
        } catch {
          // Given back since it was listed, or reserved and never used.
          continue;
        }
        const bytes = buffer.subarray(0, length);
        for (const { secret, form, needle } of forms)
          for (let hit = bytes.indexOf(needle); hit >= 0; hit = bytes.indexOf(needle, hit + 1)) {
            const name = `${secret} as ${form}`;
            found.set(name, (found.get(name) ?? 0) + 1);
          }
      }
  } finally {
    closeSync(memory);
  }
  return found;
}
