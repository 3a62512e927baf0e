// The address of a network's node, as a person types it.
// Promises: pure; only an origin comes out: no path, no user, no query. Must not: ask anything whether it answers.
import { localNodeUrl, type Environment } from '../contract/flows';

/** `form`: not an address of a node. `open`: http elsewhere than on this computer, where everybody on the way could read along. */
export type AddressFault = 'form' | 'open';

const longest = 300;
const isOwnComputer = (hostname: string) => hostname === 'localhost' || hostname === '127.0.0.1';

function asUrl(text: string): URL | undefined {
  const typed = text.trim();
  const scheme = /^[a-z][a-z0-9+.-]*:\/\//i.test(typed) ? '' : /^(?:localhost|127\.0\.0\.1)(?::|\/|$)/i.test(typed) ? 'http://' : 'https://';
  return typed === '' || typed.length > longest ? undefined : (URL.parse(scheme + typed) ?? undefined);
}

/** The node of what was typed ("node.example" is https), or what is wrong with it. */
export function nodeOf(text: string): Environment | AddressFault {
  const url = asUrl(text);
  if (!url || !['https:', 'http:'].includes(url.protocol) || url.hostname === '') return 'form';
  if (url.pathname !== '/' || url.search !== '' || url.hash !== '' || url.username !== '' || url.password !== '') return 'form';
  if (url.protocol === 'http:' && !isOwnComputer(url.hostname)) return 'open';
  return { name: url.origin === localNodeUrl ? 'local' : 'custom', url: url.origin };
}

/** The permission that lets the extension reach a node. Without the port: not every browser knows patterns with one. */
export function hostPattern(url: string): string {
  const { protocol, hostname } = new URL(url);
  return `${protocol}//${hostname}/*`;
}
