// What a figure is: names, goals and units, and how its rounds are asked for.
// Promises that each name is written once; docs/performance.md and --json use the same ones.
// Must not measure.

import type { Rounds } from './statistics';

/** The figures, with their goals: the ratio must not be above it. `null`: there is no goal, the figure is reported. */
export const figures = {
  'granted-sign-vs-echo': {
    unit: 'ms',
    goal: 1.5,
    what: 'granted vault_sign, page call to page result / echo over the same path',
  },
  'granted-sign-vs-nos2x-style': {
    unit: 'ms',
    goal: 0.7,
    what: 'granted vault_sign / the same signature over postMessage and sendMessage',
  },
  'granted-sign-vs-nos2x-style-echo': {
    unit: 'ms',
    goal: null,
    what: 'granted vault_sign / bare echo over postMessage and sendMessage',
  },
  'cold-start': {
    unit: 'ms',
    goal: 1.6,
    what: 'stopped worker to first granted signature / a trivial worker to its first echo',
  },
  'page-cost': {
    unit: 'ms',
    goal: 1.5,
    what: 'main thread CPU that the page scripts add to a load / what empty scripts add',
  },
  'worker-heap-10-identities': {
    unit: 'MB',
    goal: null,
    what: 'JS heap of the worker with 10 unlocked identities / with 1',
  },
  'read-10k': {
    unit: 'ms',
    goal: 0.9,
    what: '10,000 V2 messages of 100 bytes through the adapter / through xmtp-js in the page',
  },
  'read-10k-stall': {
    unit: 'ms',
    goal: 0.05,
    what: 'longest time the page can do nothing else meanwhile / the same with xmtp-js',
  },
  'decrypt-one-vs-echo': {
    unit: 'ms',
    goal: 2,
    what: 'one xmtp_decryptV2, page call to page result / echo of the same request',
  },
  'encrypt-one-vs-echo': {
    unit: 'ms',
    goal: 2,
    what: 'one xmtp_encryptV2, signed in the vault / echo of the same request',
  },
  'read-v1-known-peer': { unit: 'ms', goal: 0.02, what: '500 V1 messages of a known peer / the same with xmtp-js' },
  'read-v1-new-peer': { unit: 'ms', goal: 0.9, what: 'the first V1 message of a peer / the same with xmtp-js' },
  'invites-batch': {
    unit: 'ms',
    goal: 0.5,
    what: '1,000 invitations of 1,000 peers saved in one batch / the same with xmtp-js',
  },
  'invites-one-by-one': {
    unit: 'ms',
    goal: 0.3,
    what: '1,000 invitations of 1,000 peers saved one by one / the same with xmtp-js',
  },
  'add-one-10k-vs-100': {
    unit: 'ms',
    goal: 1.2,
    what: 'one more conversation where there are 10,000 / where there are 100',
  },
  'add-one-vs-xmtp-js': {
    unit: 'ms',
    goal: 0.05,
    what: 'one more conversation where there are 10,000 / the same with xmtp-js',
  },
  'open-10k': {
    unit: 'ms',
    goal: null,
    what: 'unlock with 10,000 conversations and read a message / the same with xmtp-js',
  },
  'open-100k': { unit: 'ms', goal: null, what: 'the same with 100,000 / with 10,000' },
  'first-sign-1k-grants': {
    unit: 'ms',
    goal: 1.2,
    what: 'stopped worker to first signature with 1,000 grants of 50 sites / with one grant',
  },
  'first-sign-1k-origins': { unit: 'ms', goal: 1.2, what: 'the same with grants of 1,000 sites / of one' },
  'first-sign-10k-log': { unit: 'ms', goal: 1.2, what: 'the same with 10,000 lines in the log / with a few' },
  'first-sign-20-identities': { unit: 'ms', goal: 1.2, what: 'the same with 20 unlocked identities / with one' },
  'first-sign-100k-conversations': { unit: 'ms', goal: 1.2, what: 'the same with 100,000 conversations / with none' },
  'heap-100k-conversations': {
    unit: 'MB',
    goal: 1,
    what: 'JS heap of the worker with 100,000 conversations / with none, and 8 MB more',
  },
  'sign-beside-100-cards': {
    unit: 'ms',
    goal: 1.1,
    what: 'granted vault_sign while 100 cards wait / while none does',
  },
  'history-10k-vs-before': {
    unit: 'ms',
    goal: 0.5,
    what: '10,000 invitations of 1,000 peers read and saved / by an earlier build (--before)',
  },
  'history-10k': {
    unit: 'ms',
    goal: null,
    what: '10,000 invitations of 1,000 peers read from a node and saved / the same again, when all are known',
  },
  'archive-50k': {
    unit: 'ms',
    goal: 1,
    what: '50,000 messages from a file of envelopes to the page of an archive / a minute',
  },
  'archive-50k-memory': {
    unit: 'MB',
    goal: 1,
    what: 'most that the process of page and worker holds meanwhile / 300 MB',
  },
  'list-10k': {
    unit: 'ms',
    goal: null,
    what: 'list of 10,000 conversations / the same with xmtp-js, which has them in memory',
  },
  'list-100k': { unit: 'ms', goal: null, what: 'list of 100,000 conversations / of 10,000' },
} as const satisfies Record<string, { unit: 'ms' | 'MB'; goal: number | null; what: string }>;

export type FigureName = keyof typeof figures;

export function isFigureName(name: string): name is FigureName {
  return Object.hasOwn(figures, name);
}

/** What a group of figures gives: their rounds, and lines that explain them. */
export interface Measured {
  rounds: Partial<Record<FigureName, Rounds>>;
  notes: string[];
}

/** `quick`: a tenth of the work, to see whether everything runs; its values say little. */
export interface MeasureOptions {
  quick: boolean;
  pageUrl: string;
  /** Whether a figure was asked for; a group may measure others besides. */
  isWanted: (name: FigureName) => boolean;
  /** The unpacked bench build of an earlier commit, for figures that compare with one. */
  before: string | undefined;
}

/** Figures that are measured in one browser together. */
export interface Group {
  names: readonly FigureName[];
  measure(options: MeasureOptions): Promise<Measured>;
}
