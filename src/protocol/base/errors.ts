// The one error of this room.
// It promises a reason from a closed list and a short text that names what was wrong with the shape of the input.
// It must never carry bytes of a key, a signature, a plaintext or any other value it was given.

/** Why the protocol refused. Callers branch on this, never on the message. */
export type ProtocolErrorReason =
  /** bytes that are not a well-formed protobuf message of the expected type, or are nested too deeply */
  | 'malformed-protobuf'
  /** a required field of a message is absent or empty */
  | 'missing-field'
  /** a oneof that chooses the version of a message holds none we know */
  | 'unknown-version'
  /** a byte string has the wrong length */
  | 'bad-length'
  /** text that is not hex, base64, UTF-8 or what else was announced */
  | 'bad-encoding'
  /** a number outside the range its field allows */
  | 'bad-number'
  /** 32 bytes that are not a scalar in [1, n-1] */
  | 'bad-private-key'
  /** not 65 bytes that begin with 04, or not a point of the curve */
  | 'bad-public-key'
  /** a signature of the wrong length, with r, s or recovery out of range, or from which nothing can be recovered */
  | 'bad-signature'
  /** text that is not an Ethereum address, or whose mixed case contradicts EIP-55 */
  | 'bad-address'
  /** text that is not one of the six identity texts of XMTP V3, or fields that none of them can hold */
  | 'bad-identity-text'
  /** an identity update of XMTP V3 that is malformed, not signed by who it says, or against the rules of its inbox */
  | 'bad-identity-update'
  /** an identity update with an action, a member or a signature of a kind that is not verified here */
  | 'unverifiable-update'
  /** the key carries no signature */
  | 'not-signed'
  /** a V2 identity key whose signature is not a wallet's */
  | 'not-signed-by-wallet'
  /** keys stamped in nanoseconds have no legacy form */
  | 'not-legacy'
  /** a private key does not belong to the public key beside it */
  | 'private-public-mismatch'
  /** a prekey is not signed by the identity key of its bundle */
  | 'prekey-signature-invalid'
  /** a private bundle without any prekey */
  | 'no-prekey'
  /** none of our prekeys is the one that was named */
  | 'no-matching-prekey'
  /** no key is known for a topic: its invitation was never saved */
  | 'no-topic-key'
  /** the wallet signature recovers to another account than the expected one */
  | 'wrong-account'
  /** signed fields that name another origin than the expected one */
  | 'wrong-origin'
  /** a header or an invitation names another topic than the expected one, or a topic that messages may not be sent to */
  | 'wrong-topic'
  /** the envelope and the header inside it carry different times */
  | 'wrong-time'
  /** neither side of a header is us, or content names a sender that is not us */
  | 'not-a-party'
  /** what the caller says about a message contradicts its header */
  | 'contradicts-header'
  /** the signature does not verify over the signed fields */
  | 'signature-invalid'
  /** sealed bytes that this secret does not open */
  | 'not-opened'
  /** a conversation that the caller was not given */
  | 'out-of-scope';

/** Every refusal of src/protocol. `reason` is stable; `message` is for people and holds no values. */
export class ProtocolError extends Error {
  readonly reason: ProtocolErrorReason;

  constructor(reason: ProtocolErrorReason, message: string) {
    super(message);
    this.name = 'ProtocolError';
    this.reason = reason;
  }
}
