// The last step of a dapp's request: keys are used under a grant that is checked once more, and the log is told.
// Promises: P2: nothing here runs without `grants.use`; a 'once' grant is spent before its signature is released.
// Must not: ask a person. That has happened, or a grant says it need not.
import type { Capability } from '../contract/grants';
import type { MethodName, MethodParams } from '../contract/methods';
import type { Grant } from '../vault/grants';
import type { Vault } from '../vault/vault';
import type { DappPublisher } from './dapp-publisher';
import type { Attached } from './dapp-request';

/** Every `xmtp_*` row: those of the keystore, and publishing. */
export type XmtpMethod = Extract<MethodName, `xmtp_${string}`>;

export interface KeyUse {
  /** `requestId` is the one that a 'once' grant is spent for: the approved record's, or the request's own. */
  sign(request: Attached, requestId: string, grant: Grant, issuedAtMs: number): Promise<{ result: unknown }>;
  /** One `xmtp_*` call, under a grant that was just checked. */
  runXmtp(request: Attached, method: XmtpMethod, capability: Capability, safeId: string): Promise<{ result: unknown }>;
  /** Writes a line into the log of an identity; never holds up an answer. */
  log(safeId: string, request: { method: string; origin: string }, purpose: string, outcome: 'done' | 'rejected' | 'expired' | 'failed'): void;
}

export function createKeyUse(options: { vault: Vault; nowMs: () => number; publisher: DappPublisher }): KeyUse {
  const { vault, nowMs, publisher } = options;
  return {
    async sign(request, requestId, grant, issuedAtMs) {
      const { payload, purpose } = request.params as MethodParams<'vault_sign'>;
      const { origin, documentKey } = request.dapp;
      const { safeId, duration } = await vault.grants.use(origin, grant.safeId, 'sign', documentKey, requestId);
      const result = await vault.keys.sign(safeId, { origin, documentKey, purpose, payload, issuedAtMs });
      // Spent before the signature is released, and for this request only, so that a restart can still finish it.
      if (duration === 'once') await vault.grants.consumeOnce(origin, safeId, requestId);
      return { result };
    },
    async runXmtp(request, method, capability, safe) {
      const { origin, documentKey } = request.dapp;
      const mayUse = () => vault.grants.use(origin, safe, capability, documentKey, request.id);
      const { safeId } = await mayUse();
      const { request: bytes } = request.params as MethodParams<XmtpMethod>;
      if (method === 'xmtp_publish') {
        return { result: await publisher.publish({ safeId, documentKey, requestId: request.id, request: bytes, mustStillBeGranted: mayUse }) };
      }
      return { result: await vault.keystore.run(safeId, method, bytes, { documentKey, nowMs: nowMs() }) };
    },
    log(safeId, { method, origin }, purpose, outcome) {
      // The log must not hold up an answer; a log that cannot be written must not take back what was done.
      void vault.activity.append(safeId, { atMs: nowMs(), origin, method, purpose, outcome }).catch(() => undefined);
    },
  };
}
