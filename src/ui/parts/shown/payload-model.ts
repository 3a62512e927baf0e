// Bytes a dapp wants signed, as the person sees them: text when it is printable, otherwise a hex dump.
// Promises: text is chosen only for well-formed UTF-8 without control characters other than tab and line breaks; the dump shows every
// byte it covers. Pure. Must not: guess encodings.

export type PayloadForm = { kind: 'empty' } | { kind: 'text'; text: string } | { kind: 'bytes' };

const control = /[^\P{Cc}\t\n\r]/u;

/** How a payload is first shown. */
export function payloadForm(payload: Uint8Array): PayloadForm {
  if (payload.length === 0) return { kind: 'empty' };
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(payload);
    return control.test(text) ? { kind: 'bytes' } : { kind: 'text', text };
  } catch {
    return { kind: 'bytes' };
  }
}

const rowBytes = 8;

/** Rows of "0000  00 11 22 …  text"; bytes outside printable ASCII are dots in the last column. Covers the first `limitBytes`. */
export function hexDump(payload: Uint8Array, limitBytes: number): string {
  const rows: string[] = [];
  const end = Math.min(payload.length, limitBytes);
  for (let at = 0; at < end; at += rowBytes) {
    const row = payload.subarray(at, Math.min(at + rowBytes, end));
    const hex = Array.from(row, (byte) => byte.toString(16).padStart(2, '0')).join(' ');
    const ascii = Array.from(row, (byte) => (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '·')).join('');
    rows.push(`${at.toString(16).padStart(4, '0')}  ${hex.padEnd(rowBytes * 3 - 1)}  ${ascii}`);
  }
  return rows.join('\n');
}
