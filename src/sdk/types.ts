// The shapes a dapp sees: the provider, its events, grants, signatures and bundles.
// Promises plain types that lean on nothing else, so that the published declarations stand alone.
// Must match src/contract/dapp/methods.ts; calls.ts assigns one to the other, so a difference does not compile.

/**
 * What a dapp may ask for. `identity`: read the public key bundle. `sign`: ask for prekey signatures over labelled payloads.
 * `messages.read`: open invitations and messages. `messages.write`: make invitations, encrypt and publish messages.
 * `preferences`: the private list of who may write. `notifications`: HMAC keys for a push server. `network.token`: ask for tokens, with
 * each of which the page itself publishes on every topic of the account until it expires at the node; the person is asked for each.
 * `xmtp.v3`: be a signer of XMTP V3 (`vaultXmtpSigner`); the person is asked for each text. `xmtp.v3.archive`: make and open archives of messages
 * (`vaultArchive`); the person is asked for each key.
 */
export type Capability =
  | 'identity'
  | 'sign'
  | 'messages.read'
  | 'messages.write'
  | 'preferences'
  | 'notifications'
  | 'network.token'
  | 'xmtp.v3'
  | 'xmtp.v3.archive';

/** The methods of the XMTP keystore that the vault answers: protobuf bytes of the request in, of the response out. */
export type KeystoreMethodName =
  | 'xmtp_createAuthToken'
  | 'xmtp_createInvite'
  | 'xmtp_encryptV1'
  | 'xmtp_encryptV2'
  | 'xmtp_saveInvites'
  | 'xmtp_decryptV1'
  | 'xmtp_decryptV2'
  | 'xmtp_getV1Conversations'
  | 'xmtp_saveV1Conversations'
  | 'xmtp_getV2Conversations'
  | 'xmtp_getRefreshJob'
  | 'xmtp_setRefreshJob'
  | 'xmtp_getV2ConversationHmacKeys'
  | 'xmtp_selfEncrypt'
  | 'xmtp_selfDecrypt'
  | 'xmtp_getPrivatePreferencesTopicIdentifier'
  | 'xmtp_createPrivatePreference'
  | 'xmtp_getPrivatePreferences'
  | 'xmtp_savePrivatePreferences';

/**
 * How long a grant lasts. `once`: in the document that asked, until the first signature. `until-locked`: until the person
 * locks the identity. `until-revoked`: until the person ends it, or 30 days without use.
 */
export type Duration = 'once' | 'until-locked' | '1h' | '1d' | '30d' | 'until-revoked';

/**
 * Which conversations something is about. `all`: every one. `site`: those whose conversation id begins with the host of the site, and those that it
 * began. `peers`: those with these accounts. `conversations`: those with these topics.
 */
export type Scope =
  | { of: 'all' }
  | { of: 'site' }
  | { of: 'peers'; peers: readonly string[] }
  | { of: 'conversations'; topics: readonly string[] };

/** The capabilities that reach into conversations. */
export type ScopedCapability = 'messages.read' | 'messages.write' | 'notifications';

/** What this site may do with one account. */
export interface Grant {
  /** EIP-55 address. */
  account: string;
  /** What was granted; the person may have narrowed what was asked for. */
  capabilities: Capability[];
  duration: Duration;
  /** Milliseconds since 1970. */
  grantedAtMs: number;
  /** Milliseconds since 1970, or null when the grant does not end by the clock. */
  expiresAtMs: number | null;
  /** Where each capability that reaches conversations may be used; those that were not granted are absent. */
  scopes: { [C in ScopedCapability]?: Scope | undefined };
  /** How often each capability may be used, in an hour or in all, and how often still; those without a budget are absent. */
  budgets: { [capability: string]: { uses: number; per: 'hour' | 'all'; left: number } };
}

/** Whose: the account of one of this site's grants, in any spelling of its digits; left out, of the newest that fits. */
export interface AccountOptions {
  account?: string;
}

/** The fields that a signature of `vault_sign` covers. */
export interface SignedFields {
  /** Version of the byte format (docs/provider-api.md). */
  version: 1;
  /** The origin that asked, as the browser reported it: scheme, host, port. */
  origin: string;
  /** EIP-55 address of the account behind the keys. */
  account: string;
  purpose: string;
  /** Milliseconds since 1970, by the clock of the vault. */
  issuedAtMs: number;
  payload: Uint8Array;
}

/** The answer of `vault_sign`: everything that is needed to check it offline. */
export interface VaultSignature {
  /** ECDSA over secp256k1: r and s of 32 bytes each, s low, and the recovery bit. */
  signature: { bytes: Uint8Array; recovery: 0 | 1 };
  signed: SignedFields;
  /** Protobuf bytes of an XMTP SignedPublicKeyBundle: the identity key, and the prekey that signed. */
  signedPublicKeyBundle: Uint8Array;
}

/** The public keys of one account, in both generations of XMTP. */
export interface PublicKeyBundle {
  account: string;
  /** Protobuf bytes of an XMTP SignedPublicKeyBundle. */
  signedPublicKeyBundle: Uint8Array;
  /** Protobuf bytes of the older XMTP PublicKeyBundle. */
  publicKeyBundle: Uint8Array;
}

/** What the installed vault can do. The same answer for every site. */
export interface Capabilities {
  version: string;
  methods: Record<string, { tier: string; capability: string | null }>;
  /** Numbers by name, e.g. `signPayloadBytes` (docs/provider-api.md). */
  limits: Record<string, number>;
}

/** The one argument of `request`, as in EIP-1193. */
export interface RequestArguments {
  readonly method: string;
  readonly params?: unknown;
}

/** `window.prekeyVault`: an EIP-1193 provider for the methods of docs/provider-api.md. */
export interface PrekeyVaultProvider {
  request(args: RequestArguments): Promise<unknown>;
  on(event: string, listener: (data: never) => void): unknown;
  removeListener(event: string, listener: (data: never) => void): unknown;
}

/** Who announces a provider; the fields of EIP-6963. */
export interface ProviderInfo {
  /** Version 4 UUID, new for each page. */
  readonly uuid: string;
  readonly name: string;
  /** An image as data URI. */
  readonly icon: string;
  /** Reverse domain name of the extension's maker. */
  readonly rdns: string;
}
