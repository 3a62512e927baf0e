// From a signature as text, the wallet's answer or a person's paste, to its bytes.
// Promises 64 or 65 bytes as they were written: which forms of v and s are fine, and which v is missing, is for whoever recovers the address.
// What pasting leaves is dropped, and the wrappers of the field's tools are opened.
// Must not keep the text or put any of it into an error (R-E5).
import { hex } from '@scure/base';
import { pastedLine, pastedSigns } from '../contract/paste';
import { WalletError } from './wallet-error';

/**
 * The bytes of a signature that a person pasted: hex with or without 0x, broken over lines or in quotes of any kind, or what signing tools export: JSON with
 * the hex in `sig`, `signature` or `result`, with `r`, `s` and perhaps `v` or `yParity`, or with `r` and `yParityAndS` (EIP-2098); or a line that names it.
 * Gives 65 bytes (r, s, v), or 64: EIP-2098, or r and s without v. Throws WalletError 'not-a-signature' for what holds none, and 'bad-signature' for a
 * longer one, as contracts make (EIP-1271, EIP-6492).
 */
export function signatureFromText(pasted: string): Uint8Array {
  const text = pastedLine(pasted.replaceAll(/[“”„‟«»″]/g, '"'));
  const bytes = bytesOf(valueOf(text)) ?? bytesOf(text) ?? bytesOf(onlyRunOf(text));
  if (!bytes) throw new WalletError('not-a-signature', 'there is no signature in this text');
  return bytes;
}

/** The bytes of a wallet's answer to personal_sign. Throws WalletError 'bad-signature' unless they are 64 or 65, as hex. */
export function signatureFromAnswer(answer: unknown): Uint8Array {
  const bytes = typeof answer === 'string' && /^(?:0x)?[0-9a-f]+$/i.test(answer) ? bytesOf(answer) : undefined;
  if (!bytes) throw badSignature();
  return bytes;
}

/** Undefined for what is not the hex of at least 64 bytes. Throws 'bad-signature' for more than 65. */
function bytesOf(text: string | undefined): Uint8Array | undefined {
  const digits = pastedSigns(text ?? '').replace(/^0x/i, '');
  if (!/^[0-9a-f]{128,}$/i.test(digits) || digits.length % 2 !== 0) return undefined;
  if (digits.length > 130) throw badSignature();
  return hex.decode(digits);
}

/** The hex in the JSON of a tool; undefined when it is not such JSON. */
function valueOf(text: string): string | undefined {
  try {
    return hexIn(JSON.parse(text), 0);
  } catch {
    return undefined;
  }
}

const names = ['sig', 'signature', 'result'] as const;

function hexIn(value: unknown, depth: number): string | undefined {
  if (typeof value === 'string') return value;
  if (typeof value !== 'object' || value === null || depth > 2) return undefined;
  const object = value as Record<string, unknown>;
  for (const name of names) {
    const found = hexIn(object[name], depth + 1);
    if (found !== undefined) return found;
  }
  const { r, s, v, yParity, recoveryParam, yParityAndS, _vs } = object;
  const [rHex, sHex, both] = [scalarOf(r), scalarOf(s), scalarOf(yParityAndS) ?? scalarOf(_vs)];
  const recovery = recoveryOf(v) ?? recoveryOf(yParity) ?? recoveryOf(recoveryParam);
  if (rHex === undefined) return undefined;
  if (both !== undefined && (sHex === undefined || recovery === undefined)) return rHex + both;
  return sHex === undefined ? undefined : rHex + sHex + (recovery ?? '');
}

/** 64 digits of r or s; tools drop zeros in front. */
function scalarOf(value: unknown): string | undefined {
  const digits = typeof value === 'string' ? pastedSigns(value).replace(/^0x/i, '') : '';
  return /^[0-9a-f]{1,64}$/i.test(digits) ? digits.padStart(64, '0') : undefined;
}

/** Two digits of v: a number, or a text in decimal or hex. Those that name a chain (EIP-155) become 27 or 28. */
function recoveryOf(value: unknown): string | undefined {
  const text = typeof value === 'number' ? String(value) : typeof value === 'string' ? pastedSigns(value) : '';
  if (!/^(?:[0-9]{1,20}|0x[0-9a-f]{1,16})$/i.test(text)) return undefined;
  const v = BigInt(text);
  const short = v >= 35n ? 27n + ((v - 35n) % 2n) : v;
  return short.toString(16).padStart(2, '0');
}

/** The only piece of a text that is a signature: "Signature: 0x…". Undefined when no piece is, or several are. */
function onlyRunOf(text: string): string | undefined {
  const runs = pastedSigns(text).match(/0x(?:[0-9a-f]{130}|[0-9a-f]{128})(?![0-9a-f])/gi);
  return runs?.length === 1 ? runs[0] : undefined;
}

function badSignature(): WalletError {
  return new WalletError('bad-signature', 'this is not a signature of 64 or 65 bytes');
}
