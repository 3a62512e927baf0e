// Two questions a person may have, each answered on a page: what a prekey is, and what the recovery code opens.
// Promises: plain words, and nothing claimed that the vault does not hold.
import { useEffect, useRef } from 'preact/hooks';
import { Icon } from '../../parts/icon';
import type { HelpTopic } from '../../place';
import { t, type MessageKey } from '../../text';

type Part = [heading: MessageKey, body: MessageKey];

const words: Record<HelpTopic, { title: MessageKey; short: MessageKey; parts: readonly Part[] }> = {
  prekey: {
    title: 'helpPrekeyTitle',
    short: 'helpPrekeyShort',
    parts: [
      ['helpPrekeyHalvesTitle', 'helpPrekeyHalves'],
      ['helpPrekeyTrustTitle', 'helpPrekeyTrust'],
      ['helpPrekeyNewTitle', 'helpPrekeyNew'],
      ['helpPrekeyLeakTitle', 'helpPrekeyLeak'],
    ],
  },
  code: {
    title: 'helpCodeTitle',
    short: 'helpCodeShort',
    parts: [
      ['helpCodeOpensTitle', 'helpCodeOpens'],
      ['helpCodeNotTitle', 'helpCodeNot'],
      ['helpCodeElsewhereTitle', 'helpCodeElsewhere'],
      ['helpCodeLostTitle', 'helpCodeLost'],
      ['helpCodeKeepTitle', 'helpCodeKeep'],
    ],
  },
};

export function HelpPage({ topic, onLeave }: { topic: HelpTopic; onLeave: () => void }) {
  const { title, short, parts } = words[topic];
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.focus(), [topic]);
  return (
    <article class="stack loose help" data-testid="help-page" data-topic={topic}>
      <div>
        <button class="back" type="button" data-testid="help-back" onClick={onLeave}>
          <Icon name="chevron" size={12} />
          {t('back')}
        </button>
        <div class="stack tight">
          <h1 class="hero" tabIndex={-1} ref={heading}>
            {t(title)}
          </h1>
          <p class="lead soft">{t(short)}</p>
        </div>
      </div>
      {parts.map(([name, body]) => (
        <section key={name} class="stack tight">
          <h2>{t(name)}</h2>
          <p>{t(body)}</p>
        </section>
      ))}
    </article>
  );
}
