// Names that are easily mistaken for each other (R-C6): compares the host that asks with hosts that already have a grant.
// Promises: pure; compares what is drawn, not how it is written; says nothing about a host that has the grant itself, or about a
// sub-domain of the same registered name. Must not: decide. The approval window warns, the person decides.
import { hostLabels, latinForm } from '../../contract/host-names';

/** Letters and digits that look alike in common fonts, folded onto one of them. */
function skeleton(latin: string): string {
  return latin
    .replaceAll('rn', 'm')
    .replaceAll('vv', 'w')
    .replaceAll('cl', 'd')
    .replaceAll(/[1il|]/g, 'l')
    .replaceAll('0', 'o')
    .replaceAll('5', 's')
    .replaceAll('-', '');
}

/** True when one insertion, deletion, replacement or swap of neighbours turns one text into the other. */
function isOneSlipAway(a: string, b: string): boolean {
  const [short, long] = a.length <= b.length ? [a, b] : [b, a];
  if (long.length - short.length > 1) return false;
  let at = 0;
  while (at < short.length && short[at] === long[at]) at++;
  const rest = (text: string, skipped: number) => text.slice(at + skipped);
  if (short.length !== long.length) return rest(short, 0) === rest(long, 1);
  if (rest(short, 1) === rest(long, 1)) return true;
  return short[at] === long[at + 1] && short[at + 1] === long[at] && rest(short, 2) === rest(long, 2);
}

/** The granted origin that `origin` could be mistaken for, or null. Short names differ by a letter too often to warn about slips. */
export function lookAlike(origin: string, granted: readonly string[]): string | null {
  if (granted.includes(origin)) return null;
  const { hostname } = new URL(origin);
  const labels = hostLabels(hostname);
  const latin = latinForm(labels.join('.'));
  for (const other of granted) {
    const host = new URL(other).hostname;
    if (host === hostname || host.endsWith(`.${hostname}`) || hostname.endsWith(`.${host}`)) continue;
    const otherLabels = hostLabels(host);
    // As many labels of both as the shorter name has, so that a sub-domain of the imitation is seen too.
    const count = Math.min(labels.length, otherLabels.length);
    const [mine, its] = [labels, otherLabels].map((all) => skeleton(latinForm(all.slice(-count).join('.'))));
    const isSameName = labels.slice(-count).join('.') === otherLabels.slice(-count).join('.');
    if (count > 1 && mine === its && !isSameName) return other;
    const otherLatin = latinForm(otherLabels.join('.'));
    if (Math.min(otherLatin.length, latin.length) >= 8 && isOneSlipAway(otherLatin, latin)) return other;
  }
  return null;
}
