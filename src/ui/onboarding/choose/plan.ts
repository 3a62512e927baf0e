// What the person has decided so far, where that leads, and how far along the way it is. Pure.
// Promises: keys that are on the network, or may be, are never passed over: new ones need the warning first (R-I4).
// Must not: hold a secret beyond the step that uses it; a chosen backup file is dropped once it was read.
import type { BackupPreview } from '../../../contract/pages/backup';
import type { NetworkLook } from '../../../contract/pages/network';
import type { EnrolmentSource } from '../../../contract/choices';
import type { EnrolmentState, EnrolmentStep } from '../../../contract/pages/enrolment';
import type { IdentitySummary } from '../../../contract/pages/identity';
import type { WalletChoice } from '../../../contract/schemas';
import type { GivenFile } from '../../parts/form/backup-file-form';
import type { MessageKey } from '../../text';

export interface Plan {
  source: EnrolmentSource;
  wallet?: WalletChoice;
  /** What the wallet offers; empty for a wallet that is not an extension. */
  accounts: string[];
  account?: string;
  name?: string;
  /** What opens the safe beside the recovery code, chosen together with the account. */
  first?: EnrolmentState['first'];
  /** What was found for the account; undefined when nobody looked. */
  look?: NetworkLook;
  /** The candidate that was picked among several. */
  copyId?: string;
  /** A backup file that was opened, until its keys are in the safe. */
  backup?: { given: GivenFile; preview: BackupPreview };
  /** The draft this goes on with, if it came that far. */
  draft?: EnrolmentState;
}

export type Place =
  | { step: 'welcome' | 'node' | 'file' | 'wallet' | 'account' | 'look' | 'found' | 'replace' | 'unsteady' }
  /** `decided`: what opens the safe was chosen before; then the draft begins by itself. */
  | { step: 'open'; decided?: EnrolmentState['first'] | undefined }
  | { step: 'enrol'; enrolment: EnrolmentState }
  | { step: 'ready' | 'copy'; identity: IdentitySummary; first: EnrolmentState['first'] };

export const nothingPlanned: Plan = { source: 'new', accounts: [] };

/** The plan behind a draft, after a reload: everything the worker still knows. */
export function planOf(draft: EnrolmentState): Plan {
  return { source: draft.source, wallet: draft.wallet, accounts: [], account: draft.account, name: draft.name, draft };
}

/** Where a way begins; `needsNode`: it goes through a network, and none is set. */
export function firstPlace(source: EnrolmentSource, needsNode = false): Place {
  return { step: source === 'backup' ? 'file' : needsNode ? 'node' : 'wallet' };
}

/** What a look at the network means: copies to bring, traces without a usable copy, or nothing at all. */
export function foundKind(look: NetworkLook): 'copies' | 'traces' | 'nothing' {
  if (look.copies.length > 0) return 'copies';
  return look.contact !== null || look.unreadable > 0 ? 'traces' : 'nothing';
}

/** After the look. New keys are made straight away only where there is nothing to lose. */
export function afterLook({ source, first }: Plan, look: NetworkLook): Place {
  return source === 'new' && foundKind(look) === 'nothing' ? { step: 'open', decided: first } : { step: 'found' };
}

type SignatureStep = Extract<EnrolmentStep, 'unlock-1' | 'identity' | 'retrieve' | 'unlock-2'>;

const order: readonly EnrolmentStep[] = [
  'unlock-1',
  'passphrase',
  'identity',
  'retrieve',
  'import',
  'unlock-2',
  'code',
];

/** The signatures a draft asks for, in order; none for a backup file under a passphrase. */
export function signaturesOf({ source, first }: Pick<EnrolmentState, 'source' | 'first'>): SignatureStep[] {
  const keys: SignatureStep[] = source === 'new' ? ['identity'] : source === 'network' ? ['retrieve'] : [];
  return first === 'wallet' ? ['unlock-1', ...keys, 'unlock-2'] : keys;
}

/** How many of a draft's signatures are given. */
export function signaturesGiven(draft: Pick<EnrolmentState, 'source' | 'first' | 'step'>): number {
  return signaturesOf(draft).filter((step) => order.indexOf(step) < order.indexOf(draft.step)).length;
}

/** The words on top of the page, by way. */
export function stepWords(source: EnrolmentSource): readonly MessageKey[] {
  return source === 'backup'
    ? ['stepFile', 'stepKeys', 'stepCode']
    : ['stepWallet', 'stepAccount', 'stepKeys', 'stepCode'];
}

/** Which of `stepWords` a place belongs to; their number when all is done, undefined where they are not shown. */
export function stepNumber(place: Place, source: EnrolmentSource): number | undefined {
  const keys = source === 'backup' ? 1 : 2;
  switch (place.step) {
    case 'welcome':
    case 'node':
    case 'unsteady':
    case 'copy':
      return undefined;
    case 'file':
      return 0;
    case 'wallet':
      return source === 'backup' ? keys : 0;
    case 'account':
      return 1;
    case 'look':
    case 'found':
    case 'replace':
    case 'open':
      return keys;
    case 'enrol':
      return place.enrolment.step === 'code' && !place.enrolment.locked ? keys + 1 : keys;
    case 'ready':
      return keys + 2;
  }
}
