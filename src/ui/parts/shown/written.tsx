// What stands in messages that are to be written: their text as a site's text, other content by kind and size, and what nobody can read as that.
// Promises: everything the vault read is here or can be opened here; what it could not read, or has no room for, is told in words.
// Must not: put a site's words anywhere but through DappText.
import { useState } from 'preact/hooks';
import type { MessageFacts, WrittenItem } from '../../../contract/pages/approvals';
import { byteSize } from '../../format';
import { plural, t } from '../../text';
import { Button } from '../form/button';
import { Notice } from '../notice';
import { DappText } from './dapp-text';

/** Messages that are shown before the person asks for the rest. */
const shownFirst = 3;

/** A text of the site, whole once the person asked for the rest. */
function Text({ text }: { text: string }) {
  const [isWhole, setWhole] = useState(false);
  if (text === '') return <p class="soft">{t('writtenEmpty')}</p>;
  return <DappText text={text} isBlock isWhole={isWhole} onShowAll={() => setWhole(true)} />;
}

function Item({ item, kindOf }: { item: WrittenItem; kindOf: (contentType: string) => string | undefined }) {
  const { contentType, sizeBytes, text, fallback, isCompressed, leftOutBytes } = item;
  if (contentType === null) {
    return (
      <Notice tone="danger" title={t('unreadableTitle')}>
        {t('writtenUnreadable', byteSize(sizeBytes))}
      </Notice>
    );
  }
  const kind = kindOf(contentType) ?? <DappText text={contentType} />;
  return (
    <>
      {(text === undefined || isCompressed) && (
        <p class="row apart">
          <span class="grow written-kind">{kind}</span>
          <span class="small soft">{byteSize(sizeBytes)}</span>
        </p>
      )}
      {isCompressed && <p class="small soft">{t('writtenCompressed')}</p>}
      {text === undefined && !isCompressed && fallback === undefined && <p class="small soft">{t('writtenNotText')}</p>}
      {text !== undefined && (text !== '' || leftOutBytes === undefined) && <Text text={text} />}
      {fallback !== undefined && (
        <div class="stack tight">
          <p class="small soft">{t('writtenFallback')}</p>
          <Text text={fallback} />
        </div>
      )}
      {leftOutBytes !== undefined && <p class="small care">{t('writtenLeftOut', byteSize(leftOutBytes))}</p>}
    </>
  );
}

/** `kindOf`: our words for a kind of content. */
export function Written({
  written,
  kindOf,
}: {
  written: NonNullable<MessageFacts['written']>;
  kindOf: (contentType: string) => string | undefined;
}) {
  const [isWhole, setWhole] = useState(false);
  const { items, more } = written;
  const shown = isWhole ? items : items.slice(0, shownFirst);
  const rest = items.length - shown.length;
  return (
    <section
      class="stack tight"
      aria-label={t('writtenTitle')}
      data-testid="approval-written"
      data-count={items.length}
    >
      <h2 class="label">{t('writtenTitle')}</h2>
      <ul class="card written">
        {shown.map((item, at) => (
          <li
            key={at}
            class="card-body stack tight"
            data-testid="approval-written-item"
            data-kind={item.contentType ?? 'unreadable'}
          >
            <Item item={item} kindOf={kindOf} />
          </li>
        ))}
      </ul>
      {rest > 0 && (
        <div>
          <Button testId="approval-written-all" compact onPress={() => setWhole(true)}>
            {plural('writtenShow', rest)}
          </Button>
        </div>
      )}
      {more > 0 && <p class="small care">{plural('writtenMore', more)}</p>}
    </section>
  );
}
