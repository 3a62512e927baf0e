// The phrase of the person's own: kept, replaced, taken away; and what does not fit is none.
import { describe, expect, it } from 'vitest';
import { phraseColours } from '../../contract/choices';
import { ownPhraseLength } from '../../contract/limits';
import type { OwnPhrase } from '../../contract/pages/settings';
import { createTestBrowser } from '../testkit/vault.testkit';

const otters: OwnPhrase = { phrase: 'otters on the tram', colour: 'green' };
const invalid = expect.objectContaining({ reason: 'invalid-input' });

describe('the own phrase', () => {
  it('is none at first, is there after a restart, is replaced and taken away', async () => {
    const browser = createTestBrowser();
    const vault = browser.startWorker();
    expect(await vault.ownPhrase.get()).toBeNull();
    await vault.ownPhrase.set(otters);
    expect(await browser.startWorker().ownPhrase.get()).toEqual(otters);
    for (const colour of phraseColours) {
      await vault.ownPhrase.set({ ...otters, colour });
      expect(await vault.ownPhrase.get()).toEqual({ ...otters, colour });
    }
    await vault.ownPhrase.set(null);
    expect(await vault.ownPhrase.get()).toBeNull();
  });

  it.each([
    ['empty', { ...otters, phrase: '' }],
    ['too long', { ...otters, phrase: 'x'.repeat(ownPhraseLength + 1) }],
    ['no text', { ...otters, phrase: 7 }],
    ['half a letter', { ...otters, phrase: '\uD800' }],
    ['of a colour there is not', { ...otters, colour: 'red' }],
  ])('%s is refused, and the one before stays', async (_what, own) => {
    const vault = createTestBrowser().startWorker();
    await vault.ownPhrase.set(otters);
    await expect(vault.ownPhrase.set(own as OwnPhrase)).rejects.toThrow(invalid);
    expect(await vault.ownPhrase.get()).toEqual(otters);
  });

  it('R-C8 is in no store that a content script or a page process could read, and in no state that other pages are told', async () => {
    const browser = createTestBrowser();
    const vault = browser.startWorker();
    await vault.ownPhrase.set(otters);
    expect([...browser.mirrorItems.values(), ...browser.sessionItems.values()].join()).not.toContain('otters');
    expect(JSON.stringify([await vault.state(), await vault.settings.get()])).not.toContain('otters');
  });
});
