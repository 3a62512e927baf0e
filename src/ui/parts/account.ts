// What an account's address looks like. Pure.
// Must not: say whose it is.

/** Whether a string is an address: 0x and 40 hexadecimal digits. Only such a string is shortened or drawn as a person. */
export function isAccount(text: string): boolean {
  return /^0x[0-9a-fA-F]{40}$/.test(text);
}
