// What a document that listens is told: its accounts, its grants, and when their keys were replaced.
// Promises: nothing of an identity that is locked, or that the document has no grant of, and no count for whoever has none (R-B6).
import type { StateFrame } from '../../contract/dapp/frames';
import { grantView } from '../../vault/consent/grant-view';
import type { Vault } from '../../vault/vault';
import type { Dapp } from '../browser/sender';

export async function documentState(
  { vault, rotatedAtMs }: { vault: Vault; rotatedAtMs: () => Promise<Record<string, number>> },
  dapp: Dapp,
): Promise<StateFrame['params']> {
  const grants = (await vault.grants.find(dapp.origin, dapp.documentKey)).filter((grant) => grant.verified);
  const rotated = await rotatedAtMs();
  const readable = grants.filter((grant) => grant.capabilities.includes('identity'));
  const waiting = grants.length === 0 ? 0 : await vault.approvals.waitingCount(dapp.documentKey);
  return {
    waiting,
    accounts: grants.map((grant) => grant.account),
    permissions: grants.map(grantView),
    rotatedAtMs: Object.fromEntries(readable.map(({ account }) => [account, rotated[account] ?? 0])),
  };
}
