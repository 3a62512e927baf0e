// An origin taken apart for the eye: scheme, host with the part that names its owner, port, and what to warn about (R-C6).
// Promises: the host is shown in the ASCII form the browser reported; `owner` is never shortened. Pure.
// Must not: decide anything. It knows no public suffix list: `owner` is a good guess for emphasis, not a security boundary.
import { hostLabels, isLookAlike } from '../../../contract/host-names';

export type OriginNote =
  /** Not ASCII: `unicode` is how the address would look elsewhere. */
  | 'international'
  /** One label mixes letters of several alphabets. */
  | 'mixed-scripts'
  /** All letters of a label look like Latin ones but are not. */
  | 'imitation'
  /** http on this computer. */
  | 'local'
  /** An address in numbers. */
  | 'numeric';

export interface OriginModel {
  /** "https:" */
  scheme: string;
  /** Everything before the owner part, with its trailing dot; may be shortened in the middle by "…". */
  before: string;
  /** The registrable-looking part, or the whole host when it has none. */
  owner: string;
  /** ":8080", or the empty string. */
  port: string;
  notes: OriginNote[];
  /** The host in Unicode, when it differs. */
  unicode: string | undefined;
}

const longestBefore = 48;

// Second labels under which names are sold (co.uk …), and hosts whose first label is somebody else's choice (github.io …).
const sharedSecondLabels = new Set([
  'ac',
  'co',
  'com',
  'edu',
  'go',
  'gob',
  'gov',
  'gv',
  'ltd',
  'me',
  'mil',
  'ne',
  'net',
  'nom',
  'or',
  'org',
  'plc',
  'sch',
]);
const sharedHosts = new Set([
  'github.io',
  'gitlab.io',
  'pages.dev',
  'workers.dev',
  'vercel.app',
  'netlify.app',
  'web.app',
  'firebaseapp.com',
  'herokuapp.com',
  'fly.dev',
  'onrender.com',
  'surge.sh',
  'glitch.me',
  'repl.co',
  'replit.app',
  'blogspot.com',
  'azurewebsites.net',
  'cloudfront.net',
  'amazonaws.com',
  'ngrok.io',
  'ngrok.app',
  'eth.limo',
  'eth.link',
  'ipfs.dweb.link',
  'deno.dev',
  'r2.dev',
  'trycloudflare.com',
]);

const scripts: readonly [string, RegExp][] = [
  ['Latin', /\p{Script=Latin}/u],
  ['Cyrillic', /\p{Script=Cyrillic}/u],
  ['Greek', /\p{Script=Greek}/u],
  ['Armenian', /\p{Script=Armenian}/u],
  ['Hebrew', /\p{Script=Hebrew}/u],
  ['Arabic', /\p{Script=Arabic}/u],
  // Japanese, Chinese and Korean mix these by nature; they count as one.
  ['East Asian', /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Script=Bopomofo}]/u],
];

function isMixed(label: string): boolean {
  const used = scripts.filter(([, letters]) => letters.test(label)).map(([name]) => name);
  return used.length > 1 && !(used.length === 2 && used.includes('Latin') && used.includes('East Asian'));
}

function isImitation(label: string): boolean {
  const letters = Array.from(label.normalize('NFKD')).filter((letter) => /\p{L}/u.test(letter));
  const foreign = letters.filter((letter) => letter > '\u007F');
  return foreign.length > 0 && foreign.every(isLookAlike);
}

function ownerLabelCount(labels: readonly string[]): number {
  const lastTwo = labels.slice(-2).join('.');
  const lastThree = labels.slice(-3).join('.');
  if (sharedHosts.has(lastThree)) return 4;
  if (sharedHosts.has(lastTwo)) return 3;
  const [second = '', last = ''] = labels.slice(-2);
  return last.length === 2 && sharedSecondLabels.has(second) ? 3 : 2;
}

function shorten(before: string): string {
  if (before.length <= longestBefore) return before;
  const half = Math.floor(longestBefore / 2);
  return `${before.slice(0, half)}…${before.slice(-half)}`;
}

/** Takes an origin as `sender.origin` gives it ("https://app.example:8443"). Text that is not an origin comes back whole in `owner`. */
export function originModel(origin: string): OriginModel {
  const match = /^([a-z][a-z0-9+.-]*:)\/\/(\[[0-9a-f:.]+\]|[^/:?#@[\]]+)(:\d+)?$/i.exec(origin);
  if (!match) return { scheme: '', before: '', owner: origin, port: '', notes: [], unicode: undefined };
  const [, scheme = '', host = '', port = ''] = match;
  const isNumeric = host.startsWith('[') || /^\d+(?:\.\d+){3}$/.test(host);
  const labels = host.split('.');
  const notes = new Set<OriginNote>();
  if (scheme === 'http:') notes.add('local');
  if (isNumeric && scheme !== 'http:') notes.add('numeric');
  let unicode: string | undefined;
  if (labels.some((label) => label.startsWith('xn--'))) {
    const decoded = hostLabels(host);
    unicode = decoded.join('.');
    notes.add('international');
    if (decoded.some(isMixed)) notes.add('mixed-scripts');
    if (decoded.some(isImitation)) notes.add('imitation');
  }
  const ownerCount = isNumeric ? labels.length : ownerLabelCount(labels);
  const before = labels.slice(0, Math.max(0, labels.length - ownerCount));
  const owner = labels.slice(before.length).join('.');
  return {
    scheme,
    before: before.length ? shorten(`${before.join('.')}.`) : '',
    owner,
    port,
    notes: [...notes],
    unicode,
  };
}
