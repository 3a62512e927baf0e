// Requests that wait for a person: asked once, decided once, carried out at most as often as was approved.
// Promises: what waits is a record in storage.session with an end, never a promise in memory (P3); nothing is carried out that a
// person did not approve as it was shown (P2, R-C3); a restart loses no record and approves none (R-G1, R-G6).
// Must not: know how a method is carried out, open a window, or touch the disk.
import { VaultError } from '../../contract/errors';
import type { ShownRequest } from '../../contract/pages/approvals';
import type { Quiet } from '../../contract/pages/sites';
import { limits, workerLimits } from '../../contract/limits';
import { bytesToHex } from '../../protocol/base/bytes';
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
  storedBytes,
  toCard,
  toStored,
  join,
  type ApprovalDecision,
  type ApprovalRecord,
} from './approval-record';
import type { ApprovalRequest, Approvals, Decision, Listed, NamedRequest, Submission } from './approvals-api';
import { step } from '../store/steps';
import { createFates, type Ending } from './fates';
import type { VaultHost } from '../store/host';
import { createQueue } from '../work/queue';
import { fitsShare } from '../work/shares';

export type { ApprovalDecision, ApprovalRecord } from './approval-record';
export type { ApprovalRequest, Approvals, Decision, NamedRequest, Submission } from './approvals-api';

type Records = Map<string, ApprovalRecord>;

function isSameRequest(record: ApprovalRecord, request: NamedRequest): boolean {
  return (['digest', 'method', 'documentKey', 'origin'] as const).every((field) => record[field] === request[field]);
}

function checkRequest(request: NamedRequest & { shown?: ShownRequest }): void {
  const isFine =
    /^[0-9a-f]{32}$/.test(request.id) &&
    /^[0-9a-f]{64}$/.test(request.digest) &&
    request.origin.length > 0 &&
    request.documentKey.length > 0 &&
    (request.shown?.kind !== 'sign' || request.shown.payload.length <= limits.signPayloadBytes);
  if (!isFine) throw new VaultError('invalid-input');
}

/** How a record ended, or is ending now when it was open. */
const endingOr =
  (now: Ending) =>
  ({ state }: ApprovalRecord): Ending =>
    state === 'rejected' || state === 'expired' || state === 'interrupted' ? state : now;

function submission(record: ApprovalRecord, isNew: boolean): Submission {
  return { state: record.state === 'executing' ? 'approved' : record.state, isNew, record };
}

/** The approvals over one session area. Two at a time over the same area are not supported: the worker is the only writer. */
export function createApprovals(options: {
  host: VaultHost;
  /** Whether the person wants to hear nothing of an origin, as it stands now. */
  quietOf?: (origin: string) => Quiet | undefined;
  onChange: () => void;
}): Approvals {
  const { host, quietOf = () => undefined, onChange } = options;
  const inTurn = createQueue();
  const fates = createFates(host);
  // What this worker is carrying out. Lost with the worker, on purpose: that is what makes a second attempt possible.
  const running = new Set<string>();
  let loading: Promise<Records> | undefined;

  async function read(): Promise<Records> {
    const items = Object.entries(await host.session.get(null)).filter(([key]) => isRecordKey(key));
    const unread: string[] = [];
    const records = items.flatMap(([key, value]) => {
      const record = fromStored(key, value);
      if (!record) unread.push(key);
      return record ?? [];
    });
    // What cannot be read cannot be decided: its frame is refused or recorded anew when it is sent again.
    if (unread.length > 0) await host.session.remove(unread).catch(() => undefined);
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
    await write(label, () =>
      host.session.set(Object.fromEntries(changed.map((record) => [recordKey(record.id), toStored(record)]))),
    );
    for (const record of changed) {
      records.set(record.id, keptOf(record));
      if (record.state !== 'executing') running.delete(record.id);
    }
    onChange();
  }

  async function drop(
    label: string,
    records: Records,
    gone: readonly ApprovalRecord[],
    endingOf: (record: ApprovalRecord) => Ending,
  ): Promise<void> {
    if (gone.length === 0) return;
    for (const ending of new Set(gone.map(endingOf)))
      await fates.note(
        gone.filter((record) => endingOf(record) === ending).map((record) => record.id),
        ending,
      );
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
    // A worker may have died after a site was silenced, and before its records were ended.
    return now(records).filter((record) => record.state === 'waiting' && quietOf(record.origin) === undefined);
  }

  function freshNonce(): string {
    return bytesToHex(host.randomBytes(16));
  }

  /** The record with what is shown now, when so far only an unlock was asked for. */
  function withShown(record: ApprovalRecord, shown: ShownRequest): ApprovalRecord {
    if (record.state !== 'waiting' || record.shown?.kind !== 'unlock' || shown.kind === 'unlock') return record;
    return { ...record, shown: copyOfShown(shown), safeId: safeOf(shown), nonce: freshNonce() };
  }

  /** Refuses a record that would take more of storage.session than the share of its origin, before it is written. `before`: what it replaces. */
  function mustFit(records: Records, record: ApprovalRecord, before?: ApprovalRecord): ApprovalRecord {
    const stored = [...records.values()].filter((other) => other.id !== before?.id);
    const sum = (list: ApprovalRecord[]) => list.reduce((bytes, one) => bytes + storedBytes(one), 0);
    const held = sum(stored.filter(({ origin }) => origin === record.origin));
    if (!fitsShare(workerLimits.approvalRecords, { used: sum(stored), held, more: storedBytes(record) }))
      throw new VaultError('limit');
    return record;
  }

  function mustHaveRoom(open: ApprovalRecord[], origin: string): void {
    const ofOrigin = open.filter((record) => record.origin === origin);
    if (ofOrigin.length >= limits.waitingPerOrigin || open.length >= limits.waitingInAll) throw new VaultError('limit');
  }

  /** The submission of a request that is known or can join, with what it would show if that is told; undefined when it is new. */
  async function place(request: NamedRequest, shown: ShownRequest | undefined): Promise<Submission | undefined> {
    const records = await load();
    if (quietOf(request.origin) !== undefined) return { state: 'refused', isNew: false, record: undefined };
    const current = now(records);
    const known = current.find((record) => record.requestIds.includes(request.id));
    if (known && !isSameRequest(known, request)) return { state: 'gone', isNew: false, record: undefined };
    if (known) {
      const shownNow = shown ? withShown(known, shown) : known;
      if (shownNow !== known) await put('approvals.show', records, [mustFit(records, shownNow, known)]);
      return submission(shownNow, shownNow !== known);
    }
    const twin = current.find((record) => record.state === 'waiting' && isSameRequest(record, request));
    if (!twin) return undefined;
    if (twin.requestIds.length >= limits.joinedRequests) throw new VaultError('limit');
    const shownNow = shown ? withShown(twin, shown) : twin;
    const joined = { ...shownNow, requestIds: [...twin.requestIds, request.id] };
    await put('approvals.join', records, [mustFit(records, joined, twin)]);
    return submission(joined, shownNow !== twin);
  }

  async function standing(request: NamedRequest): Promise<Submission | undefined> {
    checkRequest(request);
    const current = now(await load());
    const found =
      current.find((record) => record.requestIds.includes(request.id)) ??
      current.find((record) => record.state === 'waiting' && isSameRequest(record, request));
    // It may be that more can be shown by now than that an unlock is needed.
    if (found?.state === 'waiting' && found.shown?.kind === 'unlock' && isSameRequest(found, request)) return undefined;
    const placed = await place(request, undefined);
    if (!placed) mustHaveRoom(waiting(await load()), request.origin);
    return placed;
  }

  async function submit(request: ApprovalRequest): Promise<Submission> {
    checkRequest(request);
    const placed = await place(request, request.shown);
    if (placed) return placed;
    const records = await load();
    mustHaveRoom(waiting(records), request.origin);
    const current = now(records);
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
    await put('approvals.submit', records, [mustFit(records, record)]);
    return submission(record, true);
  }

  async function roomFor({ id, origin, documentKey, method }: Omit<NamedRequest, 'digest'>): Promise<void> {
    const current = now(await load());
    const open = current.filter((record) => record.state === 'waiting');
    const mayJoin = open.some(
      (record) => record.origin === origin && record.documentKey === documentKey && record.method === method,
    );
    if (!mayJoin && !current.some((record) => record.requestIds.includes(id))) mustHaveRoom(open, origin);
  }

  const ask: Approvals['ask'] = async (request, { digest, shown, firstSeen }) => {
    if (quietOf(request.origin) !== undefined) return { state: 'refused', isNew: false, record: undefined };
    await roomFor(request);
    const named = { ...request, digest: await digest() };
    const known = await inTurn(() => standing(named));
    if (known) return known;
    const what = await shown();
    return inTurn(() => submit({ ...named, shown: what, firstSeen }));
  };

  async function reshow(id: string, shown: ShownRequest): Promise<void> {
    const records = await load();
    const record = waiting(records).find((one) => one.id === id);
    if (record?.shown?.kind !== shown.kind || JSON.stringify(record.shown) === JSON.stringify(shown)) return;
    const next = { ...record, shown: copyOfShown(shown), nonce: freshNonce() };
    await put('approvals.reshow', records, [mustFit(records, next, record)]);
  }

  async function decideAll(cards: readonly Listed[], decision: ApprovalDecision): Promise<ApprovalRecord[]> {
    const records = await load();
    const listed = new Map(cards.map((card) => [card.id, card]));
    const asListed = waiting(records).flatMap((record) => {
      const { shown, digest, nonce } = record;
      const card = listed.get(record.id);
      return shown && card?.digest === digest && card.nonce === nonce ? [{ ...record, shown }] : [];
    });
    if (asListed.length === 0) throw new VaultError('stale');
    if (!join(asListed) || !asListed.every(({ shown }) => decisionFits(shown, decision)))
      throw new VaultError('invalid-input');
    const decidedAtMs = host.nowMs();
    const next = asListed.map((record): ApprovalRecord => {
      const decided = { ...record, decision: structuredClone(decision), decidedAtMs };
      return decision.kind === 'reject'
        ? ended(decided, 'rejected', decidedAtMs)
        : { ...decided, state: 'approved', safeId: decision.kind === 'connect' ? decision.safeId : record.safeId };
    });
    await put('approvals.decide', records, next);
    return next;
  }

  async function decide({ decision, ...card }: Decision): Promise<ApprovalRecord> {
    const [record] = await decideAll([card], decision);
    if (!record) throw new VaultError('stale');
    return record;
  }

  async function begin(id: string, digest: string): Promise<ApprovalRecord | undefined> {
    const records = await load();
    const record = now(records).find((candidate) => candidate.id === id);
    const isOpen = record?.state === 'approved' || record?.state === 'executing';
    if (!record || !isOpen || record.digest !== digest || running.has(id)) return undefined;
    if (quietOf(record.origin) === 'blocked') return undefined;
    if (record.attempts >= maxAttempts) {
      await put('approvals.interrupt', records, [ended(record, 'interrupted', host.nowMs())]);
      return undefined;
    }
    const next: ApprovalRecord = { ...record, state: 'executing', attempts: record.attempts + 1 };
    await put('approvals.begin', records, [next]);
    running.add(id);
    return next;
  }

  async function finish(id: string, ending: Ending = 'done'): Promise<ApprovalRecord | undefined> {
    const records = await load();
    const record = records.get(id);
    if (record) await drop('approvals.finish', records, [record], endingOr(ending));
    return record;
  }

  async function endAll(
    label: string,
    state: 'rejected' | 'interrupted',
    isMeant: (record: ApprovalRecord) => boolean,
  ): Promise<ApprovalRecord[]> {
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
    await drop('approvals.cancel-document', records, gone, endingOr('withdrawn'));
    return gone;
  }

  async function expireDue(): Promise<{ expired: ApprovalRecord[]; nextMs: number | undefined }> {
    const records = await load();
    const nowMs = host.nowMs();
    const current = now(records);
    const expired = current.filter((record) => record.endedAtMs !== null && records.get(record.id)?.endedAtMs === null);
    await put('approvals.expire', records, expired);
    const spent = current.filter((record) => isSpent(record, nowMs));
    await drop('approvals.sweep', records, spent, endingOr('expired'));
    const nextMs = Math.min(...[...records.values()].filter((record) => !running.has(record.id)).map(nextChangeMs));
    return { expired, nextMs: Number.isFinite(nextMs) ? nextMs : undefined };
  }

  return {
    mustHaveRoom: roomFor,
    ask,
    standing: (request) => inTurn(() => standing(request)),
    submit: (request) => inTurn(() => submit(request)),
    reshow: (id, shown) => inTurn(() => reshow(id, shown)),
    decide: (decision) => inTurn(() => decide(decision)),
    decideAll: (cards, decision) => inTurn(() => decideAll(cards, decision)),
    begin: (id, digest) => inTurn(() => begin(id, digest)),
    finish: (id, ending) => inTurn(() => finish(id, ending)),
    cancelDocument: (documentKey) => inTurn(() => cancelDocument(documentKey)),
    cancelOrigin: (origin) =>
      inTurn(() => endAll('approvals.cancel-origin', 'interrupted', (record) => record.origin === origin)),
    interruptApproved: (safeId) =>
      inTurn(() =>
        endAll(
          'approvals.lock',
          'interrupted',
          (record) => record.state !== 'waiting' && (safeId === undefined || record.safeId === safeId),
        ),
      ),
    rejectAll: (origin) =>
      inTurn(() =>
        endAll(
          'approvals.reject-all',
          'rejected',
          (record) => record.state === 'waiting' && (origin === undefined || record.origin === origin),
        ),
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
    async fateOf(id) {
      const record = now(await load()).find((one) => one.id === id);
      if (!record) return (await fates.of(id)) ?? 'unknown';
      return record.state === 'approved' || record.state === 'executing' ? 'done' : record.state;
    },
    async waitingCount(documentKey) {
      const all = waiting(await load());
      return documentKey === undefined ? all.length : all.filter((one) => one.documentKey === documentKey).length;
    },
  };
}
