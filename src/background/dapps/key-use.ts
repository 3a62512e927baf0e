// The last step of a dapp's request: keys are used under a grant that is checked once more, and the log is told.
// Promises: P2: nothing here runs without `grants.use`; a 'once' grant is spent before its signature is released.
// Must not: ask a person. That has happened, or a grant says it need not.
import type { Capability } from '../../contract/grants';
import type { MethodParams, XmtpMethod } from '../../contract/dapp/methods';
import type { ActivityOutcome } from '../../contract/pages/identity';
import type { Grant } from '../../vault/consent/grants';
import type { Vault } from '../../vault/vault';
import type { DappPublisher } from '../network/dapp-publisher';
import type { Call } from './request';

/** Of the card that a call was approved on: its id, which its requests share, and the node it showed. */
export interface CardOf {
  id: string;
  nodeUrl?: string | undefined;
}

export interface KeyUse {
  /** `requestId` is the one that a 'once' grant is spent for: the approved record's, or the request's own. */
  sign(call: Call, requestId: string, grant: Grant, issuedAtMs: number): Promise<{ result: unknown }>;
  /** One `xmtp_*` call, under a grant that was just checked. `card`: what was approved, when a card was. */
  runXmtp(
    call: Call,
    method: XmtpMethod,
    capability: Capability,
    safeId: string,
    card?: CardOf,
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

export function createKeyUse(options: { vault: Vault; nowMs: () => number; publisher: DappPublisher }): KeyUse {
  const { vault, nowMs, publisher } = options;
  return {
    async sign({ request, params }, requestId, grant, issuedAtMs) {
      const { payload, purpose } = params as MethodParams<'vault_sign'>;
      const { origin, documentKey } = request.dapp;
      const { safeId, duration } = await vault.grants.use(origin, grant.safeId, 'sign', documentKey, requestId);
      const result = await vault.keys.sign(safeId, { origin, documentKey, purpose, payload, issuedAtMs });
      // Spent before the signature is released, and for this request only, so that a restart can still finish it.
      if (duration === 'once') await vault.grants.consumeOnce(origin, safeId, requestId);
      return { result };
    },
    async runXmtp({ request, params }, method, capability, safe, card) {
      const { origin, documentKey } = request.dapp;
      const mayUse = () => vault.grants.use(origin, safe, capability, documentKey, request.id);
      const { safeId } = await mayUse();
      const { request: bytes } = params as MethodParams<XmtpMethod>;
      if (method === 'xmtp_publish') {
        const meant = { requestId: card?.id ?? request.id, nodeUrl: card?.nodeUrl };
        return {
          result: await publisher.publish({
            safeId,
            origin,
            documentKey,
            ...meant,
            request: bytes,
            mustStillBeGranted: mayUse,
          }),
        };
      }
      return { result: await vault.keystore.run(safeId, method, bytes, { documentKey, origin, nowMs: nowMs() }) };
    },
    async signForInbox({ request, params }, safe, { id, decidedAtMs, identifier }) {
      const { origin, documentKey } = request.dapp;
      const { text } = params as MethodParams<'xmtp_v3_signIdentityText'>;
      const { safeId, duration } = await vault.grants.use(origin, safe, 'xmtp.v3', documentKey, id);
      const result = await vault.inboxes.sign(safeId, { text, identifier, origin, atMs: decidedAtMs });
      if (duration === 'once') await vault.grants.consumeOnce(origin, safeId, id);
      return { result };
    },
    async archiveKey({ request, params }, safe, { id, madeAtMs }) {
      const { origin, documentKey } = request.dapp;
      const { inboxId, earlier = 0 } = params as MethodParams<'xmtp_v3_getArchiveKey'>;
      const { safeId, duration } = await vault.grants.use(origin, safe, 'xmtp.v3.archive', documentKey, id);
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
