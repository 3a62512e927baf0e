// One typed function per method of the provider, and one for its events.
// Promises that each sends exactly one request and throws nothing but PrekeyVaultError.
// Must not keep state, retry or ask twice: what the person sees is one request, one answer.
import { errorCode } from '../contract/errors';
import type { MethodName, MethodParams, MethodResult } from '../contract/methods';
import { utf8ToBytes } from '../protocol/bytes';
import { decodeSignature, encodeSignDigestRequest } from '../protocol/keystore-calls';
import { encodePublishRequest } from '../protocol/publish';
import { PrekeyVaultError, toPrekeyVaultError } from './errors';
import type {
  Capabilities,
  Capability,
  Duration,
  Grant,
  KeystoreMethodName,
  PrekeyVaultProvider,
  PublicKeyBundle,
  VaultSignature,
} from './types';

/**
 * `vault_connect`: asks the person for `capabilities` (at least one, none twice), for `duration` if given. Returns what was
 * granted, which may be less. Throws 4001 when the person refuses, -32002 when the same question is already waiting.
 */
export async function connect(
  provider: PrekeyVaultProvider,
  ask: { capabilities: readonly Capability[]; duration?: Duration },
): Promise<Grant> {
  return call(provider, 'vault_connect', {
    capabilities: [...ask.capabilities],
    ...(ask.duration === undefined ? {} : { duration: ask.duration }),
  });
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
export async function disconnect(provider: PrekeyVaultProvider, options: { account?: string } = {}): Promise<void> {
  await call(provider, 'vault_disconnect', forAccount(options.account));
}

/** `vault_getPublicKeyBundle`: the public keys of `account`, or of the only account. Throws 4100 without `identity`. */
export function publicKeyBundle(provider: PrekeyVaultProvider, options: { account?: string } = {}): Promise<PublicKeyBundle> {
  return call(provider, 'vault_getPublicKeyBundle', forAccount(options.account));
}

/**
 * `vault_sign`: asks for a signature by the current prekey over `payload` (text is sent as UTF-8, at most 65,536 bytes)
 * with `purpose`, a short label the person reads (1 to 100 characters). Throws 4001 when the person refuses, 4100 without
 * the capability `sign`, -32602 when something does not fit. Check the result with `verifyVaultSignature`.
 */
export async function sign(
  provider: PrekeyVaultProvider,
  request: { payload: Uint8Array | string; purpose: string; account?: string },
): Promise<VaultSignature> {
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
 * of its response (docs/provider-api.md). At most 1,000 items and 8 MiB at once. Most dapps use `prekey-vault/sdk/xmtp`
 * instead. Throws 4100 without the method's capability, 4001 when the person refuses, and -32602 with `keystoreCode` when the
 * keystore refuses the call as a whole; items of a batch fail inside the response.
 */
export function callKeystore(
  provider: PrekeyVaultProvider,
  method: KeystoreMethodName,
  request: Uint8Array,
  options: { account?: string } = {},
): Promise<Uint8Array> {
  return call(provider, method, { request: request as Uint8Array<ArrayBuffer>, ...forAccount(options.account) });
}

/**
 * `xmtp_signDigest`: asks for a blind signature by the current prekey over exactly 32 bytes. The person is warned and asked every
 * single time. Messages do not need this: the vault signs them where it can see them. Throws 4001, 4100 without `sign.digest`,
 * -32602 for another length.
 */
export async function signDigest(
  provider: PrekeyVaultProvider,
  digest: Uint8Array,
  options: { account?: string } = {},
): Promise<{ bytes: Uint8Array; recovery: 0 | 1 }> {
  if (!(digest instanceof Uint8Array) || digest.length !== 32) {
    throw new PrekeyVaultError(errorCode.invalidParams, 'A digest has 32 bytes.', { field: 'digest' });
  }
  const request = encodeSignDigestRequest({ digest, signer: { prekeyIndex: 0 } });
  const answer = await callKeystore(provider, 'xmtp_signDigest', request, options);
  try {
    const { bytes, recovery } = decodeSignature(answer);
    return { bytes, recovery };
  } catch (thrown) {
    throw toPrekeyVaultError(thrown);
  }
}

/** One thing to publish on the XMTP network. `timestampNs`: nanoseconds since 1970. */
export interface OutgoingEnvelope {
  contentTopic: string;
  timestampNs: bigint;
  message: Uint8Array;
}

/**
 * `xmtp_publish`: the vault publishes to the node that its owner set, with its own token. At most 100 envelopes and 8 MiB at
 * once. Throws 4100 without `messages.write`, 4001 when the person refuses, -32005 for more, -32602 for what the vault does not publish
 * (to private stores, as the contact of anybody else, dated ahead), and -32603 with `network` when the node could not be used: nothing, or only the
 * first of the envelopes, is published then, and sending the same ones again does no harm.
 */
export async function publish(
  provider: PrekeyVaultProvider,
  envelopes: readonly OutgoingEnvelope[],
  options: { account?: string } = {},
): Promise<void> {
  await call(provider, 'xmtp_publish', { request: encodePublishRequest(envelopes) as Uint8Array<ArrayBuffer>, ...forAccount(options.account) });
}

/** What each event hands to its listener. */
export interface PrekeyVaultEvents {
  /** The addresses this site may use now; empty after a revocation. */
  accountsChanged: string[];
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

/** Listens for an event. Returns the function that stops listening; calling it again does nothing. */
export function on<E extends keyof PrekeyVaultEvents>(
  provider: PrekeyVaultProvider,
  event: E,
  listener: (data: PrekeyVaultEvents[E]) => void,
): () => void {
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

async function call<M extends MethodName>(
  provider: PrekeyVaultProvider,
  method: M,
  params?: MethodParams<M>,
): Promise<MethodResult<M>> {
  try {
    // The vault's word for it; what has to be proved, verifyVaultSignature proves.
    return (await provider.request(params === undefined ? { method } : { method, params })) as MethodResult<M>;
  } catch (thrown) {
    throw toPrekeyVaultError(thrown);
  }
}

function forAccount(account: string | undefined): { account: string } | undefined {
  return account === undefined ? undefined : { account };
}

function payloadBytes(payload: Uint8Array | string): Uint8Array<ArrayBuffer> {
  // A copy, since the person may take a while; what is no byte array at all is for the vault to refuse.
  if (typeof payload !== 'string') return payload instanceof Uint8Array ? payload.slice() : payload;
  try {
    return utf8ToBytes(payload).slice();
  } catch (cause) {
    throw new PrekeyVaultError(errorCode.invalidParams, 'The payload is not well-formed text.', { field: 'payload', cause });
  }
}
