// Whether a file is encrypted in the age format, from its first bytes. Pure.
// Must not: say that it is whole or ours; only opening it can.

const starts = ['age-encryption.org/v1\n', '-----BEGIN AGE ENCRYPTED FILE-----'];

/** True when the file begins as an age file does, binary or armored. Everything else can only be keys without a seal, or no keys. */
export function isEncrypted(file: Uint8Array): boolean {
  return starts.some((start) => file.length >= start.length && Array.from(start).every((character, at) => file[at] === character.charCodeAt(0)));
}
