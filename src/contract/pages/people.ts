// Calls about names for accounts of others: those in the address book of an identity, which the person gave, and those of ENS.
// Must not: be of any use to a site. No method of the provider gives or takes a name.
import * as v from 'valibot';
import { accountText } from '../address';
import { row, type Row } from './pages';
import { mostEnsAccounts } from '../limits';
import { name, rpcUrl, safe, safeId } from '../schemas';

export interface Person {
  /** EIP-55. */
  account: string;
  /** The person's own words, never empty. */
  name: string;
  /** When the name was given, milliseconds since 1970. */
  namedAtMs: number;
}

/**
 * What ENS calls an account, as the node that is set tells it. `named`: the account says so, and the name leads back to it; whether it may be shown is not looked
 * at yet. `none`: it says nothing, or a name that leads elsewhere. `unknown`: that could not be read.
 */
export type EnsName = { account: string } & ({ is: 'named'; name: string } | { is: 'none' } | { is: 'unknown' });

export const peopleMethods = {
  /** In the order in which they were named. Throws `locked`. */
  people_list: row<Person[]>()({ params: safe, pages: ['vault', 'approval'] }),
  /** Names an account, taken in any spelling; an empty name takes it out. Throws `locked`, `limit`. */
  people_name: row<null>()({
    params: v.strictObject({ safeId, account: accountText, name }),
    pages: ['vault', 'approval'],
  }),
  /** Asks the node of ENS that is set; an answer for each account, and none while no node is. Throws a network reason. */
  ens_names: row<EnsName[]>()({
    params: v.strictObject({ accounts: v.pipe(v.array(accountText), v.maxLength(mostEnsAccounts)) }),
    pages: ['vault', 'approval'],
  }),
  /** Asks a node whether it is one of Ethereum, without changing anything. Throws a network reason; `bad-answer` with detail `other-chain`. */
  ens_checkNode: row<null>()({ params: v.strictObject({ url: rpcUrl }), pages: ['vault'] }),
} as const satisfies Record<string, Row>;
