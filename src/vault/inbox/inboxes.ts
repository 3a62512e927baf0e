// The inboxes of XMTP V3 that an identity belongs to: its address there, the texts it signs, and what it remembers of them (docs/v3.md).
// Promises: a text is read, judged and written anew from its fields before it is signed; its line in the ledger is there before the signature leaves,
// once for each text. Must not: be called for a signature or an archive key without a decision of a person; the gate sees to that (P2).
import { VaultError } from '../../contract/errors';
import { recoveryShapes, type IdentityTextDefect } from '../../contract/choices';
import type { ArchiveKeyFacts, IdentityTextFacts, InboxList, InboxView } from '../../contract/pages/inbox';
import { bytesToHex, utf8ToBytes } from '../../protocol/base/bytes';
import { parseIdentityText, type IdentityText } from '../../protocol/inbox/identity-text';
import { isInboxMadeBy } from '../../protocol/inbox/inbox-id';
import type { InboxKeys } from '../keys/inbox-keys';
import type { UnlockedIdentity } from '../keys/unlocked-identity';
import type { SafeChanges } from '../safe/safe-change';
import { sha256 } from '../safe/header';
import type { Bytes } from '../store/encoding';
import type { VaultHost } from '../store/host';
import type { ArchiveSecrets, WhichArchiveKey } from './archive-secrets';
import * as known from './ledger';
import { decodeLedger, emptyLedger, encodeLedger, ledgerRecord, type InboxNote, type Ledger } from './ledger-record';
import type { KnownLog } from './log-record';
import type { InboxLogs } from './logs';
import { metersBy, readOf } from './read-state';

/** A text is refused when its own time is further than this from its arrival, in milliseconds. */
export const textAgeMs = 300_000;

/** Every method throws 'locked', 'not-found', 'damaged', 'newer-format', 'wrong-step' for a draft, and 'storage-failed'. */
export interface Inboxes {
  /** The address that apps are given: `0x` and 40 lower-case hex digits. Undefined as long as there is no key. */
  known(safeId: string): Promise<string | undefined>;
  /** The same; makes the first key. */
  identifier(safeId: string): Promise<string>;
  /**
   * What a text says and what is known of its inbox. `arrivedAtMs`: when the request came, by which its time is judged. Throws 'bad-identity-text'
   * (detail: IdentityTextDefect), and 'limit' when no more texts can be remembered.
   */
  describe(safeId: string, request: { text: string; origin: string; arrivedAtMs: number }): Promise<IdentityTextFacts>;
  /**
   * The signature under a text that a person approved: 65 bytes, the same for the same text however often it is asked for. `identifier`: the address
   * that was shown; 'stale' when another one would sign by now. Throws as `describe`, but not for the time of the text.
   */
  sign(safeId: string, request: { text: string; identifier: string; origin: string; atMs: number }): Promise<Bytes>;
  /** What the card of an archive key shows. Throws 'invalid-input' when there was no key that many times before today's. */
  describeArchive(safeId: string, request: { inboxId: string; earlier: number }): Promise<ArchiveKeyFacts>;
  /** The key of an inbox's archives that was shown, 32 bytes; the first one is made. 'stale' when another one was made since. Secret. */
  archiveKey(safeId: string, which: WhichArchiveKey): Promise<Bytes>;
  list(input: { safeId: string }): Promise<InboxList>;
  /** Changes what the person says of an inbox. Throws 'limit'. */
  note(safeId: string, inboxId: string, change: Partial<Pick<InboxNote, 'name' | 'said'>>): Promise<void>;
  /** Takes the person's word that this identity is the recovery of an inbox, or not. Throws 'wrong-step' when it has no key yet, 'limit'. */
  markRecovery(safeId: string, inboxId: string, isRecovery: boolean): Promise<void>;
  /** Makes another key, which apps are given from now on. Throws 'limit'. */
  newKey(safeId: string): Promise<void>;
  /** Makes another archive key. Throws 'limit'. */
  newArchiveKey(safeId: string): Promise<void>;
  /** Everything that is remembered, for a backup file. */
  ledgerOf(safeId: string): Promise<Ledger>;
}

/** A text that may be signed, by which address, and what was known before it. */
interface Judged {
  textDigest: string;
  ledger: Ledger;
  own: readonly string[];
  identifier: string;
}

export function createInboxes(options: {
  host: VaultHost;
  changes: SafeChanges;
  keys: InboxKeys;
  archives: ArchiveSecrets;
  logs: Pick<InboxLogs, 'all'>;
  unlockedIdentity: UnlockedIdentity;
}): Inboxes {
  const { host, changes, keys, archives, logs, unlockedIdentity } = options;

  async function ledgerOf(safeId: string): Promise<Ledger> {
    const { mustStillBeOpen } = await unlockedIdentity(safeId);
    const plain = await changes.read(safeId, ledgerRecord);
    mustStillBeOpen();
    return plain ? decodeLedger(plain) : emptyLedger;
  }

  async function write(safeId: string, ledger: Ledger): Promise<void> {
    await changes.change({
      stage: 'inbox.ledger',
      safeId,
      put: [{ kind: ledgerRecord, plain: encodeLedger(ledger) }],
    });
  }

  const logOf = async (safeId: string, inboxId: string) =>
    (await logs.all(safeId)).find((log) => log.inboxId === inboxId);

  const addressesOf = async (safeId: string) => (await keys.views(safeId)).map(({ address }) => address);

  /** Throws 'bad-identity-text'. A text that is in the ledger is judged as when it came first: by what was known without it. */
  async function judge(safeId: string, text: string, read: IdentityText): Promise<Judged> {
    const textDigest = bytesToHex(await sha256(utf8ToBytes(text)));
    const own = await addressesOf(safeId);
    const ledger = await ledgerOf(safeId);
    const identifier = signerOf(read, own, known.withoutText(ledger, textDigest));
    return { textDigest, ledger, own, identifier };
  }

  return {
    known: async (safeId) => (await addressesOf(safeId)).at(-1),
    async identifier(safeId) {
      return (await addressesOf(safeId)).at(-1) ?? (await keys.add(safeId, host.nowMs())).address;
    },
    async describe(safeId, { text, origin, arrivedAtMs }) {
      const read = parsed(text);
      if (Math.abs(read.timeMs - arrivedAtMs) > textAgeMs) throw refused('date');
      const { textDigest, ledger: whole, own, identifier } = await judge(safeId, text, read);
      const ledger = known.withoutText(whole, textDigest);
      const { shape, inboxId, timeMs } = read;
      const [standing, values] = [known.standingOf(ledger, inboxId), valuesOf(read)];
      const granted = known.grantedIn(ledger, inboxId);
      const others = granted.filter((one) => !values.includes(one.installationId));
      // 'limit' now rather than after the person approved.
      known.withText(whole, { atMs: 0, origin, identifier, inboxId, shape, values, textDigest });
      return {
        text,
        shape,
        inboxId,
        timeMs,
        identifier,
        values,
        inbox: shape === 'create+grant' && standing === 'unknown' ? 'new' : standing,
        role: known.roleIn(ledger, inboxId, own),
        isAboutUs: shape !== 'link' && values.some((value) => own.includes(value)),
        name: known.noteOf(ledger, inboxId)?.name ?? '',
        ofThisOrigin: others.filter((one) => one.origin === origin).length,
        isThereAlready: others.length < granted.length,
        ...metersBy(ledger, await logOf(safeId, inboxId), inboxId),
      };
    },
    async sign(safeId, { text, identifier: shown, origin, atMs }) {
      const { mustStillBeOpen } = await unlockedIdentity(safeId);
      const read = parsed(text);
      const { textDigest, ledger, identifier } = await judge(safeId, text, read);
      if (identifier !== shown) throw new VaultError('stale');
      const signature = await keys.sign(safeId, identifier, read);
      const { shape, inboxId } = read;
      const entry = { atMs, origin, identifier, inboxId, shape, values: valuesOf(read), textDigest };
      const next = known.withText(ledger, entry);
      if (next !== ledger) await write(safeId, next);
      mustStillBeOpen();
      return signature;
    },
    async describeArchive(safeId, { inboxId, earlier }) {
      const [ledger, made] = [await ledgerOf(safeId), await archives.madeAtMs(safeId)];
      // Before the first key there is none, and asking for today's makes it.
      if (earlier > 0 && earlier >= made.length) throw new VaultError('invalid-input');
      return {
        inboxId,
        earlier,
        madeAtMs: made.at(-1 - earlier) ?? null,
        inbox: known.standingOf(ledger, inboxId),
        name: known.noteOf(ledger, inboxId)?.name ?? '',
      };
    },
    async archiveKey(safeId, which) {
      const made = await archives.madeAtMs(safeId);
      if (made.length === 0) await archives.add(safeId, host.nowMs());
      return archives.keyOf(safeId, which);
    },
    async list({ safeId }) {
      const views = await keys.views(safeId);
      const [ledger, archiveKeysMadeAtMs] = [await ledgerOf(safeId), await archives.madeAtMs(safeId)];
      const own = views.map(({ address }) => address);
      const read = new Map((await logs.all(safeId)).map((log) => [log.inboxId, log]));
      const inboxes = known.inboxIdsOf(ledger).map((inboxId) => viewOf(ledger, read.get(inboxId), inboxId, own));
      return { keys: views, inboxes, archiveKeysMadeAtMs };
    },
    async note(safeId, inboxId, change) {
      await write(safeId, known.withNote(await ledgerOf(safeId), inboxId, change));
    },
    async markRecovery(safeId, inboxId, isRecovery) {
      const [ledger, own] = [await ledgerOf(safeId), await addressesOf(safeId)];
      const identifier = known.memberIn(ledger, inboxId) ?? own.at(-1);
      if (identifier === undefined) throw new VaultError('wrong-step');
      const recovery = isRecovery ? { sinceMs: host.nowMs(), identifier } : null;
      await write(safeId, known.withNote(ledger, inboxId, { recovery }));
    },
    async newKey(safeId) {
      await keys.add(safeId, host.nowMs());
    },
    newArchiveKey: (safeId) => archives.add(safeId, host.nowMs()),
    ledgerOf,
  };
}

function parsed(text: string): IdentityText {
  try {
    return parseIdentityText(text);
  } catch {
    throw refused('unreadable');
  }
}

/** The address whose key may sign this text. Throws 'bad-identity-text'. */
function signerOf(read: IdentityText, own: readonly string[], ledger: Ledger): string {
  const { inboxId } = read;
  const signer = (): string | undefined => {
    switch (read.shape) {
      case 'create+grant':
        return isInboxMadeBy(inboxId, read.owner) ? read.owner : undefined;
      case 'link':
        return read.address;
      case 'grant':
        // A key signs for the inboxes it belongs to, also when apps are given a newer one by now.
        return known.memberIn(ledger, inboxId) ?? known.recoveryIn(ledger, inboxId, own) ?? own.at(-1);
      default:
        return known.recoveryIn(ledger, inboxId, own);
    }
  };
  const named = signer();
  const isForRecovery = recoveryShapes.some((shape) => shape === read.shape);
  if (isForRecovery && named === undefined) throw refused(own.length === 0 ? 'not-this-key' : 'not-recovery');
  if (named === undefined || !own.includes(named)) throw refused('not-this-key');
  return named;
}

/** What the shape is about, beside the inbox and its owner. */
function valuesOf(read: IdentityText): string[] {
  if (read.shape === 'revoke') return [...read.installationIds];
  return [read.shape === 'create+grant' || read.shape === 'grant' ? read.installationId : read.address];
}

function viewOf(ledger: Ledger, log: KnownLog | undefined, inboxId: string, own: readonly string[]): InboxView {
  const note = known.noteOf(ledger, inboxId);
  return {
    inboxId,
    name: note?.name ?? '',
    inbox: known.standingOf(ledger, inboxId),
    identifier: known.memberIn(ledger, inboxId) ?? known.recoveryIn(ledger, inboxId, own) ?? '',
    role: known.roleIn(ledger, inboxId, own),
    isMarked: (note?.recovery ?? null) !== null,
    granted: known.grantedIn(ledger, inboxId),
    texts: known
      .textsOf(ledger, inboxId)
      .map(({ shape, values, origin, atMs }) => ({ shape, values: [...values], origin, atMs })),
    ...metersBy(ledger, log, inboxId),
    read: log ? readOf(ledger, log, own) : null,
  };
}

const refused = (defect: IdentityTextDefect) => new VaultError('bad-identity-text', defect);
