// The calls our pages make, typed: one channel per page, and hooks that read again when the worker says that something changed.
// Promises: `ask` gives the result of contract/internal's method table. Must not: keep results beyond the component that asked.
import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import browser from 'webextension-polyfill';
import type {
  ActivityEntry,
  ShownCard,
  EnrolmentState,
  IdentityDetails,
  IdentitySummary,
  InternalMethodName,
  InternalParams,
  RecoveryCode,
  SiteGrant,
  UnlockRequest,
  VaultState,
} from '../contract/internal';
import type { BackupComparison, BackupFile, BackupPreview, BackupState, HistoryPage, NetworkLook, NetworkState, RotationState } from '../contract/flows';
import { createChannel, VaultCallError, type Topic } from './channel';

/** What each call answers; methods not listed answer null. */
interface Results {
  state_get: VaultState;
  enrol_begin: EnrolmentState;
  enrol_get: EnrolmentState;
  enrol_unlockSignature: EnrolmentState;
  enrol_identitySignature: EnrolmentState;
  enrol_confirmUnlockSignature: EnrolmentState;
  enrol_createRecoveryCode: RecoveryCode;
  enrol_finish: IdentitySummary;
  enrol_passphrase: EnrolmentState;
  enrol_retrieve: EnrolmentState;
  enrol_import: EnrolmentState;
  unlock_getText: UnlockRequest;
  identity_details: IdentityDetails;
  approvals_list: ShownCard[];
  approvals_mayClose: boolean;
  grants_list: SiteGrant[];
  site_get: { origin: string | null; grants: SiteGrant[] };
  activity_list: ActivityEntry[];
  network_look: NetworkLook;
  network_state: NetworkState;
  network_publishContact: NetworkState;
  network_copyText: { text: string };
  network_publishCopy: NetworkState;
  network_confirmCopy: NetworkState;
  network_readHistory: HistoryPage;
  rotation_get: RotationState;
  rotation_setPolicy: RotationState;
  rotation_run: RotationState;
  rotation_cancel: RotationState;
  slots_check: { slotId: string };
  slots_addPassphrase: IdentityDetails;
  slots_addWallet: IdentityDetails;
  slots_newCode: RecoveryCode;
  slots_replaceCode: IdentityDetails;
  slots_remove: IdentityDetails;
  backup_export: BackupFile;
  backup_preview: BackupPreview;
  backup_check: BackupComparison;
  backup_state: BackupState;
}
/** Bytes over any buffer: the schema's type is narrower than what it accepts. */
export type AnyBytes<T> = T extends Uint8Array ? Uint8Array : T extends object ? { [K in keyof T]: AnyBytes<T[K]> } : T;
export type Params<M extends InternalMethodName> = AnyBytes<InternalParams<M>>;
export type Result<M extends InternalMethodName> = M extends keyof Results ? Results[M] : null;

const channel = createChannel({
  connect: () => browser.runtime.connect({ name: 'page' }),
  later: (run, ms) => {
    const timer = setTimeout(run, ms);
    return () => clearTimeout(timer);
  },
  isWatched: () => document.visibilityState === 'visible',
});
document.addEventListener('visibilitychange', () => {
  if (document.visibilityState === 'visible') channel.wake();
});

/** Calls the worker. Throws VaultCallError. */
export async function ask<M extends InternalMethodName>(method: M, params?: Params<M>): Promise<Result<M>> {
  return (await channel.call(method, params)) as Result<M>;
}

/** A value read from the worker: undefined until the first answer, then kept while it is read again. */
export interface Reading<T> {
  value: T | undefined;
  error: VaultCallError | undefined;
  /** Reads now; resolves when the answer is in `value`. */
  refresh(): Promise<void>;
}

/** Reads a method now, whenever its params change, and whenever one of `topics` changed. `null` params: not yet. */
export function useVault<M extends InternalMethodName>(method: M, params: Params<M> | null, ...watched: Topic[]): Reading<Result<M>> {
  const [state, setState] = useState<{ value: Result<M> | undefined; error: VaultCallError | undefined }>({ value: undefined, error: undefined });
  const turn = useRef(0);
  const paramsKey = JSON.stringify(params);
  const topicsKey = watched.join();
  const refresh = useCallback(async () => {
    const mine = ++turn.current;
    const given = JSON.parse(paramsKey) as Params<M> | null;
    if (given === null) return setState({ value: undefined, error: undefined });
    try {
      const value = await ask(method, given);
      if (mine === turn.current) setState({ value, error: undefined });
    } catch (error) {
      if (mine === turn.current) setState({ value: undefined, error: asCallError(error) });
    }
  }, [method, paramsKey]);
  useEffect(() => {
    const topics = topicsKey.split(',');
    void refresh();
    const undo = channel.onChanged((topic) => {
      if (topics.includes(topic)) void refresh();
    });
    return () => {
      turn.current += 1;
      undo();
    };
  }, [refresh, topicsKey]);
  return { ...state, refresh };
}

/** The vault's state, always up to date. */
export function useVaultState(): Reading<VaultState> {
  return useVault('state_get', {}, 'state', 'approvals');
}

/** Anything thrown, as a VaultCallError; what is not one was unexpected and becomes `internal`. */
export function asCallError(error: unknown): VaultCallError {
  return error instanceof VaultCallError ? error : new VaultCallError('internal');
}
