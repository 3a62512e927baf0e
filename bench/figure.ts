// What a figure is: names, goals and units, and how its rounds are asked for.
// Promises that each name is written once; docs/performance.md and --json use the same ones.
// Must not measure.

import type { Rounds } from './statistics';

/** The figures, with their goals: the ratio must not be above it. `null`: there is no goal, the figure is reported. */
export const figures = {
  'granted-sign-vs-echo': { unit: 'ms', goal: 1.5, what: 'granted vault_sign, page call to page result / echo over the same path' },
  'granted-sign-vs-nos2x-style': { unit: 'ms', goal: 0.6, what: 'granted vault_sign / the same signature over postMessage and sendMessage' },
  'granted-sign-vs-nos2x-style-echo': { unit: 'ms', goal: null, what: 'granted vault_sign / bare echo over postMessage and sendMessage' },
  'cold-start': { unit: 'ms', goal: 1.7, what: 'stopped worker to first granted signature / a trivial worker to its first echo' },
  'page-cost': { unit: 'ms', goal: 1.5, what: 'main thread CPU that the page scripts add to a load / what empty scripts add' },
  'worker-heap-10-identities': { unit: 'MB', goal: null, what: 'JS heap of the worker with 10 unlocked identities / with 1' },
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
}

/** Figures that are measured in one browser together. */
export interface Group {
  names: readonly FigureName[];
  measure(options: MeasureOptions): Promise<Measured>;
}
