// The header of a safe: everything about it that is readable while locked, in one exact binary form.
// Promises: a flipped byte is noticed without any key (checksum), a forged one with the root key (MAC); unknown formats are refused.
// Must not: hold a secret. Slots hold the root key only wrapped. docs/storage.md has the bytes.
import { VaultError } from '../../contract/errors';
import { lastingKinds, leastLasting, type EnrolmentSource } from '../../contract/choices';
import type { PasskeyRequest } from '../../contract/pages/unlock';
import type { WalletChoice } from '../../contract/schemas';
import { bytesToHex, bytesToUtf8, equalBytes, hexToBytes, utf8ToBytes } from '../../protocol/base/bytes';
import { checksumAddress, isAddress } from '../../protocol/base/address';
import type { Bytes, Reader } from '../store/encoding';
import { asBytes, concat, createReader, lengthPrefixed, u32, u64, u8 } from '../store/encoding';
import { labels } from '../store/labels';
import { isMacOf, macWith } from '../store/sealed-record';

/** How far a safe is. `confirmed`: a draft whose wallet has signed the unlock text alike twice. `forgetting`: to be deleted. */
export const headerStates = ['draft', 'confirmed', 'complete', 'forgetting'] as const;
export type HeaderState = (typeof headerStates)[number];

/** Ways to open a safe; the position in this list is the byte at rest. */
export const slotTypes = ['wallet', 'recovery-code', 'passphrase', 'passkey'] as const;
export type SlotType = (typeof slotTypes)[number];

/** One way to open a safe: the root key wrapped under a key from something the person has. */
export interface Slot {
  /** 32 hex digits. */
  slotId: string;
  type: SlotType;
  createdAtMs: number;
  /** Wallet: empty. Recovery code: the two groups that are typed back, one byte each. Passphrase: what scrypt costs (`scryptCostOf`). Passkey: `passkeyParams`. */
  params: Bytes;
  /** 32 bytes. For a passphrase it is the salt of scrypt too. */
  salt: Bytes;
  /** 16 bytes that only the right secret gives; tells "wrong secret" from "damaged" and commits the slot to one key. */
  commit: Bytes;
  iv: Bytes;
  wrapped: Bytes;
}

/** A record that belongs to the safe, by the SHA-256 of its sealed bytes. */
export interface ManifestEntry {
  type: string;
  id: string;
  digest: Bytes;
}

/** What a draft was begun for: where its keys come from, and what opens it first. */
export interface EnrolmentPlan {
  source: EnrolmentSource;
  first: 'wallet' | 'passphrase';
}

/** Their places are stored: what comes later is added at the end. */
const sources = ['new', 'network', 'backup'] as const satisfies EnrolmentSource[];
const firsts = ['wallet', 'passphrase'] as const satisfies EnrolmentPlan['first'][];

export interface Header {
  /** 32 hex digits. */
  safeId: string;
  /** EIP-55. */
  account: string;
  state: HeaderState;
  name: string;
  createdAtMs: number;
  wallet: WalletChoice;
  /** Origin of the extension that made the safe. */
  extensionOrigin: string;
  /** The whole text the wallet signs to unlock; fixed at enrolment (docs/adr/0002). */
  unlockText: string;
  epoch: number;
  /** Grows with every write of the safe; the higher of two valid copies is the newer one. */
  counter: number;
  slots: Slot[];
  records: ManifestEntry[];
  /** Absent: new keys, the wallet first. So in every header of format 1. */
  plan?: EnrolmentPlan;
}

/** A header as read: what it says, and what is needed to check its MAC once the root key is there. */
export interface ParsedHeader {
  header: Header;
  bytes: Bytes;
}

const magic = utf8ToBytes('PKVS');
/**
 * Format 2 has one field more than the first, the plan of the enrolment; it may hold passphrase slots, and any two types of slot make a safe complete.
 * Format 3 is written for a safe with a passkey, and for no other: a version that knows no passkeys goes on opening every safe that has none.
 */
const [firstFormat, usualFormat, passkeyFormat] = [1, 2, 3];
/** Counts the binding of slots, not headers: a slot of a format-1 header is carried into a later one as it is. */
const slotFormat = 1;
const macLength = 32;
const checksumLength = 32;
// The first 63 bytes (magic, format, safe id, account) and the checksum at the end stay the same in every later format.
const prefixLength = 63;

/** The bytes of a header, MACed under the root key. Without one (a draft without keys, a tombstone) the MAC is zeros. */
export async function encodeHeader(header: Header, rootKey: CryptoKey | undefined): Promise<Bytes> {
  const body = lengthPrefixed(
    u8(headerStates.indexOf(header.state)),
    header.name,
    u64(header.createdAtMs),
    header.wallet.kind,
    header.wallet.kind === 'extension' ? header.wallet.extensionId : '',
    header.extensionOrigin,
    header.unlockText,
    u32(header.epoch),
    u64(header.counter),
    lengthPrefixed(...header.slots.map(encodeSlot)),
    lengthPrefixed(...header.records.map((entry) => lengthPrefixed(entry.type, entry.id, entry.digest))),
    encodePlan(header.plan),
  );
  const format = hasPasskey(header) ? passkeyFormat : usualFormat;
  const prefix = concat(magic, u8(format), hexToBytes(header.safeId), utf8ToBytes(header.account));
  const covered = concat(prefix, lengthPrefixed(body));
  const mac = rootKey ? await macWith(rootKey, labels.headerMac, covered) : new Uint8Array(macLength);
  const unchecked = concat(covered, mac);
  return concat(unchecked, await sha256(unchecked));
}

/**
 * Reads a header exactly. Throws VaultError('newer-format') when an intact header says it is of a later format, 'damaged'
 * for everything else that is not byte for byte what `encodeHeader` writes. Says nothing about the MAC.
 */
export async function parseHeader(bytes: Uint8Array): Promise<ParsedHeader> {
  const checkedLength = bytes.length - checksumLength;
  if (checkedLength < prefixLength) throw new VaultError('damaged');
  const unchecked = asBytes(bytes).subarray(0, checkedLength);
  if (!equalBytes(await sha256(unchecked), bytes.subarray(checkedLength))) throw new VaultError('damaged');
  const reader = createReader(unchecked);
  if (!equalBytes(reader.take(magic.length), magic)) throw new VaultError('damaged');
  const format = reader.u8();
  if (format > passkeyFormat) throw new VaultError('newer-format');
  if (format < firstFormat) throw new VaultError('damaged');
  const safeId = bytesToHex(reader.take(16));
  const account = readableAccount(bytes);
  reader.take(account.length);
  const body = createReader(reader.prefixed());
  const mac = reader.take(macLength);
  reader.end();
  const header = readBody(body, safeId, account, format);
  checkRules(header, mac, format);
  return { header, bytes: asBytes(bytes).slice() };
}

/** The header that marks a safe as deleted. `account`: null when it could not be read. */
export function tombstoneOf(safeId: string, account: string | null): Header {
  return {
    safeId,
    // Not needed any more; the zero address is a valid one.
    account: account ?? `0x${'0'.repeat(40)}`,
    state: 'forgetting',
    name: '',
    createdAtMs: 0,
    wallet: { kind: 'manual' },
    extensionOrigin: '',
    unlockText: '',
    epoch: 1,
    counter: 0,
    slots: [],
    records: [],
  };
}

/** Whether the header was written by someone who had the root key (R-D2). */
export async function isGenuineHeader(parsed: ParsedHeader, rootKey: CryptoKey): Promise<boolean> {
  const end = parsed.bytes.length - checksumLength - macLength;
  return isMacOf(rootKey, labels.headerMac, parsed.bytes.subarray(0, end), parsed.bytes.subarray(end, end + macLength));
}

/**
 * The account a header names, even when the rest of it is damaged or of a later format; null when these bytes were hit too,
 * which the capitals of EIP-55 tell. For showing and for refusing, never for trusting.
 */
export function salvageAccount(bytes: Uint8Array): string | null {
  try {
    return readableAccount(bytes);
  } catch {
    return null;
  }
}

/** What a slot is bound to: everything about it but its wrapped key, and the safe it belongs to. */
export function slotHeaderBytes(
  header: Pick<Header, 'safeId' | 'account' | 'epoch'>,
  slot: Omit<Slot, 'commit' | 'iv' | 'wrapped'>,
): Bytes {
  const place = [u8(slotFormat), hexToBytes(header.safeId), header.account, u32(header.epoch)];
  return lengthPrefixed(...place, hexToBytes(slot.slotId), slot.type, u64(slot.createdAtMs), slot.params, slot.salt);
}

/** Whether these ways are enough for a complete safe, each of another type. */
export function areEnough(types: readonly SlotType[]): boolean {
  return types.filter((type) => lastingKinds.some((one) => one === type)).length >= leastLasting;
}

/** Parameters of a passkey slot: the input of its PRF, 32 bytes, then its credential, 16 to 1,023. Undefined for other lengths. */
export function passkeyParams({ credentialId, prfInput }: PasskeyRequest): Bytes | undefined {
  const params = concat(prfInput, credentialId);
  return prfInput.length === prfInputLength && passkeyOf(params) ? params : undefined;
}

/** The passkey that parameters of a slot name; undefined when they are not those of a passkey slot. */
export function passkeyOf(params: Uint8Array): PasskeyRequest | undefined {
  const [prfInput, credentialId] = [params.slice(0, prfInputLength), params.slice(prfInputLength)];
  return credentialId.length >= 16 && credentialId.length <= 1023 ? { prfInput, credentialId } : undefined;
}

const prfInputLength = 32;

/**
 * What scrypt costs, from the parameters of a passphrase slot: 1 (scrypt), log2 of N, r, p, one byte each. Undefined when they are not
 * that, or cheaper than N = 2^17, r = 8, p = 1, or so dear that a worker could not pay (N above 2^19).
 */
export function scryptCostOf(params: Uint8Array): { log2N: number; r: number; p: number } | undefined {
  const [kdf, log2N = 0, r, p] = params;
  const isKnown = params.length === 4 && kdf === scryptId && log2N >= 17 && log2N <= 19 && r === 8 && p === 1;
  return isKnown ? { log2N, r, p } : undefined;
}

/** First byte of the parameters of a passphrase slot. */
export const scryptId = 1;

/** SHA-256. */
export async function sha256(bytes: Uint8Array): Promise<Bytes> {
  return new Uint8Array(await crypto.subtle.digest('SHA-256', asBytes(bytes)));
}

function encodeSlot(slot: Slot): Bytes {
  const type = u8(slotTypes.indexOf(slot.type));
  const sealed = concat(slot.salt, slot.commit, slot.iv, slot.wrapped);
  return concat(hexToBytes(slot.slotId), type, u64(slot.createdAtMs), sealed, lengthPrefixed(slot.params));
}

function readBody(outer: Reader, safeId: string, account: string, format: number): Header {
  const field = (length: number): Reader => {
    const bytes = outer.prefixed();
    if (bytes.length !== length) throw new VaultError('damaged');
    return createReader(bytes);
  };
  const state = pick(headerStates, field(1).u8());
  const name = outer.text();
  const createdAtMs = field(8).u64();
  const wallet = readWallet(outer.text(), outer.text());
  const [extensionOrigin, unlockText] = [outer.text(), outer.text()];
  const [epoch, counter] = [field(4).u32(), field(8).u64()];
  const slots = readList(outer.prefixed()).map(readSlot);
  const records = readList(outer.prefixed()).map(readEntry);
  const plan = format > firstFormat ? readPlan(outer.prefixed()) : undefined;
  outer.end();
  const header = {
    safeId,
    account,
    state,
    name,
    createdAtMs,
    wallet,
    extensionOrigin,
    unlockText,
    epoch,
    counter,
    slots,
    records,
  };
  return plan ? { ...header, plan } : header;
}

function encodePlan(plan: EnrolmentPlan | undefined): Bytes {
  return plan ? Uint8Array.of(sources.indexOf(plan.source), firsts.indexOf(plan.first)) : new Uint8Array(0);
}

function readPlan(bytes: Bytes): EnrolmentPlan | undefined {
  if (bytes.length === 0) return undefined;
  const reader = createReader(bytes);
  const plan = { source: pick(sources, reader.u8()), first: pick(firsts, reader.u8()) };
  reader.end();
  return plan;
}

function readList(bytes: Bytes): Bytes[] {
  const reader = createReader(bytes);
  const items: Bytes[] = [];
  while (reader.left() > 0) items.push(reader.prefixed());
  return items;
}

function readSlot(bytes: Bytes): Slot {
  const reader = createReader(bytes);
  const [slotId, type, createdAtMs] = [bytesToHex(reader.take(16)), pick(slotTypes, reader.u8()), reader.u64()];
  const [salt, commit, iv, wrapped] = [reader.take(32), reader.take(16), reader.take(12), reader.take(48)];
  const params = reader.prefixed();
  reader.end();
  if (!fitsType(params, type)) throw new VaultError('damaged');
  return { slotId, type, createdAtMs, params, salt, commit, iv, wrapped };
}

function fitsType(params: Bytes, type: SlotType): boolean {
  if (type === 'passphrase') return scryptCostOf(params) !== undefined;
  if (type === 'passkey') return passkeyOf(params) !== undefined;
  return params.length === (type === 'wallet' ? 0 : 2);
}

function hasPasskey({ slots }: Pick<Header, 'slots'>): boolean {
  return slots.some(({ type }) => type === 'passkey');
}

function readEntry(bytes: Bytes): ManifestEntry {
  const reader = createReader(bytes);
  const entry = { type: reader.text(), id: reader.text(), digest: reader.prefixed() };
  reader.end();
  if (entry.digest.length !== 32) throw new VaultError('damaged');
  return entry;
}

function readWallet(kind: string, extensionId: string): WalletChoice {
  if (kind === 'extension') return { kind, extensionId };
  if (kind === 'manual' && extensionId === '') return { kind };
  throw new VaultError('damaged');
}

function readableAccount(bytes: Uint8Array): string {
  const account = bytesToUtf8(bytes.subarray(21, prefixLength));
  if (!isAddress(account) || checksumAddress(account) !== account) throw new VaultError('damaged');
  return account;
}

/** What must hold in every header, so that a mistake of ours cannot be written or believed: floors on reading (R-D2). */
function checkRules(header: Header, mac: Bytes, format: number): void {
  const types = header.slots.map((slot) => slot.type);
  const hasKeys = types.length > 0;
  // A draft begins with one of these two; a recovery code alone is nothing a person chose to begin with.
  const isBegun = types.includes('wallet') || types.includes('passphrase');
  const hasMac = mac.some((byte) => byte !== 0);
  const isBare = header.state === 'forgetting' || !hasKeys;
  const fits =
    new Set(types).size === types.length &&
    isBare !== hasMac &&
    header.epoch >= 1 &&
    header.records.length > 0 !== isBare &&
    (header.state === 'draft' || header.state === 'forgetting' || hasKeys) &&
    (header.state === 'complete' ? areEnough(types) : isBare || isBegun) &&
    (!isBare || !hasKeys) &&
    hasPasskey(header) === (format === passkeyFormat) &&
    (header.state === 'complete' || !hasPasskey(header)) &&
    (format > firstFormat || (!types.includes('passphrase') && (isBare || types.includes('wallet'))));
  if (!fits) throw new VaultError('damaged');
}

function pick<T>(list: readonly T[], index: number): T {
  const item = list[index];
  if (item === undefined) throw new VaultError('damaged');
  return item;
}
