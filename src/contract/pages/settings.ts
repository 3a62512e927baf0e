// The person's settings.
import * as v from 'valibot';
import { autoLockMinutes, themes } from '../choices';
import { row, type Row } from './pages';
import { environment, nodeUrl } from '../schemas';

const settings = v.strictObject({
  autoLockMinutes: v.picklist(autoLockMinutes),
  theme: v.picklist(themes),
  /** The node of the network; null for "this browser only". */
  environment: v.nullable(environment),
  /** The node of XMTP V3 that inboxes are read from; null for none. */
  inboxNode: v.nullable(nodeUrl),
});

export type Settings = v.InferOutput<typeof settings>;

export const settingsMethods = {
  settings_set: row<null>()({ params: settings, pages: ['vault', 'onboarding'] }),
} as const satisfies Record<string, Row>;
