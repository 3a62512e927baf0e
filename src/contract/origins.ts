// Which web addresses are safe on the way, and how their hosts are named to the browser: one rule for nodes, sites and the settings page.
// Must not: judge whose address it is.

/** https anywhere, http on this computer only. */
export function isSafeOnTheWay({ protocol, hostname }: { protocol: string; hostname: string }): boolean {
  return protocol === 'https:' || (protocol === 'http:' && (hostname === 'localhost' || hostname === '127.0.0.1'));
}

/** True for exactly a serialised origin (scheme, host and port, nothing behind) that is safe on the way. */
export function isSafeOrigin(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const url = new URL(text);
  return url.origin === text && isSafeOnTheWay(url);
}

/** The match pattern of a host, as the browser's permissions have it: without a port, which not every browser knows. */
export function hostPattern(address: string): string {
  const { protocol, hostname } = new URL(address);
  return `${protocol}//${hostname}/*`;
}
