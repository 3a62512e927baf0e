// What there is, as the pages are told: each identity, and the status of the whole.
// Promises: derived on every read, never stored; "cannot read" is never "empty" (R-H4).
import type { IdentitySummary, VaultState } from '../contract/pages/identity';
import type { Approvals } from './consent/approvals/approvals';
import type { Safe } from './safe/classify';
import type { Safes } from './safe/safes';
import { defaultSettings } from './store/settings';
import type { Store } from './store/store';
import type { Sessions } from './unlock/session';
import type { Turns } from './work/turns';

export interface VaultStates {
  summaryOf(safe: Safe): Promise<IdentitySummary>;
  state(): Promise<VaultState>;
}

export function createVaultStates(options: {
  store: Store;
  safes: Safes;
  sessions: Sessions;
  approvals: Approvals;
  turns: Turns;
}): VaultStates {
  const { store, safes, sessions, approvals, turns } = options;

  async function summaryOf(safe: Safe): Promise<IdentitySummary> {
    const { safeId } = safe;
    const setAsideAtMs = safes.setAsideAtMs(safeId) ?? null;
    if (safe.kind !== 'readable') {
      return {
        safeId,
        account: safe.account,
        name: '',
        status: 'damaged',
        createdAtMs: null,
        wallet: null,
        lockAtMs: null,
        setAsideAtMs,
      };
    }
    const { account, name, createdAtMs, wallet, state } = safe.shown;
    const isUnlocked = await sessions.isUnlocked(safeId);
    const status = state !== 'complete' ? 'enrolling' : isUnlocked ? 'unlocked' : 'locked';
    return {
      safeId,
      account,
      name,
      status,
      createdAtMs,
      wallet,
      lockAtMs: sessions.lockAtMs(safeId) ?? null,
      setAsideAtMs,
    };
  }

  async function state(): Promise<VaultState> {
    await turns.ready();
    const waiting = await approvals.waitingCount().catch(() => 0);
    if (!turns.isStarted()) return { status: 'damaged', identities: [], waiting, settings: defaultSettings };
    const identities: IdentitySummary[] = [];
    for (const safe of safes.all()) identities.push(await summaryOf(safe));
    return { status: statusOf(identities), identities, waiting, settings: store.settings.current() };
  }

  return { summaryOf, state };
}

/** Status of the whole: what the person can do next decides. */
function statusOf(identities: IdentitySummary[]): VaultState['status'] {
  const order = ['unlocked', 'locked', 'damaged', 'enrolling'] as const;
  return order.find((status) => identities.some((one) => one.status === status)) ?? 'empty';
}
