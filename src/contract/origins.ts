// Which web addresses are safe on the way, how their hosts are named to the browser, and what else it asks before a node is used: one rule for nodes,
// sites and the settings page.
// Must not: judge whose address it is.
import { rpcAddressLength } from './limits';

/** https anywhere, http on this computer only. */
export function isSafeOnTheWay({ protocol, hostname }: { protocol: string; hostname: string }): boolean {
  return protocol === 'https:' || (protocol === 'http:' && (hostname === 'localhost' || hostname === '127.0.0.1'));
}

/** True for exactly a serialised origin (scheme, host and port, nothing behind) that is safe on the way. */
export function isSafeOrigin(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const url = new URL(text);
  return url.origin === text && isSafeOnTheWay(url);
}

/** True for exactly the written form of an address of JSON-RPC: safe on the way, with path and query as its operator gave them, without a name or a fragment. */
export function isRpcAddress(text: string): boolean {
  if (text.length > rpcAddressLength || !URL.canParse(text)) return false;
  const url = new URL(text);
  return url.href === text && isSafeOnTheWay(url) && url.username === '' && url.password === '' && !text.includes('#');
}

/** The match pattern of a host, as the browser's permissions have it: without a port, which not every browser knows. */
export function hostPattern(address: string): string {
  const { protocol, hostname } = new URL(address);
  return `${protocol}//${hostname}/*`;
}

/** The nodes that a person may set: of V2, where messages and keys are published, of V3, where inboxes are looked up, and of Ethereum, for names of ENS. */
export type NodeKind = 'messages' | 'inboxes' | 'names';

/** What a node of a kind is sent, in Firefox's words: sealed messages, tokens and a sealed copy of keys that was asked for, accounts. */
const sentTo = {
  messages: ['authenticationInfo', 'personalCommunications', 'personallyIdentifyingInfo'],
  inboxes: ['personallyIdentifyingInfo'],
  names: ['personallyIdentifyingInfo'],
} as const;
type Sent = (typeof sentTo)['messages'][number];

interface NodePermissions {
  origins: string[];
  data_collection?: Sent[];
}

/** What the browser has to allow before a node is asked anything: its host, and in Firefox, which asks about that as well, what is sent there. */
export function nodePermissions(pattern: string, kind: NodeKind, browserName: 'chrome' | 'firefox'): NodePermissions {
  return { origins: [pattern], ...(browserName === 'firefox' && { data_collection: [...sentTo[kind]] }) };
}

/** What of it nothing needs while nodes of these kinds are set. */
export function sentToNone(kinds: readonly NodeKind[]): Sent[] {
  const needed = new Set<Sent>(kinds.flatMap((kind) => sentTo[kind]));
  return sentTo.messages.filter((one) => !needed.has(one));
}
