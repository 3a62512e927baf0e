// Which network: this browser only, the node on this computer, or a node by its address. One for all identities.
// Promises: the browser asks the person for that one host within the press; a node is set only after it answered; a node that is set
// no longer loses its permission. Must not: reach a node itself; the worker does.
import { useRef, useState } from 'preact/hooks';
import browser from 'webextension-polyfill';
import { localNodeUrl, type Environment } from '../contract/flows';
import type { Settings } from '../contract/internal';
import { Failure } from './failure';
import { hostPattern, nodeOf } from './node-address';
import { Button } from './parts/button';
import { Choice, TextField } from './parts/field';
import { Notice } from './parts/notice';
import { Progress } from './parts/progress';
import { t, type MessageKey } from './text';
import { ask } from './vault-calls';

type Kind = 'none' | Environment['name'];
type Phase = { kind: 'choosing' } | { kind: 'checking' } | { kind: 'not-allowed' } | { kind: 'failed'; error: unknown };

const kinds: readonly { kind: Kind; words: MessageKey; hint: MessageKey }[] = [
  { kind: 'none', words: 'netNone', hint: 'netNoneHint' },
  { kind: 'local', words: 'netLocal', hint: 'netLocalHint' },
  { kind: 'custom', words: 'netCustom', hint: 'netCustomHint' },
];

/** The node's address as a person reads it; the words for "none" when there is none. */
export function networkWords(environment: Environment | null | undefined): string {
  return environment ? environment.url.replace(/^https:\/\//, '') : t('netNone');
}

/** Gives the permission for a node back, unless the one in use is on the same host. */
async function giveBack(left: Environment | null, used: Environment | null): Promise<void> {
  if (!left || (used && hostPattern(left.url) === hostPattern(used.url))) return;
  await browser.permissions.remove({ origins: [hostPattern(left.url)] }).catch(() => false);
}

/** `onSaved`: the settings have the new network. `onCancel` adds a button that leaves everything as it is. */
export function NetworkChoice({ settings, onSaved, onCancel }: { settings: Settings; onSaved?: () => void; onCancel?: () => void }) {
  const current = settings.environment;
  const [kind, setKind] = useState<Kind>(current?.name ?? 'none');
  const [typed, setTyped] = useState(current?.name === 'custom' ? current.url : '');
  const [phase, setPhase] = useState<Phase>({ kind: 'choosing' });
  const turn = useRef(0);
  const node = kind === 'none' ? null : kind === 'local' ? ({ name: 'local', url: localNodeUrl } as const) : nodeOf(typed);
  const fault = typeof node === 'string' ? node : undefined;
  const isSame = typeof node !== 'string' && (node?.url ?? null) === (current?.url ?? null);
  const isReady = fault === undefined && !isSame;

  async function save(wanted: Environment | null): Promise<void> {
    const mine = ++turn.current;
    const isCancelled = () => mine !== turn.current;
    try {
      // First of all, so that the browser still sees the press behind it.
      const isAllowed = wanted === null || (await browser.permissions.request({ origins: [hostPattern(wanted.url)] }));
      if (!isAllowed) return setPhase({ kind: 'not-allowed' });
      setPhase({ kind: 'checking' });
      if (wanted) await ask('network_check', wanted);
      if (isCancelled()) {
        await giveBack(wanted, current);
        return undefined;
      }
      await ask('settings_set', { ...settings, environment: wanted });
      await giveBack(current, wanted);
      setPhase({ kind: 'choosing' });
      onSaved?.();
    } catch (error) {
      await giveBack(wanted, current);
      if (!isCancelled()) setPhase({ kind: 'failed', error });
    }
    return undefined;
  }
  const stop = () => {
    turn.current += 1;
    setPhase({ kind: 'choosing' });
  };
  const choose = (one: Kind) => {
    setKind(one);
    setPhase({ kind: 'choosing' });
  };

  if (phase.kind === 'checking') return <Progress sentence={t('netChecking')} onCancel={stop} />;
  return (
    <form
      class="stack"
      data-testid="network-choice"
      data-network={current?.url ?? ''}
      onSubmit={(event) => {
        event.preventDefault();
        if (isReady && typeof node !== 'string') void save(node);
      }}
    >
      <fieldset>
        <legend class="visually-hidden">{t('netTitle')}</legend>
        <div class="card">
          {kinds.map((one) => (
            <Choice key={one.kind} testId={`network-${one.kind}`} type="radio" name="network" isChosen={kind === one.kind} onChoose={() => choose(one.kind)}>
              <p>{t(one.words)}</p>
              <p class="small soft">{t(one.hint)}</p>
            </Choice>
          ))}
        </div>
      </fieldset>
      {kind === 'custom' && (
        <TextField
          testId="network-address"
          label={t('netAddress')}
          hint={t('netAddressHint')}
          placeholder="https://"
          value={typed}
          onValue={setTyped}
          maxLength={300}
          error={typed.trim() === '' || !fault ? undefined : t(fault === 'open' ? 'netAddressOpen' : 'netAddressForm')}
          isMono
        />
      )}
      {phase.kind === 'not-allowed' && <Notice title={t('netNotAllowedTitle')}>{t('netNotAllowed')}</Notice>}
      {phase.kind === 'failed' && <Failure error={phase.error} />}
      {(isReady || !isSame || onCancel) && (
        <div class="row wrap">
          <Button testId="network-save" look="primary" type="submit" isOff={!isReady}>
            {t(kind === 'none' ? 'netUseNone' : 'netUse')}
          </Button>
          {onCancel && (
            <Button testId="network-keep" look="quiet" onPress={onCancel}>
              {t('cancel')}
            </Button>
          )}
        </div>
      )}
    </form>
  );
}
