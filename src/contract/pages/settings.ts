// The person's settings, and the phrase of their own.
// Promises: the phrase is given to the two pages that show it, and to no other (R-C8).
import * as v from 'valibot';
import { autoLockMinutes, languages, phraseColours, themes } from '../choices';
import { ownPhraseLength } from '../limits';
import { pastedName } from '../paste';
import { row, type Row } from './pages';
import { environment, nodeUrl, none, rpcUrl } from '../schemas';

const fields = {
  autoLockMinutes: v.picklist(autoLockMinutes),
  theme: v.picklist(themes),
  language: v.picklist(languages),
  /** The node of the network; null for "this browser only". */
  environment: v.nullable(environment),
  /** The node of XMTP V3 that inboxes are read from; null for none. */
  inboxNode: v.nullable(nodeUrl),
  /** The node of Ethereum that is asked for names of ENS; null for none. */
  ensNode: v.nullable(rpcUrl),
};

const settings = v.strictObject(fields);
export type Settings = v.InferOutput<typeof settings>;

/** Only what is to change: what another page changed meanwhile stays. */
const change = v.strictObject({
  autoLockMinutes: v.exactOptional(fields.autoLockMinutes),
  theme: v.exactOptional(fields.theme),
  language: v.exactOptional(fields.language),
  environment: v.exactOptional(fields.environment),
  inboxNode: v.exactOptional(fields.inboxNode),
  ensNode: v.exactOptional(fields.ensNode),
});

const ownPhrase = v.strictObject({
  phrase: v.pipe(v.string(), v.transform(pastedName), v.minLength(1), v.maxLength(ownPhraseLength)),
  colour: v.picklist(phraseColours),
});

/** Words and a colour that the person chose, by which they know a page of ours that asks for something (R-C8). */
export type OwnPhrase = v.InferOutput<typeof ownPhrase>;

export const settingsMethods = {
  settings_set: row<null>()({ params: change, pages: ['vault', 'onboarding'] }),
  /** Null when none was chosen. */
  ownPhrase_get: row<OwnPhrase | null>()({ params: none, pages: ['approval', 'unlock'] }),
  /** Whether one was chosen, for the page that changes it. */
  ownPhrase_isSet: row<boolean>()({ params: none, pages: ['vault'] }),
  /** Null: none any more. */
  ownPhrase_set: row<null>()({ params: v.strictObject({ own: v.nullable(ownPhrase) }), pages: ['vault'] }),
} as const satisfies Record<string, Row>;
