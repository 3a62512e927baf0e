// Which xmtp-js stands beside the adapter: what the adapter takes from it, or one clear error.
// Promises that a version that has not what is needed is told by name of those that have, before anything else goes wrong.
// Must not judge by a version number, which the package does not tell.
import * as xmtp from '@xmtp/xmtp-js';
import { PrekeyVaultError } from '../errors';

/** What every keystore call is encoded and decoded with, and how topics are written, as xmtp-js itself does it. */
export type KnownXmtp = Pick<typeof xmtp, 'keystoreApiDefs' | 'buildContentTopic' | 'HttpApiClient' | 'ApiUrls'>;

/** Read by name from the whole module: an import of a name that a version does not have would fail before anybody could say so. */
const parts = xmtp as Partial<KnownXmtp>;

/** The parts of xmtp-js. Throws PrekeyVaultError 4200 when it is a version that does not have them all, such as 10. */
export function knownXmtp(): KnownXmtp {
  const { keystoreApiDefs, buildContentTopic, HttpApiClient, ApiUrls } = parts;
  if (!keystoreApiDefs || !buildContentTopic || !HttpApiClient || !ApiUrls) {
    throw new PrekeyVaultError(
      4200,
      'Prekey Vault does not work with this version of @xmtp/xmtp-js. It works with 11.4.1, 11.6.3, 12.1.0 and 13.0.4: install 13.0.4.',
    );
  }
  return { keystoreApiDefs, buildContentTopic, HttpApiClient, ApiUrls };
}
