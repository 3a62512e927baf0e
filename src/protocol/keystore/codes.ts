// The error codes of the XMTP keystore API (protocol g), which callers compare; texts are informative only.
// Promises the code the field answers for a refusal of this room in a given method.
import type { ProtocolErrorReason } from '../base/errors';

/** 0 unspecified, 1 invalid input, 2 no matching prekey or topic key; 3 is ours: out of scope, of a conversation that the caller was not given. */
export type KeystoreCode = 0 | 1 | 2 | 3;

/**
 * The code for an item that failed (g.2). selfEncrypt, selfDecrypt, saveInvites and createInvite answer 1 for everything;
 * the message methods answer 1 for what is missing, 2 for a topic without a key, and 0 for what does not decrypt or verify.
 * signDigest answers 2 for a prekey that is not there.
 */
export function keystoreCodeOf(method: string, reason: ProtocolErrorReason): KeystoreCode {
  if (reason === 'out-of-scope') return 3;
  if (['selfEncrypt', 'selfDecrypt', 'saveInvites', 'createInvite'].includes(method)) return 1;
  if (reason === 'no-topic-key' || (method === 'signDigest' && reason === 'no-prekey')) return 2;
  return reason === 'missing-field' ? 1 : 0;
}
