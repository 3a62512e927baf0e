// The address of a node, as a person types it and as it is kept. Pure.
// Promises: what is kept is an origin: https anywhere, http on this computer only; nothing of a path, a name or a password stays.

import { isSafeOnTheWay } from '../../contract/origins';
import { pastedLine } from '../../contract/paste';

/** What the settings keep, or undefined when it is not a valid address of a node. A missing "https://" is added. */
export function nodeAddress(typed: string): string | undefined {
  const text = pastedLine(typed);
  if (text === '' || /[\s\\]/.test(text)) return undefined;
  let url: URL;
  try {
    url = new URL(/^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? text : `https://${text}`);
  } catch {
    return undefined;
  }
  const isBare =
    url.username === '' && url.password === '' && url.pathname === '/' && url.search === '' && url.hash === '';
  // A host of signs that pasting loses would be another one when it is read again.
  const isStable = pastedLine(url.origin) === url.origin;
  return isSafeOnTheWay(url) && isBare && isStable ? url.origin : undefined;
}
