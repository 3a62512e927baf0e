// What an account's address looks like. Pure.
// Must not: say whose it is.

/** The four characters a person types to confirm something about an account. */
export function lastFour(account: string): string {
  return account.slice(-4);
}
