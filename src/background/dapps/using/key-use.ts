// The last step of a dapp's request: keys are used under a grant that is checked once more, and the log is told.
// Promises: P2: nothing here runs without `grants.use`; a 'once' grant is spent before its signature is released, and a use that counts is counted
// before; every answer says how it is judged once more as it leaves, and nothing leaves that the grant, as it stands then, does not give.
// Must not: ask a person. That has happened, or a grant says it need not.
import { errorCode, ProviderError } from '../../../contract/errors';
import type { Capability } from '../../../contract/grants';
import type { Scope } from '../../../contract/scopes';
import type { MethodParams, XmtpMethod } from '../../../contract/dapp/methods';
import type { ActivityOutcome } from '../../../contract/pages/identity';
import type { Grant } from '../../../vault/consent/grants';
import type { Vault } from '../../../vault/vault';
import type { DappPublisher } from '../../network/dapp-publisher';
import type { Answer, Call } from '../request';
import { givenBy, type Part, type Wholes } from './wholes';

/** Of the card that a call was approved on: its id, which its requests share, and the node it showed. */
export interface CardOf {
  id: string;
  nodeUrl?: string | undefined;
}

/** A request that is a part of a whole: the `first`, which opens it for the others where uses count; one that opens it, because it was approved just once; or one that comes `later`. */
export interface PartUse {
  part: Part;
  is: 'first' | 'later' | 'opening';
}

export interface KeyUse {
  /** The public key bundles, under a grant that was just found. */
  publicBundles(call: Call, safeId: string): Promise<Answer>;
  /** The address of the inbox key, under a grant that was just found. */
  identifier(call: Call, safeId: string): Promise<Answer>;
  /** `requestId` is the one that a 'once' grant is spent for: the approved record's, or the request's own. */
  sign(call: Call, requestId: string, grant: Grant, issuedAtMs: number): Promise<Answer>;
  /**
   * One `xmtp_*` call, under a grant that was just checked. `card`: what was approved, when a card was. `parts`: where it is answered without one,
   * when that is not wherever the grant reaches.
   */
  runXmtp(
    call: Call,
    method: XmtpMethod,
    capability: Capability,
    safeId: string,
    how?: { card?: CardOf; parts?: readonly Scope[]; part?: PartUse | undefined },
  ): Promise<Answer>;
  /** The signature under an identity text that was approved. `card`: the approved record's id, when it was decided, and the address it showed. */
  signForInbox(
    call: Call,
    safeId: string,
    card: { id: string; decidedAtMs: number; identifier: string },
  ): Promise<Answer>;
  /** The key of an inbox's archives that the card of an approved record showed. */
  archiveKey(call: Call, safeId: string, card: { id: string; madeAtMs: number | null }): Promise<Answer>;
  /** Writes a line into the log of an identity; never holds up an answer. */
  log(safeId: string, request: { method: string; origin: string }, purpose: string, outcome: ActivityOutcome): void;
}

/** Where a capability may be used under a grant, and of that only in `parts` when they are given. Nothing for what has no scope. */
export function withinOf(grant: Grant, capability: Capability, parts?: readonly Scope[]): (readonly Scope[])[] {
  const scope = scopeIn(grant, capability);
  return scope === null ? [] : [[scope], ...(parts ? [parts] : [])];
}

/** Whether uses of a capability are counted. */
export const hasBudget = ({ bounds }: Grant, capability: Capability) =>
  bounds.some((one) => one.capability === capability && one.budget !== null);

/** The scope of a capability that a grant has; null for what has none. */
export function scopeIn({ bounds }: Grant, capability: Capability): Scope | null {
  const found = bounds.find((one) => one.capability === capability);
  // Nothing is never taken for everything.
  if (!found) throw new ProviderError(errorCode.unauthorized);
  return found.scope;
}

/** A use by its name: the same request, sent again, is the same use. */
export const useOf = (call: Call, requestId: string) => async () => `${requestId} ${await call.digest()}`;

export function createKeyUse(options: {
  vault: Vault;
  nowMs: () => number;
  publisher: DappPublisher;
  wholes: Wholes;
}): KeyUse {
  const { vault, nowMs, publisher, wholes } = options;

  /** The grant for one use of a key, and how its answer is judged as it leaves. `requestId`: the one that a 'once' grant is spent for. */
  async function using(
    call: Call,
    safeId: string,
    capability: Capability,
    requestId: string,
    use = useOf(call, requestId),
  ) {
    const { origin, documentKey } = call.request.dapp;
    const grant = await vault.grants.use(origin, safeId, capability, documentKey, requestId, use);
    const mayLeave = () => vault.grants.release(grant, capability, documentKey, requestId, use);
    /** Spends a 'once' grant before anything is released, and for this request only, so that a restart can still finish it. */
    const spend = async () => {
      if (grant.duration === 'once') await vault.grants.consumeOnce(origin, safeId, requestId);
    };
    return { grant, mayLeave, spend };
  }

  return {
    async publicBundles(call, safeId) {
      const { origin, documentKey } = call.request.dapp;
      const { mayLeave } = await using(call, safeId, 'identity', call.request.id);
      return { result: await vault.keys.publicBundles(safeId, documentKey, origin), mayLeave };
    },
    async identifier(call, safeId) {
      const { mayLeave } = await using(call, safeId, 'xmtp.v3', call.request.id);
      return { result: { identifier: await vault.inboxes.identifier(safeId), identifierKind: 0 }, mayLeave };
    },
    async sign(call, requestId, { safeId }, issuedAtMs) {
      const { payload, purpose } = call.params as MethodParams<'vault_sign'>;
      const { origin, documentKey } = call.request.dapp;
      const { mayLeave, spend } = await using(call, safeId, 'sign', requestId);
      const result = await vault.keys.sign(safeId, { origin, documentKey, purpose, payload, issuedAtMs });
      await spend();
      return { result, mayLeave };
    },
    async runXmtp(call, method, capability, safe, { card, parts, part } = {}) {
      const { request, params } = call;
      const { origin, documentKey } = request.dapp;
      const id = card?.id ?? request.id;
      // A later part is the same use as the first.
      const use = part?.is === 'later' ? null : useOf(call, id);
      const grant = await vault.grants.use(origin, safe, capability, documentKey, request.id, use);
      const { safeId, sessionId } = grant;
      if (part?.is === 'opening' || (part?.is === 'first' && hasBudget(grant, capability)))
        wholes.open(
          { origin, documentKey, safeId, sessionId, capability, method, given: givenBy(grant) },
          part.part,
          id,
          { within: parts, isAsked: part.is === 'opening' },
        );
      const { request: bytes } = params as MethodParams<XmtpMethod>;
      const within = withinOf(grant, capability, parts);
      const mustStillBeGranted = () => vault.grants.release(grant, capability, documentKey, request.id, null);
      const mayLeave = () => vault.grants.release(grant, capability, documentKey, request.id, use);
      if (method === 'xmtp_publish') {
        const meant = { requestId: id, nodeUrl: card?.nodeUrl };
        const what = { safeId, origin, documentKey, ...meant, within, request: bytes, mustStillBeGranted };
        return { result: await publisher.publish(what), mayLeave };
      }
      const result = await vault.keystore.run(safeId, method, bytes, { documentKey, origin, nowMs: nowMs(), within });
      return { result, mayLeave };
    },
    async signForInbox(call, safeId, { id, decidedAtMs, identifier }) {
      const { origin } = call.request.dapp;
      const { text } = call.params as MethodParams<'xmtp_v3_signIdentityText'>;
      const { mayLeave, spend } = await using(call, safeId, 'xmtp.v3', id);
      const result = await vault.inboxes.sign(safeId, { text, identifier, origin, atMs: decidedAtMs });
      await spend();
      return { result, mayLeave };
    },
    async archiveKey(call, safeId, { id, madeAtMs }) {
      const { inboxId, earlier = 0 } = call.params as MethodParams<'xmtp_v3_getArchiveKey'>;
      const { mayLeave, spend } = await using(call, safeId, 'xmtp.v3.archive', id);
      const result = await vault.inboxes.archiveKey(safeId, { inboxId, earlier, madeAtMs });
      /** A secret that does not leave is wiped. */
      const orWipe = (step: () => Promise<void>) =>
        step().catch((error: unknown) => {
          result.fill(0);
          throw error;
        });
      await orWipe(spend);
      return { result, mayLeave: () => orWipe(mayLeave) };
    },
    log(safeId, { method, origin }, purpose, outcome) {
      // The log must not hold up an answer; a log that cannot be written must not take back what was done.
      void vault.activity.append(safeId, { atMs: nowMs(), origin, method, purpose, outcome }).catch(() => undefined);
    },
  };
}
