// One typed function per method of the provider, and one for its events.
// Promises that each sends exactly one request and throws nothing but PrekeyVaultError; -32602 for an option that does not exist.
// Must not keep state, retry or ask twice: what the person sees is one request, one answer.
import { errorCode } from '../contract/errors';
import { utf8ToBytes } from '../protocol/base/bytes';
import type { MethodParams } from '../contract/dapp/methods';
import { PrekeyVaultError, toPrekeyVaultError } from './errors';
import type { OptionNames } from './options';
import { call, forAccount, mustBeOptions } from './request';
import type {
  AccountOptions,
  Capabilities,
  Capability,
  Duration,
  Grant,
  KeystoreMethodName,
  PrekeyVaultProvider,
  PublicKeyBundle,
  Scope,
  ScopedCapability,
  VaultSignature,
} from './types';

/** Options of `connect`. */
export interface ConnectOptions {
  capabilities: readonly Capability[];
  duration?: Duration;
  /** Where this site wants to use each capability that reaches conversations; what is left out it asks for everywhere. */
  scopes?: { [C in ScopedCapability]?: Scope | undefined };
}
/** Options of `sign`. */
export interface SignOptions {
  payload: Uint8Array | string;
  purpose: string;
  account?: string;
}
/** Options of `callKeystore`. */
interface KeystoreOptions extends AccountOptions {
  /**
   * The list that this request is a part of, the same for each part: its items, and the SHA-256 of each part's `request`, one after the other. The
   * person is asked once for all of it.
   */
  whole?: { items: number; parts: Uint8Array };
}
const keystoreCallOptions: OptionNames<KeystoreOptions> = { account: true, whole: true };
const connectOptions: OptionNames<ConnectOptions> = { capabilities: true, duration: true, scopes: true };
const signOptions: OptionNames<SignOptions> = { payload: true, purpose: true, account: true };

/**
 * `vault_connect`: gives what a live grant gives already, without a card, or asks the person for `capabilities` (at least one, none
 * twice), for `duration` if given. Returns what is granted, which may be less, or more where the site had more before. Throws 4001 when the person refuses, -32002 when the same question is already waiting.
 */
export async function connect(provider: PrekeyVaultProvider, ask: ConnectOptions): Promise<Grant> {
  mustBeOptions('connect', ask, connectOptions);
  return call(provider, 'vault_connect', {
    capabilities: [...ask.capabilities],
    ...(ask.duration === undefined ? {} : { duration: ask.duration }),
    ...(ask.scopes === undefined ? {} : { scopes: wireScopes(ask.scopes) }),
  });
}

/** Lists of their own, as the vault takes them. */
function wireScopes(
  scopes: NonNullable<ConnectOptions['scopes']>,
): NonNullable<MethodParams<'vault_connect'>['scopes']> {
  const own = (scope: Scope | undefined) => {
    if (scope?.of === 'peers') return { of: scope.of, peers: [...scope.peers] };
    return scope?.of === 'conversations' ? { of: scope.of, topics: [...scope.topics] } : scope;
  };
  const named = Object.entries(scopes).filter(([, scope]) => scope !== undefined);
  return Object.fromEntries(named.map(([capability, scope]) => [capability, own(scope)]));
}

/** `vault_accounts`: the addresses this site was given; empty for a site without a grant. Never asks the person. */
export function accounts(provider: PrekeyVaultProvider): Promise<string[]> {
  return call(provider, 'vault_accounts');
}

/** `vault_getPermissions`: the grants of this site. Throws 4100 for a site that has none. */
export function permissions(provider: PrekeyVaultProvider): Promise<Grant[]> {
  return call(provider, 'vault_getPermissions');
}

/** `vault_disconnect`: gives back the grant for `account`, or all grants of this site. Throws 4100 for a site that has none. */
export async function disconnect(provider: PrekeyVaultProvider, options: AccountOptions = {}): Promise<void> {
  await call(provider, 'vault_disconnect', forAccount('disconnect', options));
}

/** `vault_getPublicKeyBundle`: the public keys of `account`, or of the only account. Throws 4100 without `identity`. */
export async function publicKeyBundle(
  provider: PrekeyVaultProvider,
  options: AccountOptions = {},
): Promise<PublicKeyBundle> {
  return call(provider, 'vault_getPublicKeyBundle', forAccount('publicKeyBundle', options));
}

/**
 * `vault_sign`: asks for a signature by the current prekey over `payload` (text is sent as UTF-8, at most 65,536 bytes)
 * with `purpose`, a short label the person reads (1 to 100 characters). Throws 4001 when the person refuses, 4100 without
 * the capability `sign`, -32602 when something does not fit. Check the result with `verifyVaultSignature`.
 */
export async function sign(provider: PrekeyVaultProvider, request: SignOptions): Promise<VaultSignature> {
  mustBeOptions('sign', request, signOptions);
  return call(provider, 'vault_sign', {
    payload: payloadBytes(request.payload),
    purpose: request.purpose,
    ...(request.account === undefined ? {} : { account: request.account }),
  });
}

/** `vault_getCapabilities`: version, methods and limits of the installed vault. Needs no grant. */
export function capabilities(provider: PrekeyVaultProvider): Promise<Capabilities> {
  return call(provider, 'vault_getCapabilities');
}

/**
 * Any method of the XMTP keystore: `request` are protobuf bytes of its request message (none: an empty array), the result those
 * of its response (docs/provider-api.md). At most 1,000 items and 8 MiB at once. Most dapps use `@prekey-vault/sdk/xmtp`
 * instead. Throws 4100 without the method's capability, 4001 when the person refuses, and -32602 with `keystoreCode` when the
 * keystore refuses the call as a whole; items of a batch fail inside the response.
 */
export async function callKeystore(
  provider: PrekeyVaultProvider,
  method: KeystoreMethodName,
  request: Uint8Array,
  options: KeystoreOptions = {},
): Promise<Uint8Array> {
  mustBeOptions('callKeystore', options, keystoreCallOptions);
  const { account, whole } = options;
  return call(provider, method, {
    request: request as Uint8Array<ArrayBuffer>,
    ...(account === undefined ? {} : { account }),
    ...(whole === undefined ? {} : { whole: { items: whole.items, parts: whole.parts as Uint8Array<ArrayBuffer> } }),
  });
}

/** What each event hands to its listener. */
export interface PrekeyVaultEvents {
  /** The addresses this site may use now; empty after a revocation. */
  accountsChanged: string[];
  /** How many requests of this page wait for a person now. */
  waitingChanged: number;
  /** The grants of this site now. */
  permissionsChanged: Grant[];
  /**
   * The owner made a new prekey for this account. What the page holds goes on working: the vault keeps signing with the prekey it read
   * until it reads the bundle again, by `publicKeyBundle` or by making a new client.
   */
  publicKeyBundleChanged: { account: string };
  /** The extension is gone from this page: code 4900. */
  disconnect: PrekeyVaultError;
}

const eventNames: OptionNames<PrekeyVaultEvents> = {
  accountsChanged: true,
  waitingChanged: true,
  permissionsChanged: true,
  publicKeyBundleChanged: true,
  disconnect: true,
};

/** Listens for an event, and throws -32602 for an event that does not exist. Returns the function that stops listening; calling it again does nothing. */
export function on<E extends keyof PrekeyVaultEvents>(
  provider: PrekeyVaultProvider,
  event: E,
  listener: (data: PrekeyVaultEvents[E]) => void,
): () => void {
  mustBeOptions('on', { [event]: true }, eventNames);
  const inner = (data: PrekeyVaultEvents[E]) => {
    const typed = event === 'disconnect' ? toPrekeyVaultError(data, errorCode.disconnected) : data;
    listener(typed as PrekeyVaultEvents[E]);
  };
  provider.on(event, inner);
  let isListening = true;
  return () => {
    if (!isListening) return;
    isListening = false;
    provider.removeListener(event, inner);
  };
}

function payloadBytes(payload: Uint8Array | string): Uint8Array<ArrayBuffer> {
  try {
    // A copy, since the person may take a while; what is not a byte array is for the vault to refuse. (Of a Buffer, `slice` is not a copy.)
    if (typeof payload !== 'string') return payload instanceof Uint8Array ? new Uint8Array(payload) : payload;
    return utf8ToBytes(payload).slice();
  } catch (cause) {
    throw new PrekeyVaultError(
      errorCode.invalidParams,
      typeof payload === 'string' ? 'The payload is not well-formed text.' : 'The payload is not a byte array.',
      { field: 'payload', cause },
    );
  }
}
