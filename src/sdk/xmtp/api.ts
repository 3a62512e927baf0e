// The message API that an unmodified xmtp-js works on when the vault publishes: reading goes from the page to the node as ever,
// publishing goes through the vault.
// Promises that no token comes into the page unless it was asked for with `orToken`, and that no token is made as long as the
// vault publishes.
// Must not publish anything by itself, or keep what it reads.
import type { ApiClient, NetworkOptions, PublishParams } from '@xmtp/xmtp-js';
import { isDisconnected, PrekeyVaultError } from '../errors';
import { mustBeKnown, type OptionNames } from '../options';
import type { PrekeyVaultProvider } from '../types';
import { publish, type OutgoingEnvelope } from './publish';
import { knownXmtp } from './version';

/** Where a page reads, and what happens when the vault cannot publish. Everything may be left out. */
export interface VaultApiClientOptions {
  /** Address of the node to read from. Default: what the Client was told. It should be the node that is set in the vault. */
  apiUrl?: string;
  /** Which account publishes, when this site was given several. Default: the newest grant's. */
  account?: string;
  /** While no node is set in the vault: publish with a token of the vault, as xmtp-js does by itself. Default false: such a call fails. */
  orToken?: boolean;
}

const apiOptions: OptionNames<VaultApiClientOptions> = { apiUrl: true, account: true, orToken: true };

/** The vault takes 8 MiB and 100 envelopes; the rest of the parameters needs room too. */
const requestBytes = 7 * 1024 * 1024;
const requestEnvelopes = 100;
/** Tags, lengths and the time of one envelope, at most. */
const envelopeFieldBytes = 40;

/**
 * A value for the option `apiClientFactory` of `Client.create`. With it the page needs no token: what is published is sent to
 * the vault, which judges each topic and sends it to the node its owner chose. `publish` throws PrekeyVaultError: 4100 without
 * `messages.write`, 4001 when the person refuses, -32602 for a topic the vault publishes nothing to, -32603 with `network` when
 * the node could not be used.
 */
export function vaultApiClientFactory(
  provider: PrekeyVaultProvider,
  given: VaultApiClientOptions = {},
): (network: NetworkOptions) => ApiClient {
  mustBeKnown('vaultApiClientFactory', given, apiOptions);
  const { account, ...options } = given;
  return vaultApiClients(provider, { ...options, accountOf: () => account });
}

/** The same for an account that is known only when the keystore has begun. */
export function vaultApiClients(
  provider: PrekeyVaultProvider,
  options: Omit<VaultApiClientOptions, 'account'> & { accountOf: () => string | undefined },
): (network: NetworkOptions) => ApiClient {
  const { ApiUrls, HttpApiClient } = knownXmtp();
  return (network) => {
    const { appVersion } = network;
    const node = new HttpApiClient(
      options.apiUrl ?? network.apiUrl ?? ApiUrls[network.env],
      appVersion === undefined ? {} : { appVersion },
    );

    async function send(envelopes: OutgoingEnvelope[]): Promise<void> {
      const account = options.accountOf();
      const once = () => publish(provider, envelopes, account === undefined ? {} : { account });
      // A node takes the same envelope twice without keeping it twice.
      await once().catch((thrown: unknown) => {
        if (isDisconnected(thrown)) return once();
        throw thrown;
      });
    }

    return {
      query: (params, how) => node.query(params, how),
      queryIterator: (params, how) => node.queryIterator(params, how),
      queryIteratePages: (params, how) => node.queryIteratePages(params, how),
      batchQuery: (queries) => node.batchQuery(queries),
      subscribe: (params, callback, onConnectionLost) => node.subscribe(params, callback, onConnectionLost),
      async publish(undated) {
        // Dated once: what is published a second time, with a token, is then the same.
        const messages = undated.map((one) => ({ ...one, timestamp: one.timestamp ?? new Date() }));
        try {
          // In order: who reads the second of two expects to find the first.
          for (const envelopes of requestsOf(messages.map(outgoing))) await send(envelopes);
        } catch (thrown) {
          if (options.orToken !== true || !(thrown instanceof PrekeyVaultError) || thrown.network !== 'none')
            throw thrown;
          await node.publish(messages);
        }
        return {};
      },
      setAuthenticator(authenticator, seconds) {
        // Asked for a token only by the node's own publish.
        if (options.orToken === true) node.setAuthenticator(authenticator, seconds);
      },
    };
  };
}

function outgoing({ contentTopic, message, timestamp }: PublishParams & { timestamp: Date }): OutgoingEnvelope {
  // As the client's own API says it.
  if (contentTopic.length === 0) throw new Error('Content topic cannot be empty string');
  if (message.length === 0) throw new Error('0 length messages not allowed');
  return { contentTopic, message, timestampNs: BigInt(timestamp.getTime()) * 1_000_000n };
}

function requestsOf(envelopes: readonly OutgoingEnvelope[]): OutgoingEnvelope[][] {
  const requests: OutgoingEnvelope[][] = [];
  let bytes = 0;
  for (const envelope of envelopes) {
    const size = envelope.message.length + 3 * envelope.contentTopic.length + envelopeFieldBytes;
    const last = requests.at(-1);
    if (last && last.length < requestEnvelopes && bytes + size <= requestBytes) {
      last.push(envelope);
      bytes += size;
    } else {
      requests.push([envelope]);
      bytes = size;
    }
  }
  return requests;
}
