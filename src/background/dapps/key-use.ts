// The last step of a dapp's request: keys are used under a grant that is checked once more, and the log is told.
// Promises: P2: nothing here runs without `grants.use`; a 'once' grant is spent before its signature is released, and a use that counts is counted
// before; nothing is released that the grant, as it stands then, does not reach.
// Must not: ask a person. That has happened, or a grant says it need not.
import { rejected } from '../../contract/errors';
import type { Capability } from '../../contract/grants';
import { isWithin, type Scope } from '../../contract/scopes';
import type { MethodParams, XmtpMethod } from '../../contract/dapp/methods';
import type { ActivityOutcome } from '../../contract/pages/identity';
import type { Grant } from '../../vault/consent/grants';
import type { Vault } from '../../vault/vault';
import type { DappPublisher } from '../network/dapp-publisher';
import type { Call } from './request';
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
  /** `requestId` is the one that a 'once' grant is spent for: the approved record's, or the request's own. */
  sign(call: Call, requestId: string, grant: Grant, issuedAtMs: number): Promise<{ result: unknown }>;
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
  ): Promise<{ result: unknown }>;
  /** The signature under an identity text that was approved. `card`: the approved record's id, when it was decided, and the address it showed. */
  signForInbox(
    call: Call,
    safeId: string,
    card: { id: string; decidedAtMs: number; identifier: string },
  ): Promise<{ result: unknown }>;
  /** The key of an inbox's archives that the card of an approved record showed. */
  archiveKey(call: Call, safeId: string, card: { id: string; madeAtMs: number | null }): Promise<{ result: unknown }>;
  /** Writes a line into the log of an identity; never holds up an answer. */
  log(safeId: string, request: { method: string; origin: string }, purpose: string, outcome: ActivityOutcome): void;
}

/** Where a capability may be used under a grant, and of that only in `parts` when they are given. Nothing for what has no scope. */
export function withinOf(grant: Grant, capability: Capability, parts?: readonly Scope[]): (readonly Scope[])[] {
  const scope = scopeIn(grant, capability);
  return scope === null ? [] : [[scope], ...(parts ? [parts] : [])];
}

const hasBudget = ({ bounds }: Grant, capability: Capability) =>
  bounds.some((one) => one.capability === capability && one.budget !== null);

/** The scope of a capability that a grant has. */
export function scopeIn({ bounds }: Grant, capability: Capability): Scope | null {
  return bounds.find((one) => one.capability === capability)?.scope ?? null;
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
  return {
    async sign(call, requestId, grant, issuedAtMs) {
      const { payload, purpose } = call.params as MethodParams<'vault_sign'>;
      const { origin, documentKey } = call.request.dapp;
      const use = useOf(call, requestId);
      const { safeId, duration } = await vault.grants.use(origin, grant.safeId, 'sign', documentKey, requestId, use);
      const result = await vault.keys.sign(safeId, { origin, documentKey, purpose, payload, issuedAtMs });
      // Spent before the signature is released, and for this request only, so that a restart can still finish it.
      if (duration === 'once') await vault.grants.consumeOnce(origin, safeId, requestId);
      return { result };
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
        );
      const { request: bytes } = params as MethodParams<XmtpMethod>;
      const within = withinOf(grant, capability, parts);
      /** Throws when the grant has ended since, or reaches less: what was made under it is not for this site any more. */
      const mayRelease = async () => {
        const now = await vault.grants.use(origin, safe, capability, documentKey, request.id, null);
        const [before, after] = [scopeIn(grant, capability), scopeIn(now, capability)];
        if (before !== null && (after === null || !isWithin(before, after))) throw rejected('interrupted');
      };
      if (method === 'xmtp_publish') {
        const meant = { requestId: card?.id ?? request.id, nodeUrl: card?.nodeUrl };
        return {
          result: await publisher.publish({
            safeId,
            origin,
            documentKey,
            ...meant,
            within,
            request: bytes,
            mustStillBeGranted: mayRelease,
          }),
        };
      }
      const result = await vault.keystore.run(safeId, method, bytes, { documentKey, origin, nowMs: nowMs(), within });
      await mayRelease();
      return { result };
    },
    async signForInbox(call, safe, { id, decidedAtMs, identifier }) {
      const { origin, documentKey } = call.request.dapp;
      const { text } = call.params as MethodParams<'xmtp_v3_signIdentityText'>;
      const { safeId, duration } = await vault.grants.use(origin, safe, 'xmtp.v3', documentKey, id, useOf(call, id));
      const result = await vault.inboxes.sign(safeId, { text, identifier, origin, atMs: decidedAtMs });
      if (duration === 'once') await vault.grants.consumeOnce(origin, safeId, id);
      return { result };
    },
    async archiveKey(call, safe, { id, madeAtMs }) {
      const { origin, documentKey } = call.request.dapp;
      const { inboxId, earlier = 0 } = call.params as MethodParams<'xmtp_v3_getArchiveKey'>;
      const use = useOf(call, id);
      const { safeId, duration } = await vault.grants.use(origin, safe, 'xmtp.v3.archive', documentKey, id, use);
      const result = await vault.inboxes.archiveKey(safeId, { inboxId, earlier, madeAtMs });
      try {
        if (duration === 'once') await vault.grants.consumeOnce(origin, safeId, id);
      } catch (error) {
        result.fill(0);
        throw error;
      }
      return { result };
    },
    log(safeId, { method, origin }, purpose, outcome) {
      // The log must not hold up an answer; a log that cannot be written must not take back what was done.
      void vault.activity.append(safeId, { atMs: nowMs(), origin, method, purpose, outcome }).catch(() => undefined);
    },
  };
}
