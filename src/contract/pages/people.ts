// Calls about the address book of an identity: names that the person gave to accounts of others.
// Must not: be of any use to a site. No method of the provider gives or takes a name.
import * as v from 'valibot';
import { accountText } from '../address';
import { row, type Row } from './pages';
import { name, safe, safeId } from '../schemas';

export interface Person {
  /** EIP-55. */
  account: string;
  /** The person's own words, never empty. */
  name: string;
  /** When the name was given, milliseconds since 1970. */
  namedAtMs: number;
}

export const peopleMethods = {
  /** In the order in which they were named. Throws `locked`. */
  people_list: row<Person[]>()({ params: safe, pages: ['vault', 'approval'] }),
  /** Names an account, taken in any spelling; an empty name takes it out. Throws `locked`, `limit`. */
  people_name: row<null>()({
    params: v.strictObject({ safeId, account: accountText, name }),
    pages: ['vault', 'approval'],
  }),
} as const satisfies Record<string, Row>;
