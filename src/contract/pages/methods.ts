// Every call our own pages can make: the rows of all topics as one table.
// Promises: a page that is not on a row's list is refused whatever it sends (R-A4); page code never sends or receives a private key.
// Must not: be reachable from a content script. background/browser/sender decides who is a page of ours.
import type * as v from 'valibot';
import type { VaultErrorReason } from '../errors';
import type { Row } from './pages';
import { approvalMethods } from './approvals';
import { archiveMethods } from './archive';
import { backupMethods } from './backup';
import { enrolmentMethods } from './enrolment';
import { identityMethods } from './identity';
import { inboxMethods } from './inbox';
import { networkMethods } from './network';
import { peopleMethods } from './people';
import { rotationMethods } from './rotation';
import { settingsMethods } from './settings';
import { faceMethods, siteMethods } from './sites';
import { unlockMethods } from './unlock';

export const pageMethods = {
  ...enrolmentMethods,
  ...unlockMethods,
  ...identityMethods,
  ...approvalMethods,
  ...siteMethods,
  ...faceMethods,
  ...inboxMethods,
  ...peopleMethods,
  ...networkMethods,
  ...rotationMethods,
  ...backupMethods,
  ...archiveMethods,
  ...settingsMethods,
} as const satisfies Record<string, Row>;

export type PageMethodName = keyof typeof pageMethods;
export type PageParams<M extends PageMethodName> = v.InferInput<(typeof pageMethods)[M]['params']>;
export type PageResult<M extends PageMethodName> = (typeof pageMethods)[M] extends { readonly result?: infer Result }
  ? Exclude<Result, undefined>
  : never;

/** Page to worker on the port between them. */
export interface PageRequest {
  id: number;
  method: string;
  params?: unknown;
  /** Set when the browser does not clone bytes: `params` went through packBytes, and so must the answer. */
  packed?: true;
}

/** Worker to page: a hello first (`hello` arrives as a Uint8Array where the browser clones bytes), then answers, and notices that something changed and should be read again. */
export type PageMessage =
  | { hello: Uint8Array }
  | { id: number; result: unknown }
  | { id: number; error: { reason: VaultErrorReason | 'internal' | 'refused'; detail?: string } }
  | { changed: 'state' | 'approvals' | 'grants' | 'activity' };
