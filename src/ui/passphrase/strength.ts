// Whether a new passphrase is hard enough to guess, asked before it leaves the page.
// Promises: the one place that loads the lists of words, and only while somebody chooses a passphrase; without them nothing is let through.
// Must not: be asked of a passphrase that exists already, or keep a passphrase. Why a page of ours decides this: docs/adr/0011.
import { leastGuessesLog10, newPassphraseLength, type Weakness } from '../../contract/limits';
import { VaultCallError } from '../worker/channel';
import { ask } from '../worker/calls';
import type { guessesOf } from './guesses';

/** Loads the lists, half a second's work, before they are needed. A failure shows when they are. */
export function prepare(): void {
  void load().catch(() => undefined);
}

/** Why the passphrase is too easy to guess for this identity; undefined when it is not. Throws when the lists cannot be loaded. */
export async function weaknessOfNew(passphrase: string, safeId: string): Promise<Weakness | undefined> {
  if (Array.from(passphrase.normalize('NFKC').trim()).length < newPassphraseLength) return 'short';
  const [lists, names] = await Promise.all([load(), namesOf(safeId)]);
  const { log10, weakness } = lists.guessesOf(passphrase, names);
  return log10 < leastGuessesLog10 ? weakness : undefined;
}

/** Throws VaultCallError('weak-passphrase') as the vault does, with what the lists of words know besides. */
export async function mustBeHardToGuess(passphrase: string, safeId: string): Promise<void> {
  const weakness = await weaknessOfNew(passphrase, safeId);
  if (weakness) throw new VaultCallError('weak-passphrase', weakness);
}

function load(): Promise<{ guessesOf: typeof guessesOf }> {
  return import('./guesses');
}

async function namesOf(safeId: string): Promise<string[]> {
  const { identities } = await ask('state_get');
  const identity = identities.find((one) => one.safeId === safeId);
  return identity ? [identity.name, identity.account ?? ''].filter((name) => name !== '') : [];
}
