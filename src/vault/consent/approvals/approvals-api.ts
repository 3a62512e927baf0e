// The approvals as the gate sees them: what may be asked of the requests that wait for a person.
// Promises: types only. Must not: say how; asking.ts and deciding.ts do.
import type { ApprovalCard, RequestFate, ShownRequest } from '../../../contract/pages/approvals';
import type { ApprovalDecision, ApprovalRecord } from './approval-record';
import type { Ending } from './fates';

/** A request of a dapp by what tells it from others. `origin` and `documentKey` are the browser's word, `id` is the relay's. */
export interface NamedRequest {
  id: string;
  origin: string;
  documentKey: string;
  method: string;
  /** SHA-256 of the canonical request, 64 hex digits. */
  digest: string;
}

/** One request of a dapp that needs a person. */
export interface ApprovalRequest extends NamedRequest {
  shown: ShownRequest;
  firstSeen: boolean;
}

/**
 * Where a request stands. `isNew` is true when the person has not been shown it in this form.
 * - `waiting`: a person is being asked. `approved`: call `begin`, which may refuse. `rejected`, `expired`: it ended so.
 * - `interrupted`: it ended by a lock, a revocation, or a worker that died too often or for too long.
 * - `refused`: the site is muted or blocked; nothing is recorded.
 * - `gone`: the id belongs to another request; nothing will come of this one ("superseded").
 */
export type Submission =
  | { state: 'waiting' | 'approved' | 'rejected' | 'expired' | 'interrupted'; isNew: boolean; record: ApprovalRecord }
  | { state: 'gone' | 'refused'; isNew: false; record: undefined };

/** One card as it was on the screen. */
export interface Listed {
  id: string;
  digest: string;
  nonce: string;
}

export interface Approvals {
  /**
   * Puts a request before the person, or says where it stands: `mustHaveRoom`, `standing` and `submit` in one. The digest is computed when there is
   * room, and `shown` only for a card that has to be made or changed. Throws as they do, and what `shown` throws.
   */
  ask(
    request: Omit<NamedRequest, 'digest'>,
    card: { digest: () => Promise<string>; shown: () => ShownRequest | Promise<ShownRequest>; firstSeen: boolean },
  ): Promise<Submission>;
  /**
   * Throws 'limit' when a request could only wait on a card of its own and there is no room for one more of its origin: before its digest or
   * anything to show is computed.
   */
  mustHaveRoom(request: Omit<NamedRequest, 'digest'>): Promise<void>;
  /**
   * Where a request stands that is known, or joins a request that waits, and needs no new card; undefined when `submit` has to be told what to show.
   * Throws as `submit` does.
   */
  standing(request: NamedRequest): Promise<Submission | undefined>;
  /**
   * Puts a request before the person, or says where it stands. The same request sent again (same id, document, method, digest)
   * never makes a second record; an identical request of the same document joins the one that waits. When the waiting record was
   * only asking for an unlock and `shown` now says more, the card changes in place and gets a new nonce.
   * Carry out with `record.safeId` and `record.decision`, whatever the frame resolves to by now.
   * Throws 'limit' beyond limits.waitingPerOrigin, waitingInAll, joinedRequests or the origin's share of workerLimits.approvalRecords; 'invalid-input'; 'storage-failed'.
   */
  submit(request: ApprovalRequest): Promise<Submission>;
  /**
   * Another approval changed what a waiting card says: it says that from now on, under a new nonce, so that an answer to the old words is 'stale'.
   * Does nothing to a card that waits no longer. Throws 'storage-failed'.
   */
  reshow(id: string, shown: ShownRequest): Promise<void>;
  /**
   * Approves or rejects exactly what was shown (R-C3): one compare-and-set on state, digest, nonce and time. The same answer to each of several
   * requests that join (contract/pages/cards/joining.ts) and were listed together: those that wait as they were listed, in one write, and nothing else.
   * Returns them as `approved` or `rejected`. Throws 'stale' when there is none, 'invalid-input' when the decision does not fit what was shown, gives
   * more than was asked, or they do not join, 'storage-failed'.
   */
  decideAll(cards: readonly Listed[], decision: ApprovalDecision): Promise<ApprovalRecord[]>;
  /**
   * Takes the approval for carrying it out. `digest` is computed from the very request that is about to be carried out, so that what was
   * shown is what runs. Begun a second time only by a later worker, within limits.approvedMs of the decision; use `decidedAtMs` as the time
   * of the act, so that both times give the same answer. Undefined when there is no such approval, it is too late or tried too often, or
   * this worker is carrying it out already.
   */
  begin(id: string, digest: string): Promise<ApprovalRecord | undefined>;
  /**
   * Removes the record, whatever its state, and returns it; undefined when it was gone. Call it after the answer was posted. `ending`: what
   * is told of it from now on, 'done' unless it was refused.
   */
  finish(id: string, ending?: Ending): Promise<ApprovalRecord | undefined>;
  /** The document is gone: its records go, with no trace. Returns them. */
  cancelDocument(documentKey: string): Promise<ApprovalRecord[]>;
  /** Ends everything of an origin as 'interrupted', e.g. when it is revoked. Returns what ended. */
  cancelOrigin(origin: string): Promise<ApprovalRecord[]>;
  /** Ends approvals that are not finished as 'interrupted', of one identity or (undefined) of all: for a lock. Returns what ended. */
  interruptApproved(safeId?: string): Promise<ApprovalRecord[]>;
  /** Rejects everything that waits, or everything of one origin. Blocks nobody. Returns what ended. */
  rejectAll(origin?: string): Promise<ApprovalRecord[]>;
  /**
   * Has records that `rejectAll` returned wait again, each under a new nonce and until its own end: those that nothing happened to since, as far as there
   * is room. Returns them. Throws 'storage-failed'.
   */
  restore(rejected: readonly ApprovalRecord[]): Promise<ApprovalRecord[]>;
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
  /** What became of a card. `done` also while it is being carried out; `unknown` when it was never there or is too long gone. */
  fateOf(id: string): Promise<RequestFate>;
  /** How many cards wait, of one document or of all. */
  waitingCount(documentKey?: string): Promise<number>;
}
