// How waiting requests end without being carried out: refused, expired, their page gone, or nobody left to wait.
// Promises: whoever is connected is answered, and a refusal of the person is in the log.
import { rejected } from '../../contract/errors';
import type { ActivityOutcome } from '../../contract/pages/identity';
import type { ShownRequest } from '../../contract/pages/approvals';
import type { ApprovalRecord } from '../../vault/consent/approvals/approvals';
import type { Vault } from '../../vault/vault';
import type { KeyUse } from './using/key-use';
import type { OpenRequests } from './open-requests';

export interface Endings {
  /** A person rejected this record. */
  refused(record: ApprovalRecord): Promise<void>;
  /** The document is gone: its requests are forgotten and their records cancelled. */
  documentGone(documentKey: string): Promise<void>;
  /** Ends records whose time is over and answers their pages. Returns when the next one ends, in milliseconds since 1970. */
  expireDue(): Promise<number | undefined>;
  /** After a restart: ends what waits for documents that did not come back. */
  reap(): Promise<void>;
  /** Rejects what waits (of one origin), and tells its pages at once. */
  rejectAll(origin?: string): Promise<void>;
  /** Writes a person's refusals into the log, or that they were taken back. */
  logRefused(records: readonly ApprovalRecord[], isTakenBack?: boolean): Promise<void>;
}

export function createEndings({ vault, use, open }: { vault: Vault; use: KeyUse; open: OpenRequests }): Endings {
  async function refused(record: ApprovalRecord): Promise<void> {
    open.answerAll(record.requestIds, rejected('rejected'));
    await logRefusal(record, 'rejected');
  }

  const logRefusal = (ended: ApprovalRecord, outcome: 'rejected' | 'expired') => logAs(ended, ended.method, outcome);

  async function logAs(ended: ApprovalRecord, method: string, outcome: ActivityOutcome): Promise<void> {
    const { shown } = ended;
    if (!shown || shown.kind === 'unlock') return;
    // A refused connection concerns no identity in particular: it is logged with the first that is open.
    const safeId =
      shown.kind !== 'connect'
        ? shown.safeId
        : (await vault.state()).identities.find((one) => one.status === 'unlocked')?.safeId;
    if (safeId === undefined) return;
    use.log(safeId, { method, origin: ended.origin }, purposeOf(shown), outcome);
  }

  return {
    refused,
    async documentGone(documentKey) {
      open.dropDocument(documentKey);
      await vault.approvals.cancelDocument(documentKey);
      await vault.grants.documentGone(documentKey);
      await vault.documentGone(documentKey);
    },
    async expireDue() {
      const { expired, nextMs } = await vault.approvals.expireDue();
      for (const one of expired) {
        open.answerAll(one.requestIds, rejected(one.state === 'interrupted' ? 'interrupted' : 'expired'));
        if (one.state === 'expired') await logRefusal(one, 'expired');
      }
      return nextMs;
    },
    async reap() {
      for (const card of await vault.approvals.list()) {
        const waiting = await vault.approvals.get(card.id);
        if (waiting && !waiting.requestIds.some(open.has)) await vault.approvals.cancelDocument(waiting.documentKey);
      }
    },
    async logRefused(records, isTakenBack = false) {
      for (const one of records)
        await (isTakenBack ? logAs(one, 'unreject', 'done') : logAs(one, one.method, 'rejected'));
    },
    async rejectAll(origin) {
      for (const one of await vault.approvals.rejectAll(origin)) await refused(one);
    },
  };
}

/** What a request was for, in the log: never a payload. */
function purposeOf(shown: Exclude<ShownRequest, { kind: 'unlock' }>): string {
  switch (shown.kind) {
    case 'connect':
      return shown.capabilities.join(', ');
    case 'sign':
      return shown.purpose;
    case 'messages':
      return `${shown.capability}: ${shown.facts.items}`;
    case 'volume':
      return `${shown.facts.capability}: ${shown.facts.items}`;
    case 'token':
      return '';
    case 'v3':
      return `${shown.facts.shape} ${shown.facts.inboxId}`;
    case 'archive':
      return shown.facts.inboxId;
  }
}
