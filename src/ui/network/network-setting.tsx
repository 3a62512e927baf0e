// Which network there is: none (this browser only), a node on this computer, or a node by its address.
// Promises: says what each means before it is chosen. Must not: talk to a node itself, or give back access to one; the worker knows what else needs it.
import { useState } from 'preact/hooks';
import { localNodeUrl } from '../../contract/choices';
import type { Environment } from '../../contract/schemas';
import type { Settings } from '../../contract/pages/settings';
import { Button } from '../parts/form/button';
import { Choice, TextField } from '../parts/form/field';
import { t } from '../text';
import { ask } from '../worker/calls';
import { nodeAddress } from './node-address';
import { MissingPermission, NodeFormEnd, useNodeUse } from './node-form';
import { useMissingPermission } from './node-permission';

type Place = 'none' | Environment['name'];

/** The network in few words: "This browser only", "A node on this computer", or the address. */
export function networkWords(environment: Environment | null): string {
  if (!environment) return t('networkNone');
  return environment.name === 'local' ? t('networkLocal') : environment.url.replace('https://', '');
}

interface NetworkSettingProps {
  settings: Settings;
  /** There has to be a network: "This browser only" is not offered. */
  isNeeded?: boolean;
  /** Called after a change was saved. */
  onKept?: (environment: Environment | null) => void;
}

export function NetworkSetting({ settings, isNeeded = false, onKept }: NetworkSettingProps) {
  const now = settings.environment;
  const [picked, setPicked] = useState<Place>();
  const [typed, setTyped] = useState(now?.name === 'custom' ? now.url : '');
  const node = useNodeUse();
  const { isBusy } = node.call;
  const isMissing = useMissingPermission(now?.url ?? null, 'messages');
  const place = picked ?? now?.name ?? (isNeeded ? 'custom' : 'none');
  const url = place === 'local' ? localNodeUrl : place === 'custom' ? nodeAddress(typed) : undefined;
  const wanted: Environment | null | undefined =
    place === 'none' ? null : url === undefined ? undefined : { name: place, url };
  const isSet = wanted !== undefined && wanted?.name === now?.name && wanted?.url === now?.url;
  // What is set can be asked for anew when the browser does not let us use it any more.
  const isNew = !isSet || (isMissing && wanted !== null);
  const pick = (one: Place) => () => {
    setPicked(one);
    node.forget();
  };

  function use(): void {
    if (wanted === undefined) return;
    node.use(
      wanted ? { url: wanted.url, kind: 'messages', check: () => ask('network_check', wanted) } : undefined,
      () => ask('settings_set', { environment: wanted }),
      () => onKept?.(wanted),
    );
  }

  return (
    <form
      class="stack"
      data-testid="network-setting"
      data-network={now?.name ?? 'none'}
      onSubmit={(event) => {
        event.preventDefault();
        if (isNew && wanted !== undefined) use();
      }}
    >
      {isMissing && !isBusy && <MissingPermission />}
      <fieldset disabled={isBusy}>
        <legend class="visually-hidden">{t('network')}</legend>
        <div class="card">
          {!isNeeded && (
            <Choice
              testId="network-none"
              type="radio"
              name="network"
              isChosen={place === 'none'}
              onChoose={pick('none')}
            >
              <p>{t('networkNone')}</p>
              <p class="small soft">{t('networkNoneMeaning')}</p>
            </Choice>
          )}
          <Choice
            testId="network-local"
            type="radio"
            name="network"
            isChosen={place === 'local'}
            onChoose={pick('local')}
          >
            <p>{t('networkLocal')}</p>
            <p class="small soft mono">{localNodeUrl.replace('http://', '')}</p>
          </Choice>
          <Choice
            testId="network-custom"
            type="radio"
            name="network"
            isChosen={place === 'custom'}
            onChoose={pick('custom')}
          >
            <p>{t('networkCustom')}</p>
            <p class="small soft">{t('networkCustomMeaning')}</p>
          </Choice>
          {place === 'custom' && (
            <div class="card-body">
              <TextField
                testId="network-address"
                label={t('networkAddress')}
                placeholder="https://"
                value={typed}
                onValue={(value) => {
                  setTyped(value);
                  node.call.forgetError();
                }}
                hint={t('networkAddressHint')}
                error={typed.trim().length > 8 && url === undefined ? t('networkAddressWrong') : undefined}
                longest={300}
                isFocusedFirst={isNeeded || picked === 'custom'}
                isMono
              />
            </div>
          )}
        </div>
      </fieldset>
      <NodeFormEnd node={node} isNone={place === 'none'}>
        {isNew && (
          <div>
            <Button
              testId="network-use"
              look={place === 'none' ? 'plain' : 'primary'}
              type="submit"
              isOff={wanted === undefined}
            >
              {place === 'none' ? t('networkUseNone') : t('networkUse')}
            </Button>
          </div>
        )}
      </NodeFormEnd>
    </form>
  );
}
