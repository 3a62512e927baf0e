// The phrase and colour of the person's own, at the top of a page that asks for something (R-C8).
// Promises: the colour stands in words for who does not see it. Must not: be drawn on any page but approval and unlock; the worker gives it to no other.
import type { PhraseColour } from '../../contract/choices';
import type { OwnPhrase } from '../../contract/pages/settings';
import { t, type MessageKey } from '../text';
import { DappText } from './shown/dapp-text';

export const colourWords: Record<PhraseColour, MessageKey> = {
  blue: 'colourBlue',
  sky: 'colourSky',
  green: 'colourGreen',
  gold: 'colourGold',
  brown: 'colourBrown',
  pink: 'colourPink',
  violet: 'colourViolet',
  grey: 'colourGrey',
};

export function OwnPhraseStrip({ own }: { own: OwnPhrase | null | undefined }) {
  if (!own) return null;
  const { phrase, colour } = own;
  return (
    <section
      class={`own-phrase ${colour}`}
      aria-label={t('ownPhraseTitle')}
      data-testid="own-phrase"
      data-colour={colour}
    >
      <span class="visually-hidden">{t('ownPhraseSpoken', t(colourWords[colour]))} </span>
      <DappText text={phrase} />
    </section>
  );
}
