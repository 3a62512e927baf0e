// temporary
import type { Vault } from '../vault/vault';
import type { NetworkNotice, NetworkState, RotationStage, RotationState, RotationDays, NetworkCopy } from '../contract/flows';
type Msg = { message: Uint8Array; timestampNs: bigint };
type Any = (input: never) => Promise<unknown>;
export type FlowVault = Omit<Vault, 'enrolment' | 'unlock' | 'keys'> & {
  enrolment: Vault['enrolment'] & { passphrase: Any; retrieve(i: { safeId: string; envelopes: readonly Msg[]; signature: Uint8Array }): Promise<unknown>; importFile: Any };
  retrieval: { candidates(envelopes: readonly Msg[]): { copies: (NetworkCopy & { envelopes: readonly Msg[] })[]; unreadable: number } };
  unlock: Vault['unlock'] & { withPassphrase: Any };
  slots: Record<'check' | 'addPassphrase' | 'addWallet' | 'newCode' | 'replaceCode' | 'remove', Any>;
  backup: Record<'export' | 'preview' | 'check' | 'state', Any>;
  rotation: {
    state(safeId: string): Promise<Omit<RotationState, 'publishes'>>; setPolicy(i: { safeId: string; everyDays: RotationDays }): Promise<unknown>; begin(safeId: string): Promise<RotationStage>;
    mark(safeId: string, stage: 'copied' | 'announced'): Promise<void>; failed(safeId: string, reason: string): Promise<void>; complete(safeId: string): Promise<void>; cancel(safeId: string): Promise<void>; due(nowMs: number): Promise<string[]>; nextAtMs(safeId: string): Promise<number | null>;
  };
  publication: {
    contactMessages(safeId: string): Promise<{ v1: Uint8Array; v2: Uint8Array }>;
    judgeContact(safeId: string, message: Uint8Array): Promise<'current' | 'pending' | 'older-prekey' | 'other-identity' | 'unreadable'>;
    token(safeId: string): Promise<Uint8Array>; copyText(safeId: string): Promise<string>;
    sealCopy(i: { safeId: string; signature: Uint8Array }): Promise<Uint8Array>; resealCopy(safeId: string): Promise<Uint8Array | undefined>;
    opensCopy(safeId: string, envelope: Uint8Array, signature?: Uint8Array): Promise<'same' | 'older' | 'other' | 'does-not-open'>;
    copyPublished(safeId: string): Promise<void>; copySaved(safeId: string): Promise<void>; contactPublished(safeId: string, atMs: number): Promise<void>;
    notice(safeId: string, notice: NetworkNotice | null): Promise<void>; facts(safeId: string): Promise<Omit<NetworkState, 'environment'>>;
    checkPublish(safeId: string, documentKey: string, request: Uint8Array): Promise<{ contentTopic: string; timestampNs: bigint; message: Uint8Array }[]>;
  };
  keys: Vault['keys'] & { publicBundles(safeId: string, documentKey?: string): ReturnType<Vault['keys']['publicBundles']> };
  documentGone(documentKey: string): Promise<void>;
  history: { save(safeId: string, envelopes: readonly { contentTopic: string; timestampNs: bigint; message: Uint8Array }[]): Promise<{ added: number; failed: number }> };
};
