// One call of our own pages: its row, its parameters, and what carries it out.
// Promises: a call runs only if its row lists the page it comes from (R-A4) and its parameters fit the schema.
// Must not: be asked by anything that ports.ts did not hear from a page of ours.
import * as v from 'valibot';
import { VaultError } from '../../contract/errors';
import { pageMethods, type PageMethodName, type PageResult } from '../../contract/pages/methods';
import type { OwnPage } from '../browser/sender';

/** What carries out one row, with the row's result. Parameters have passed the row's schema. */
export type PageHandlers = {
  [M in PageMethodName]: (
    params: v.InferOutput<(typeof pageMethods)[M]['params']>,
  ) => Promise<[PageResult<M>] extends [null] ? void : PageResult<M>>;
};

export interface PageCalls {
  /** Throws VaultError('invalid-input') for what is no call of this page, and what the call throws. */
  run(page: OwnPage, method: unknown, params: unknown): Promise<unknown>;
}

export function createPageCalls({ handlers, ready }: { handlers: PageHandlers; ready: Promise<void> }): PageCalls {
  return {
    async run(page, method, params) {
      if (typeof method !== 'string' || !Object.hasOwn(pageMethods, method)) throw new VaultError('invalid-input');
      const name = method as PageMethodName;
      const row = pageMethods[name];
      if (!(row.pages as readonly string[]).includes(page.page)) throw new VaultError('invalid-input', 'page');
      const parsed = v.safeParse(row.params as v.GenericSchema, params, { abortEarly: true });
      if (!parsed.success) throw new VaultError('invalid-input');
      await ready;
      return await (handlers[name] as (params: unknown) => Promise<unknown>)(parsed.output);
    },
  };
}
