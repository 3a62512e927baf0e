// What a dapp wants signed: as text when it is printable, otherwise byte for byte, with its size.
// Promises: bytes that nobody can read are said to be that; nothing beyond 2 KiB is hidden without a count, and `onOpened` tells when the person has opened all of it.
import { useState } from 'preact/hooks';
import { byteSize } from '../../format';
import { t } from '../../text';
import { Button } from '../form/button';
import { Notice } from '../notice';
import { DappText } from './dapp-text';
import { firstBytes } from './dapp-text-model';
import { hexDump, payloadForm } from './payload-model';

interface PayloadProps {
  payload: Uint8Array;
  isWhole: boolean;
  onOpened: () => void;
}

/** Whether a payload is too long to be shown at once, so that it must be opened before it can be approved. */
export function isLongPayload(payload: Uint8Array): boolean {
  return payload.length > firstBytes;
}

export function Payload({ payload, isWhole, onOpened }: PayloadProps) {
  const form = payloadForm(payload);
  const [isHex, setHex] = useState(form.kind === 'bytes');
  return (
    <div class="stack tight">
      <div class="row apart">
        <h2 class="label">{t('payloadTitle')}</h2>
        <span class={form.kind === 'text' ? 'row small soft flush-end' : 'row small soft'}>
          {byteSize(payload.length)}
          {form.kind === 'text' && (
            <Button testId="payload-toggle-hex" look="quiet" compact onPress={() => setHex(!isHex)}>
              {isHex ? t('payloadAsText') : t('payloadAsBytes')}
            </Button>
          )}
        </span>
      </div>
      {form.kind === 'bytes' && (
        <Notice tone="danger" title={t('unreadableTitle')} testId="approval-unreadable">
          {t('unreadableSigned')}
        </Notice>
      )}
      <div
        class="payload"
        tabIndex={0}
        role="group"
        aria-label={t('payloadTitle')}
        data-testid="approval-payload"
        data-form={isHex ? 'bytes' : form.kind}
      >
        {form.kind === 'empty' && <p class="soft">{t('payloadEmpty')}</p>}
        {form.kind === 'text' && !isHex && <DappText text={form.text} isBlock isWhole={isWhole} />}
        {form.kind !== 'empty' && isHex && (
          <pre class="payload-bytes">{hexDump(payload, isWhole ? Infinity : firstBytes)}</pre>
        )}
      </div>
      {!isWhole && isLongPayload(payload) && (
        <Button testId="approval-show-all" onPress={onOpened}>
          {t('payloadShowAll', byteSize(payload.length - firstBytes))}
        </Button>
      )}
    </div>
  );
}
