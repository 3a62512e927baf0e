// Publishing through the vault: `xmtp_publish`, with its one message written.
// Promises that one call is one request, and that nothing but PrekeyVaultError is thrown.
// Must not keep state, or send anything by itself: the vault does.
import { encodePublishRequest } from '../../protocol/keystore/publish';
import { call, forAccount } from '../request';
import type { AccountOptions, PrekeyVaultProvider } from '../types';

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
  options: AccountOptions = {},
): Promise<void> {
  const account = forAccount('publish', options);
  await call(provider, 'xmtp_publish', {
    request: encodePublishRequest(envelopes) as Uint8Array<ArrayBuffer>,
    ...account,
  });
}
