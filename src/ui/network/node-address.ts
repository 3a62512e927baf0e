// The address of a node, as a person types it and as it is kept. Pure.
// Promises: what is kept of a node of XMTP is an origin: https anywhere, http on this computer only; nothing of a path, a name or a password stays. That of a
// node of Ethereum keeps its path and query, in which operators put what they know a customer by.

import { isRpcAddress, isSafeOnTheWay } from '../../contract/origins';
import { pastedLine } from '../../contract/paste';

/** What the settings keep, or undefined when it is not a valid address of a node. A missing "https://" is added. */
export function nodeAddress(typed: string): string | undefined {
  const url = urlOf(typed);
  if (!url) return undefined;
  const isBare =
    url.username === '' && url.password === '' && url.pathname === '/' && url.search === '' && url.hash === '';
  // A host of signs that pasting loses would be another one when it is read again.
  const isStable = pastedLine(url.origin) === url.origin;
  return isSafeOnTheWay(url) && isBare && isStable ? url.origin : undefined;
}

/** The same of a node of Ethereum. */
export function rpcAddress(typed: string): string | undefined {
  const url = urlOf(typed);
  const isStable = url !== undefined && pastedLine(url.href) === url.href;
  return isStable && isRpcAddress(url.href) ? url.href : undefined;
}

/** A missing "https://" is added. */
function urlOf(typed: string): URL | undefined {
  const text = pastedLine(typed);
  if (text === '' || /[\s\\]/.test(text)) return undefined;
  const whole = /^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? text : `https://${text}`;
  return URL.canParse(whole) ? new URL(whole) : undefined;
}
