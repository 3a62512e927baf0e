// The half of the approvals that asks: a request becomes a record, joins one, or is told where it stands.
// Promises: one request is one record, however often its frame comes; a card changes in place only from "unlock" to what is asked, or by `reshow`, and
// then under a new nonce (R-C3); what is beyond the limits is refused before anything is computed or written (R-B8).
// Must not: decide a record, or run in any other order than the queue of approvals.ts gives it.
import { VaultError } from '../../../contract/errors';
import { limits } from '../../../contract/limits';
import type { ShownRequest } from '../../../contract/pages/approvals';
import { copyOfShown, hasRoom, safeOf, type ApprovalRecord } from './approval-record';
import type { ApprovalStore } from './approval-store';
import type { ApprovalRequest, NamedRequest, Submission } from './approvals-api';

export interface Asking {
  roomFor(request: Omit<NamedRequest, 'digest'>): Promise<void>;
  standing(request: NamedRequest): Promise<Submission | undefined>;
  submit(request: ApprovalRequest): Promise<Submission>;
  reshow(id: string, shown: ShownRequest): Promise<void>;
}

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

function submission(record: ApprovalRecord, isNew: boolean): Submission {
  return { state: record.state === 'executing' ? 'approved' : record.state, isNew, record };
}

function mustHaveRoom(open: readonly ApprovalRecord[], origin: string): void {
  if (!hasRoom(open, origin)) throw new VaultError('limit');
}

export function createAsking(store: ApprovalStore): Asking {
  const { host, load, put, now, waiting, mustFit, freshNonce, quietOf } = store;

  /** The record with what is shown now, when so far only an unlock was asked for. */
  function withShown(record: ApprovalRecord, shown: ShownRequest): ApprovalRecord {
    if (record.state !== 'waiting' || record.shown?.kind !== 'unlock' || shown.kind === 'unlock') return record;
    return { ...record, shown: copyOfShown(shown), safeId: safeOf(shown), nonce: freshNonce() };
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

  return {
    async roomFor({ id, origin, documentKey, method }) {
      const current = now(await load());
      const open = current.filter((record) => record.state === 'waiting');
      const mayJoin = open.some(
        (record) => record.origin === origin && record.documentKey === documentKey && record.method === method,
      );
      if (!mayJoin && !current.some((record) => record.requestIds.includes(id))) mustHaveRoom(open, origin);
    },
    async standing(request) {
      checkRequest(request);
      const current = now(await load());
      const found =
        current.find((record) => record.requestIds.includes(request.id)) ??
        current.find((record) => record.state === 'waiting' && isSameRequest(record, request));
      // It may be that more can be shown by now than that an unlock is needed.
      if (found?.state === 'waiting' && found.shown?.kind === 'unlock' && isSameRequest(found, request))
        return undefined;
      const placed = await place(request, undefined);
      if (!placed) mustHaveRoom(waiting(await load()), request.origin);
      return placed;
    },
    async submit(request) {
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
    },
    async reshow(id, shown) {
      const records = await load();
      const record = waiting(records).find((one) => one.id === id);
      if (record?.shown?.kind !== shown.kind || JSON.stringify(record.shown) === JSON.stringify(shown)) return;
      const next = { ...record, shown: copyOfShown(shown), nonce: freshNonce() };
      await put('approvals.reshow', records, [mustFit(records, next, record)]);
    },
  };
}
