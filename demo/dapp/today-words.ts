// What goes wrong with today's XMTP, in words.
// Promises a sentence of our own for each refusal of an identity text and of an archive. Must not: show a raw message.
import type { PrekeyVaultIdentityTextDefect } from '../../src/sdk/index';
import { PrekeyVaultError } from '../../src/sdk/index';
import { chatTroubleOf, type Trouble } from './words';

const byText: Readonly<Record<PrekeyVaultIdentityTextDefect, { title: string; advice: string }>> = {
  unreadable: {
    title: 'The vault does not know this text.',
    advice: 'It signs identity texts of XMTP and nothing else. Nothing was signed.',
  },
  date: { title: 'The text is not dated now.', advice: 'Look at the clock of this computer, then try again.' },
  'not-this-key': { title: 'The text names another key.', advice: 'Reload the page and sign in again.' },
  'not-recovery': {
    title: 'Only the recovery of the inbox may do that.',
    advice: 'This vault is not known to be it. Nothing was signed.',
  },
};

const bySign = [
  {
    sign: /open in another tab/,
    title: 'Your inbox is open in another tab.',
    advice: 'A browser opens it once for each site. Close the other tab, then try again.',
    code: 'tab',
  },
  {
    sign: /registered \d+\/\d+ installations|too ?many ?installations/i,
    title: 'The inbox is full.',
    advice: 'It has ten apps, which is the most. Remove one in an app that is its recovery.',
    code: 'installations',
  },
  {
    sign: /wasm|module script|dynamically imported|WebAssembly/i,
    title: 'The messaging client could not be loaded.',
    advice: 'It is 13 MB. Look at the connection, then reload the page.',
    code: 'client',
  },
];

/** What to show when a step of today's XMTP failed. */
export function todayTroubleOf(thrown: unknown): Trouble {
  if (thrown instanceof PrekeyVaultError) {
    if (thrown.identityText) return { ...byText[thrown.identityText], code: `-32602 · ${thrown.identityText}` };
    if (thrown.field === 'archive')
      return {
        title: 'None of your keys opens this archive.',
        advice: 'It may be of another inbox, of another identity, or no archive. Nothing was changed.',
        code: '-32602 · archive',
      };
    return chatTroubleOf(thrown);
  }
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  const known = bySign.find(({ sign }) => sign.test(message));
  return known ? { title: known.title, advice: known.advice, code: known.code } : chatTroubleOf(thrown);
}
