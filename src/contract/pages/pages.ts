// Our pages, and the shape of a row of the table between them and the worker.
// Promises: a row names its parameters, its result and the pages that may call it (R-A4); the types of both sides follow from it.
import type * as v from 'valibot';

/** Our pages by the path of their HTML file in the package. */
export const pages = {
  popup: '/src/ui/popup/index.html',
  panel: '/src/ui/panel/index.html',
  approval: '/src/ui/approval/index.html',
  onboarding: '/src/ui/onboarding/index.html',
  unlock: '/src/ui/unlock/index.html',
  vault: '/src/ui/vault/index.html',
} as const;

export type PageName = keyof typeof pages;

/** For calls that every page makes. */
export const allPages: readonly PageName[] = ['popup', 'panel', 'approval', 'onboarding', 'unlock', 'vault'];

/** Those that show everything at one glance, and decide nothing. */
export const glancePages = ['popup', 'panel'] as const satisfies readonly PageName[];

/** One call: the schema of its parameters, and the pages that may make it. */
export interface RowShape {
  params: v.GenericSchema;
  pages: readonly PageName[];
}

/** The same with what it answers, which is a type only; null for a call that only acts. */
export interface Row<Result = unknown> extends RowShape {
  readonly result?: Result;
}

/** Gives a row its result type: `row<Result>()({ params, pages })`. */
export const row =
  <Result>() =>
  <const Shape extends RowShape>(shape: Shape): Shape & { readonly result?: Result } =>
    shape;
