// What a page makes of what ENS says of an account. Pure.
// Promises: only a name in the spelling of ENSIP-15 is given out; nobody is asked about an account of the person's own.
// Must not: put a name in the place of an address, or of the person's own word.
import { isAccount } from '../../../contract/address';
import type { EnsName } from '../../../contract/pages/people';
import type { WhoIs } from '../../people';

/** `asking`: not answered yet. `odd`: it has a name that is not shown, because it is not spelt as names of ENS are. */
export type EnsSays =
  { is: 'asking' } | { is: 'named'; name: string } | { is: 'odd' } | { is: 'none' } | { is: 'unknown' };

/** By account in lower case; undefined for whom nobody asked about. */
export type EnsWords = (account: string) => EnsSays | undefined;

/** Nobody is asked. */
export const noEns: EnsWords = () => undefined;

/** What a page makes of an answer. */
export function saysOf(answer: EnsName, isNormal: (name: string) => boolean): EnsSays {
  if (answer.is !== 'named') return { is: answer.is };
  return isNormal(answer.name) ? { is: 'named', name: answer.name } : { is: 'odd' };
}

/** Whom a node is asked about: accounts of others, each once. */
export function askedOf(accounts: readonly string[], whoIs: WhoIs): string[] {
  const others = accounts.filter((account) => isAccount(account) && whoIs(account)?.isYou !== true);
  return [...new Set(others.map((account) => account.toLowerCase()))];
}
