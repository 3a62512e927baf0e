// Ending what a site may do: at once, with a way back for a moment instead of a question before.
// Promises: the same in popup and vault page; the worker decides what comes back. Must not: end anything without a press.
import { useEffect, useRef, useState } from 'preact/hooks';
import { undoMs } from '../../contract/limits';
import type { GrantUndo } from '../../contract/pages/sites';
import { Failure } from './failure';
import { Notice } from './notice';
import { Button } from './form/button';
import { Origin } from './shown/origin';
import { plural, rich, t } from '../text';
import { ask } from '../worker/calls';
import { VaultCallError } from '../worker/channel';

/** What was ended: one site, or so many grants at once. */
export type Ended = { origin: string } | { grants: number };

interface Act {
  key: number;
  ended: Ended;
  undo: GrantUndo | null;
  /** Set once it was taken back, or could not be. */
  outcome?: { restored: number; faceIsOff: boolean };
}

export interface Revoking {
  acts: readonly Act[];
  error: unknown;
  end(ended: Ended, call: () => Promise<GrantUndo | null>): void;
  takeBack(act: Act): void;
  forget(act: Act): void;
}

/** How long it stays to be read that something was taken back, in milliseconds. */
const readMs = 10_000;
let acts = 0;

export function useRevoking(): Revoking {
  const [state, setState] = useState<{ acts: readonly Act[]; error: unknown }>({ acts: [], error: undefined });
  const fail = (error: unknown) => setState((now) => ({ ...now, error }));
  const change = (act: Act, next: Act[]) =>
    setState((now) => ({ acts: now.acts.flatMap((one) => (one.key === act.key ? next : one)), error: undefined }));
  return {
    ...state,
    end(ended, call) {
      const key = ++acts;
      call().then((undo) => setState((now) => ({ acts: [...now.acts, { key, ended, undo }], error: undefined })), fail);
    },
    takeBack(act) {
      if (!act.undo) return;
      ask('grants_undo', { id: act.undo.id }).then(
        (outcome) => change(act, [{ ...act, outcome }]),
        // Its time was over, or the worker has started anew since: then it has ended for good.
        (error: unknown) =>
          error instanceof VaultCallError && error.reason === 'stale'
            ? change(act, [{ ...act, outcome: { restored: 0, faceIsOff: false } }])
            : fail(error),
      );
    },
    forget: (act) => change(act, []),
  };
}

function EndedWords({ ended }: { ended: Ended }) {
  return (
    <p>
      {'origin' in ended
        ? rich('siteEnded', <Origin origin={ended.origin} look="inline" />)
        : plural('grantsEnded', ended.grants)}
    </p>
  );
}

function BackWords({ ended, restored }: { ended: Ended; restored: number }) {
  return (
    <>
      {'origin' in ended
        ? rich('siteBack', <Origin origin={ended.origin} look="inline" />)
        : plural('undone', restored)}
    </>
  );
}

function EndedNotice({ act, revoking }: { act: Act; revoking: Revoking }) {
  const { ended, undo, outcome } = act;
  const box = useRef<HTMLDivElement>(null);
  const untilMs = undo?.untilMs;
  useEffect(() => {
    // The button that was pressed went with its site, or was the way back: the keyboard goes on here. Not on the button below: a held key must not press it.
    if (document.activeElement === null || document.activeElement === document.body) box.current?.focus();
  }, [outcome]);
  useEffect(() => {
    const leftMs = outcome || untilMs === undefined ? readMs : Math.max(0, untilMs - Date.now());
    const timer = setTimeout(() => revoking.forget(act), leftMs);
    return () => clearTimeout(timer);
  }, [outcome, untilMs]);
  const state = outcome ? (outcome.restored > 0 ? 'undone' : 'ended') : undo ? 'open' : 'ended';
  return (
    <div class="ended" ref={box} tabIndex={-1} data-testid="revoke-ended" data-state={state}>
      <Notice tone={outcome && outcome.restored > 0 ? 'good' : 'plain'}>
        {!outcome && (
          <div class="row apart">
            <div class="grow">
              <EndedWords ended={ended} />
              {undo && <p class="small soft">{t('undoTime', undoMs / 1000)}</p>}
            </div>
            {undo && (
              <Button testId="revoke-undo" compact onPress={() => revoking.takeBack(act)}>
                {t('undo')}
              </Button>
            )}
          </div>
        )}
        {outcome && (
          <p>{outcome.restored === 0 ? t('undoneNot') : <BackWords ended={ended} restored={outcome.restored} />}</p>
        )}
        {outcome?.faceIsOff && <p class="small">{t('undoneFaceOff')}</p>}
      </Notice>
      {undo && !outcome && <div class="ended-time" style={{ animationDuration: `${undo.untilMs - Date.now()}ms` }} />}
    </div>
  );
}

/** What was just ended, each with its way back. */
export function EndedNotices({ revoking }: { revoking: Revoking }) {
  return (
    <>
      {revoking.error !== undefined && <Failure error={revoking.error} />}
      {revoking.acts.map((act) => (
        <EndedNotice key={act.key} act={act} revoking={revoking} />
      ))}
    </>
  );
}
