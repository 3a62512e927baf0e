// The node of XMTP V3 that inboxes are read from: none by default, set and left by the person, the same for all identities.
// Promises: what asking tells the node, and what a node can hide, stands before its address is typed; the browser is asked for access to one host,
// and the node whether it answers, only after a press. Must not: talk to a node itself.
import { useState } from 'preact/hooks';
import type { Settings } from '../../../contract/pages/settings';
import { nodeAddress } from '../../network/node-address';
import { askForNode, useMissingPermission } from '../../network/node-permission';
import { Failure } from '../../parts/failure';
import { Button } from '../../parts/form/button';
import { TextField } from '../../parts/form/field';
import { Notice } from '../../parts/notice';
import { Progress } from '../../parts/progress';
import { t } from '../../text';
import { ask } from '../../worker/calls';
import { useCall } from '../../worker/use-call';
import { Panel } from '../panel';

/** The address of a node in few signs: without the scheme that it mostly has. */
export const nodeWords = (url: string) => url.replace('https://', '');

async function keep(settings: Settings, inboxNode: string | null): Promise<'kept' | 'not-allowed'> {
  if (inboxNode !== null) {
    // First of all, while the press still counts as an act of a person: the browser asks for nothing without a person's act.
    if (!(await askForNode(inboxNode, 'inboxes'))) return 'not-allowed';
    await ask('inbox_checkNode', { url: inboxNode });
  }
  await ask('settings_set', { ...settings, inboxNode });
  return 'kept';
}

export function NodePanel({ settings }: { settings: Settings }) {
  const { inboxNode } = settings;
  const [isChanging, setChanging] = useState(false);
  const [typed, setTyped] = useState(inboxNode ?? '');
  const [isRefused, setRefused] = useState(false);
  const call = useCall();
  const isMissing = useMissingPermission(inboxNode, 'inboxes');
  const url = nodeAddress(typed);
  const canUse = url !== undefined && (url !== inboxNode || isMissing);
  const begin = (next: boolean) => {
    setChanging(next);
    setTyped(inboxNode ?? '');
    setRefused(false);
    call.forgetError();
  };
  const use = (next: string | null) => {
    setRefused(false);
    call.run(
      () => keep(settings, next),
      (outcome) => (outcome === 'kept' ? begin(false) : setRefused(true)),
    );
  };
  return (
    <div data-testid="inbox-node" data-node={inboxNode ?? 'none'}>
      <Panel
        title={t(inboxNode === null ? 'inboxNodeNoneTitle' : 'inboxNodeTitle')}
        meaning={t(inboxNode === null ? 'inboxNodeNoneBody' : 'inboxNodeBody')}
        side={
          !call.isBusy && (
            <Button testId="inbox-node-change" compact onPress={() => begin(!isChanging)}>
              {t(isChanging ? 'cancel' : inboxNode === null ? 'inboxNodeSet' : 'networkChange')}
            </Button>
          )
        }
      >
        {inboxNode !== null && <p class="mono inbox-node-address">{nodeWords(inboxNode)}</p>}
        {isMissing && !call.isBusy && <Notice title={t('networkMissingTitle')}>{t('networkMissing')}</Notice>}
        {(isChanging || isMissing) && (
          <form
            class="stack"
            onSubmit={(event) => {
              event.preventDefault();
              if (canUse) use(url);
            }}
          >
            <ul class="bulleted">
              <li>{t('inboxNodeLearns')}</li>
              <li>{t('inboxNodeHides')}</li>
            </ul>
            <TextField
              testId="inbox-node-address"
              label={t('networkAddress')}
              placeholder="https://"
              value={typed}
              onValue={(value) => {
                setTyped(value);
                call.forgetError();
              }}
              hint={t('inboxNodeHint')}
              error={typed.trim().length > 8 && url === undefined ? t('networkAddressWrong') : undefined}
              longest={300}
              isFocusedFirst
              isMono
            />
            {isRefused && <Notice title={t('networkNotAllowedTitle')}>{t('networkNotAllowed')}</Notice>}
            {call.error !== undefined && <Failure error={call.error} />}
            {call.isBusy ? (
              <Progress sentence={t('networkChecking')} onCancel={call.leave}>
                {t('networkCheckingHint')}
              </Progress>
            ) : (
              <div class="row wrap">
                <Button testId="inbox-node-use" look="primary" type="submit" isOff={!canUse}>
                  {t('networkUse')}
                </Button>
                {inboxNode !== null && (
                  <Button testId="inbox-node-none" onPress={() => use(null)}>
                    {t('inboxNodeUseNone')}
                  </Button>
                )}
              </div>
            )}
          </form>
        )}
      </Panel>
    </div>
  );
}
