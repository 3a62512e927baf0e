// What an account's address looks like. Pure.
// Must not: say whose it is.

/** Whether a string is an address: 0x and 40 hexadecimal digits. Only such a string is shortened or drawn as a person. */
export function isAccount(text: string): boolean {
  return /^0x[0-9a-fA-F]{40}$/.test(text);
}

/** The four characters a person types to confirm something about an account. */
export function lastFour(account: string): string {
  return account.slice(-4);
}

/** Whether what was typed confirms: the last four characters or the whole address, in any case of letters. */
export function isConfirmedBy(account: string, typed: string): boolean {
  const given = typed.trim().toLowerCase();
  return given === lastFour(account).toLowerCase() || given === account.toLowerCase();
}
