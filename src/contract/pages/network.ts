// Calls that talk to the node: look, publish, copy, history.
// Promises: every row can be repeated after a dead worker; long work is cut into calls, so that a page shows progress and can stop.
import * as v from 'valibot';
import { accountText } from '../address';
import { glancePages, row, type Row } from './pages';
import { environment, safe, safeId, signature, typed, type Environment } from '../schemas';

/** The node that the page showed when the person pressed: the call is for that node, or throws `stopped`. Without it, the node that is set when the call arrives. */
export const node = v.optional(v.pipe(v.string(), v.maxLength(300)));
/** Where a look at the key topic goes on; the newest row without it. */
export const from = v.optional(v.nullable(v.pipe(v.string(), v.maxLength(100))));

/** One candidate for retrieval: everything on the node that one signature opens. */
export interface NetworkCopy {
  /** The walletPreKey in hex. */
  copyId: string;
  /** When the newest envelope of this candidate was published, milliseconds since 1970, as its sender says. */
  publishedAtMs: number;
  /** "Enable Identity" text to sign. */
  text: string;
  /** Where the look began that found it. */
  from: string | null;
}

export interface NetworkLook {
  /** The node that was asked. */
  nodeUrl: string;
  /** The contact that counts for the account, if any; `identityKeyHex` tells identities apart. */
  contact: { version: 1 | 2; publishedAtMs: number; identityKeyHex: string } | null;
  /** Candidates, newest first. */
  copies: NetworkCopy[];
  /** Envelopes on the account's key topic that are not an encrypted bundle at all. */
  unreadable: number;
  /** There is more on the key topic than one look goes through; a look `from` here goes on. Null when everything was seen. */
  more: string | null;
}

/**
 * What is told of the account's own topics, to which only it can publish, or whoever has a token of it.
 * - `dated-ahead`: what is newest carries a date in the future, so ours had to be dated after it.
 * - `not-newest`: a row stands above ours that nothing can be dated after; others may find that row.
 * - `foreign-rows`: what nobody can use stands, or stood, above ours.
 * - `other-copy-published`: a sealed copy that is not ours stands above ours, and a rotation waits for a word about it.
 * - `left-behind`: a rotation was finished in this browser only; the node has the prekey before.
 */
export type NetworkNotice =
  | 'older-prekey-republished'
  | 'other-identity-published'
  | 'dated-ahead'
  | 'not-newest'
  | 'foreign-rows'
  | 'other-copy-published'
  | 'left-behind';

export interface NetworkState {
  environment: Environment | null;
  /** When our contact was last published or seen on the node as ours; null when never. */
  contactPublishedAtMs: number | null;
  /** `published`: on the node, but not yet opened with a second signature. */
  copy: { state: 'none' } | { state: 'published' | 'saved'; atMs: number };
  notice: NetworkNotice | null;
  /** Whether the keys have their origin on the network (then stock clients of the account may be in use). */
  keysFrom: 'here' | 'network' | 'backup';
}

export interface HistoryPage {
  /** Envelopes looked at, and conversations that were new, on this page. */
  seen: number;
  added: number;
  /** Null at the end. */
  cursor: string | null;
}

export const networkMethods = {
  /** Asks the node whether it answers, without changing anything. Throws a network reason. */
  network_check: row<null>()({ params: environment, pages: ['onboarding', 'vault'] }),
  /** Looks for the account's keys on the network; `from`: the `more` of an earlier look, whose contact it leaves out. Throws `no-network` or a network reason. */
  network_look: row<NetworkLook>()({
    params: v.strictObject({ account: accountText, from }),
    pages: ['onboarding', 'vault'],
  }),
  /** Asks no node. */
  network_state: row<NetworkState>()({ params: safe, pages: ['vault', 'onboarding', ...glancePages] }),
  /** Publishes the public bundles (V1, then V2). `typed` (the account's last four characters) replaces another identity's contact; without it that is `needs-confirmation`. */
  network_publishContact: row<NetworkState>()({
    params: v.strictObject({ safeId, node, typed: v.optional(typed) }),
    pages: ['onboarding', 'vault'],
  }),
  /** The person has read the consent text: makes the text to sign. */
  network_copyText: row<{ text: string }>()({
    params: v.strictObject({ safeId, node }),
    pages: ['onboarding', 'vault'],
  }),
  /** First "Enable Identity" signature: seals, publishes, fetches and opens; then the copy is `published`. `typed` as above when the node holds a copy that is not ours. */
  network_publishCopy: row<NetworkState>()({
    params: v.strictObject({ safeId, node, signature, typed: v.optional(typed) }),
    pages: ['onboarding', 'vault'],
  }),
  /** Second signature of the same text must open what the node gives back; then the copy is `saved`. Throws `unsteady-wallet` when it does not. */
  network_confirmCopy: row<NetworkState>()({
    params: v.strictObject({ safeId, node, signature }),
    pages: ['onboarding', 'vault'],
  }),
  /** The person has seen the notice that another client published an older contact. */
  network_dismissNotice: row<null>()({ params: safe, pages: ['vault', ...glancePages] }),
  /** Reads one page of the account's invitations and saves what is new. Call again with `cursor` until it is null. */
  network_readHistory: row<HistoryPage>()({
    params: v.strictObject({ safeId, node, cursor: v.nullable(v.pipe(v.string(), v.maxLength(400))) }),
    pages: ['onboarding', 'vault'],
  }),
} as const satisfies Record<string, Row>;
