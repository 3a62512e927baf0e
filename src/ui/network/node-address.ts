// The address of a node, as a person types it and as it is kept. Pure.
// Promises: what is kept is an origin: https anywhere, http on this computer only; nothing of a path, a name or a password stays.

/** What the settings keep, or undefined when it is no address of a node. A missing "https://" is added. */
export function nodeAddress(typed: string): string | undefined {
  const text = typed.trim();
  if (text === '' || /[\s\\]/.test(text)) return undefined;
  let url: URL;
  try {
    url = new URL(/^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? text : `https://${text}`);
  } catch {
    return undefined;
  }
  const isHere = url.hostname === 'localhost' || url.hostname === '127.0.0.1';
  const isSafe = url.protocol === 'https:' || (url.protocol === 'http:' && isHere);
  const isBare = url.username === '' && url.password === '' && url.pathname === '/' && url.search === '' && url.hash === '';
  return isSafe && isBare ? url.origin : undefined;
}

/** The pattern the browser is asked to allow. Without a port: not every browser knows ports in patterns. */
export function hostPattern(address: string): string {
  const { protocol, hostname } = new URL(address);
  return `${protocol}//${hostname}/*`;
}
