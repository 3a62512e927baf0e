// What the name of a topic decides: who may write to it, whether it is stored, whether subscribe-all shows it.
// Promises the rules of the real node, odd corners included: only names under /xmtp/0/ are looked at.
// Must not: know wallets beyond comparing text, or restrict reading; every topic may be read by everybody.

const XMTP_PREFIX = '/xmtp/0/';
const MLS_PREFIX = '/xmtp/mls/';

/** Whether this account (EIP-55 text) may publish to the topic. */
export function mayPublish(contentTopic: string, account: string): boolean {
  if (!contentTopic.startsWith(XMTP_PREFIX)) return true;
  const [category, owner] = nameOf(contentTopic);
  return category === 'contact' || category === 'privatestore' ? owner === account : true;
}

/** Whether envelopes of the topic are relayed and never stored. */
export function isEphemeral(contentTopic: string): boolean {
  if (!contentTopic.startsWith(XMTP_PREFIX)) return false;
  const [category] = nameOf(contentTopic);
  return category === 'mE' || category === 'dmE';
}

/** Whether subscribers to everything get the topic. */
export function isShownToAll(contentTopic: string): boolean {
  return contentTopic.startsWith(XMTP_PREFIX) || contentTopic.startsWith(MLS_PREFIX);
}

/** The most rows one page may have, by the topics asked for. */
export function maxPageRows(contentTopics: readonly string[]): number {
  const isPreferences =
    contentTopics.length === 1 && contentTopics[0]?.startsWith(`${XMTP_PREFIX}userpreferences-`) === true;
  return isPreferences ? 500 : 100;
}

function nameOf(contentTopic: string): string[] {
  return (contentTopic.split('/')[3] ?? '').split('-');
}
