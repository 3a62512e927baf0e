// Requests that wait for a person: asked once, decided once, carried out at most as often as was approved.
// Promises: what waits is a record in storage.session with an end, never a promise in memory (P3); nothing is carried out that a
// person did not approve as it was shown (P2, R-C3); a restart loses no record and approves none (R-G1, R-G6).
// Must not: know how a method is carried out, open a window, or touch the disk.
import { VaultError } from '../contract/errors';
import type { ApprovalCard, ShownRequest } from '../contract/internal';
import { limits } from '../contract/limits';
import { bytesToHex } from '../protocol/bytes';
import {
  atTime,
  copyOfShown,
  decisionFits,
  ended,
  fromStored,
  isRecordKey,
  isSpent,
  keptOf,
  maxAttempts,
  nextChangeMs,
  recordKey,
  safeOf,
  toCard,
  toStored,
  type ApprovalDecision,
  type ApprovalRecord,
} from './approval-record';
import { step } from './checkpoint';
import type { VaultHost } from './host';
import { createQueue } from './queue';

export type { ApprovalDecision, ApprovalRecord } from './approval-record';

/** One request of a dapp that needs a person. `origin` and `documentKey` are the browser's word, `id` is the relay's. */
export interface ApprovalRequest {
  id: string;
  origin: string;
  documentKey: string;
  method: string;
  digest: string;
  shown: ShownRequest;
  firstSeen: boolean;
}

/**
 * Where a request stands. `isNew` is true when the person has not been shown it in this form.
 * - `waiting`: a person is being asked. `approved`: call `begin`, which may refuse. `rejected`, `expired`: it ended so.
 * - `interrupted`: it ended by a lock, a revocation, or a worker that died too often or for too long.
 * - `gone`: the id belongs to another request; nothing will come of this one ("superseded").
 */
export type Submission =
  | { state: 'waiting' | 'approved' | 'rejected' | 'expired' | 'interrupted'; isNew: boolean; record: ApprovalRecord }
  | { state: 'gone'; isNew: false; record: undefined };

/** The answer of a person to one card. */
export interface Decision {
  id: string;
  digest: string;
  nonce: string;
  decision: ApprovalDecision;
}

export interface Approvals {
  /**
   * Puts a request before the person, or says where it stands. The same request sent again (same id, document, method, digest)
   * never makes a second record; an identical request of the same document joins the one that waits. When the waiting record was
   * only asking for an unlock and `shown` now says more, the card changes in place and gets a new nonce.
   * Carry out with `record.safeId` and `record.decision`, whatever the frame resolves to by now.
   * Throws 'limit' beyond limits.waitingPerOrigin, waitingInAll or joinedRequests; 'invalid-input'; 'storage-failed'.
   */
  submit(request: ApprovalRequest): Promise<Submission>;
  /**
   * Approves or rejects exactly what was shown (R-C3): one compare-and-set on state, digest, nonce and time. Returns the record
   * as `approved` or `rejected`. Throws 'stale' when anything differs, 'invalid-input' when the decision does not fit what was
   * shown or gives more than was asked, 'storage-failed'.
   */
  decide(decision: Decision): Promise<ApprovalRecord>;
  /**
   * Takes the approval for carrying it out. `digest` is computed from the very request that is about to be carried out, so that what was
   * shown is what runs. Begun a second time only by a later worker, within limits.approvedMs of the decision; use `decidedAtMs` as the time
   * of the act, so that both times give the same answer. Undefined when there is no such approval, it is too late or tried too often, or
   * this worker is carrying it out already.
   */
  begin(id: string, digest: string): Promise<ApprovalRecord | undefined>;
  /** Removes the record, whatever its state, and returns it; undefined when it was gone. Call it after the answer was posted. */
  finish(id: string): Promise<ApprovalRecord | undefined>;
  /** The document is gone: its records go, with no trace. Returns them. */
  cancelDocument(documentKey: string): Promise<ApprovalRecord[]>;
  /** Ends everything of an origin as 'interrupted', e.g. when it is revoked. Returns what ended. */
  cancelOrigin(origin: string): Promise<ApprovalRecord[]>;
  /** Ends approvals that are not finished as 'interrupted', of one identity or (undefined) of all: for a lock. Returns what ended. */
  interruptApproved(safeId?: string): Promise<ApprovalRecord[]>;
  /** Rejects everything that waits, or everything of one origin. Blocks nobody. Returns what ended. */
  rejectAll(origin?: string): Promise<ApprovalRecord[]>;
  /**
   * Ends what time has ended and drops what has been kept long enough. Returns the newly ended records (`expired` or `interrupted`), and when
   * to call again: milliseconds since 1970, undefined when nothing is stored. This is the only place where time's work is written down.
   */
  expireDue(): Promise<{ expired: ApprovalRecord[]; nextMs: number | undefined }>;
  /** The cards that wait, oldest first. */
  list(): Promise<ApprovalCard[]>;
  /** The record that answers this request id, as it stands now; undefined when there is none. */
  get(requestId: string): Promise<ApprovalRecord | undefined>;
  /** What waits only until this identity is unlocked, oldest first. Route these again, then `submit` or `finish` them. */
  waitingForUnlock(safeId: string): Promise<ApprovalRecord[]>;
  /** How many cards wait. */
  waitingCount(): Promise<number>;
}

type Records = Map<string, ApprovalRecord>;

function isSameRequest(record: ApprovalRecord, request: ApprovalRequest): boolean {
  return (['digest', 'method', 'documentKey', 'origin'] as const).every((field) => record[field] === request[field]);
}

function checkRequest(request: ApprovalRequest): void {
  const isFine =
    /^[0-9a-f]{32}$/.test(request.id) &&
    /^[0-9a-f]{64}$/.test(request.digest) &&
    request.origin.length > 0 &&
    request.documentKey.length > 0 &&
    (request.shown.kind !== 'sign' || request.shown.payload.length <= limits.signPayloadBytes);
  if (!isFine) throw new VaultError('invalid-input');
}

function submission(record: ApprovalRecord, isNew: boolean): Submission {
  return { state: record.state === 'executing' ? 'approved' : record.state, isNew, record };
}

/** The approvals over one session area. Two at a time over the same area are not supported: the worker is the only writer. */
export function createApprovals({ host, onChange }: { host: VaultHost; onChange: () => void }): Approvals {
  const inTurn = createQueue();
  // What this worker is carrying out. Lost with the worker, on purpose: that is what makes a second attempt possible.
  const running = new Set<string>();
  let loading: Promise<Records> | undefined;

  async function read(): Promise<Records> {
    const items = Object.entries(await host.session.get(null));
    const records = items.flatMap(([key, value]) => (isRecordKey(key) ? (fromStored(key, value) ?? []) : []));
    return new Map(records.sort((a, b) => a.order - b.order).map((record) => [record.id, record]));
  }

  async function load(): Promise<Records> {
    loading ??= read();
    try {
      return await loading;
    } catch {
      loading = undefined;
      throw new VaultError('storage-failed');
    }
  }

  /** Runs a write, and forgets what memory holds when it did not end well: then only the store knows what is true. */
  async function write(label: string, operation: () => Promise<void>): Promise<void> {
    try {
      await step(host, label, () =>
        operation().catch(() => {
          throw new VaultError('storage-failed');
        }),
      );
    } catch (error) {
      loading = undefined;
      throw error;
    }
  }

  async function put(label: string, records: Records, changed: readonly ApprovalRecord[]): Promise<void> {
    if (changed.length === 0) return;
    await write(label, () => host.session.set(Object.fromEntries(changed.map((record) => [recordKey(record.id), toStored(record)]))));
    for (const record of changed) {
      records.set(record.id, keptOf(record));
      if (record.state !== 'executing') running.delete(record.id);
    }
    onChange();
  }

  async function drop(label: string, records: Records, gone: readonly ApprovalRecord[]): Promise<void> {
    if (gone.length === 0) return;
    await write(label, () => host.session.remove(gone.map((record) => recordKey(record.id))));
    for (const record of gone) {
      records.delete(record.id);
      running.delete(record.id);
    }
    onChange();
  }

  function now(records: Records): ApprovalRecord[] {
    const nowMs = host.nowMs();
    return [...records.values()].map((record) => atTime(record, nowMs, running.has(record.id)));
  }

  function waiting(records: Records): ApprovalRecord[] {
    return now(records).filter((record) => record.state === 'waiting');
  }

  function freshNonce(): string {
    return bytesToHex(host.randomBytes(16));
  }

  /** The record with what is shown now, when so far only an unlock was asked for. */
  function withShown(record: ApprovalRecord, shown: ShownRequest): ApprovalRecord {
    if (record.state !== 'waiting' || record.shown?.kind !== 'unlock' || shown.kind === 'unlock') return record;
    return { ...record, shown: copyOfShown(shown), safeId: safeOf(shown), nonce: freshNonce() };
  }

  async function submit(request: ApprovalRequest): Promise<Submission> {
    checkRequest(request);
    const records = await load();
    const current = now(records);
    const known = current.find((record) => record.requestIds.includes(request.id));
    if (known && !isSameRequest(known, request)) return { state: 'gone', isNew: false, record: undefined };
    if (known) {
      const shownNow = withShown(known, request.shown);
      if (shownNow !== known) await put('approvals.show', records, [shownNow]);
      return submission(shownNow, shownNow !== known);
    }
    const open = current.filter((record) => record.state === 'waiting');
    const twin = open.find((record) => isSameRequest(record, request));
    if (twin) {
      if (twin.requestIds.length >= limits.joinedRequests) throw new VaultError('limit');
      const shownNow = withShown(twin, request.shown);
      const joined = { ...shownNow, requestIds: [...twin.requestIds, request.id] };
      await put('approvals.join', records, [joined]);
      return submission(joined, shownNow !== twin);
    }
    const ofOrigin = open.filter((record) => record.origin === request.origin);
    if (ofOrigin.length >= limits.waitingPerOrigin || open.length >= limits.waitingInAll) throw new VaultError('limit');
    const createdAtMs = host.nowMs();
    const record: ApprovalRecord = {
      id: request.id,
      requestIds: [request.id],
      origin: request.origin,
      documentKey: request.documentKey,
      method: request.method,
      digest: request.digest,
      shown: copyOfShown(request.shown),
      state: 'waiting',
      order: Math.max(0, ...current.map((other) => other.order)) + 1,
      createdAtMs,
      expiresAtMs: createdAtMs + limits.waitingMs,
      nonce: freshNonce(),
      decision: null,
      decidedAtMs: null,
      endedAtMs: null,
      attempts: 0,
      safeId: safeOf(request.shown),
      firstSeen: request.firstSeen,
    };
    await put('approvals.submit', records, [record]);
    return submission(record, true);
  }

  async function decide({ id, digest, nonce, decision }: Decision): Promise<ApprovalRecord> {
    const records = await load();
    const record = waiting(records).find((candidate) => candidate.id === id);
    if (!record?.shown || record.digest !== digest || record.nonce !== nonce) throw new VaultError('stale');
    if (!decisionFits(record.shown, decision)) throw new VaultError('invalid-input');
    const decidedAtMs = host.nowMs();
    const decided = { ...record, decision: structuredClone(decision), decidedAtMs };
    const next: ApprovalRecord =
      decision.kind === 'reject'
        ? ended(decided, 'rejected', decidedAtMs)
        : { ...decided, state: 'approved', safeId: decision.kind === 'connect' ? decision.safeId : record.safeId };
    await put('approvals.decide', records, [next]);
    return next;
  }

  async function begin(id: string, digest: string): Promise<ApprovalRecord | undefined> {
    const records = await load();
    const record = now(records).find((candidate) => candidate.id === id);
    const isOpen = record?.state === 'approved' || record?.state === 'executing';
    if (!record || !isOpen || record.digest !== digest || running.has(id)) return undefined;
    if (record.attempts >= maxAttempts) {
      await put('approvals.interrupt', records, [ended(record, 'interrupted', host.nowMs())]);
      return undefined;
    }
    const next: ApprovalRecord = { ...record, state: 'executing', attempts: record.attempts + 1 };
    await put('approvals.begin', records, [next]);
    running.add(id);
    return next;
  }

  async function finish(id: string): Promise<ApprovalRecord | undefined> {
    const records = await load();
    const record = records.get(id);
    if (record) await drop('approvals.finish', records, [record]);
    return record;
  }

  async function endAll(label: string, state: 'rejected' | 'interrupted', isMeant: (record: ApprovalRecord) => boolean): Promise<ApprovalRecord[]> {
    const records = await load();
    const nowMs = host.nowMs();
    const meant = now(records).filter((record) => record.endedAtMs === null && isMeant(record));
    const done = meant.map((record) => ended(record, state, nowMs));
    await put(label, records, done);
    return done;
  }

  async function cancelDocument(documentKey: string): Promise<ApprovalRecord[]> {
    const records = await load();
    const gone = [...records.values()].filter((record) => record.documentKey === documentKey);
    await drop('approvals.cancel-document', records, gone);
    return gone;
  }

  async function expireDue(): Promise<{ expired: ApprovalRecord[]; nextMs: number | undefined }> {
    const records = await load();
    const nowMs = host.nowMs();
    const current = now(records);
    const expired = current.filter((record) => record.endedAtMs !== null && records.get(record.id)?.endedAtMs === null);
    await put('approvals.expire', records, expired);
    const spent = current.filter((record) => isSpent(record, nowMs));
    await drop('approvals.sweep', records, spent);
    const nextMs = Math.min(...[...records.values()].filter((record) => !running.has(record.id)).map(nextChangeMs));
    return { expired, nextMs: Number.isFinite(nextMs) ? nextMs : undefined };
  }

  return {
    submit: (request) => inTurn(() => submit(request)),
    decide: (decision) => inTurn(() => decide(decision)),
    begin: (id, digest) => inTurn(() => begin(id, digest)),
    finish: (id) => inTurn(() => finish(id)),
    cancelDocument: (documentKey) => inTurn(() => cancelDocument(documentKey)),
    cancelOrigin: (origin) => inTurn(() => endAll('approvals.cancel-origin', 'interrupted', (record) => record.origin === origin)),
    interruptApproved: (safeId) =>
      inTurn(() =>
        endAll('approvals.lock', 'interrupted', (record) => record.state !== 'waiting' && (safeId === undefined || record.safeId === safeId)),
      ),
    rejectAll: (origin) =>
      inTurn(() =>
        endAll('approvals.reject-all', 'rejected', (record) => record.state === 'waiting' && (origin === undefined || record.origin === origin)),
      ),
    expireDue: () => inTurn(expireDue),
    async list() {
      return waiting(await load()).flatMap((record) => (record.shown ? [toCard(record, record.shown)] : []));
    },
    async get(requestId) {
      return now(await load()).find((record) => record.requestIds.includes(requestId));
    },
    async waitingForUnlock(safeId) {
      return waiting(await load()).filter((record) => record.shown?.kind === 'unlock' && record.safeId === safeId);
    },
    async waitingCount() {
      return waiting(await load()).length;
    },
  };
}
