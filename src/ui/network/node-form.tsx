// What every form of a node ends with: the browser's refusal, what went wrong, and the asking or the button.
// Promises: the browser is asked for access to one host, and the node whether it answers, only after a press; a node that does not answer is not kept.
// Must not: talk to a node itself.
import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import type { NodeKind } from '../../contract/origins';
import { Failure } from '../parts/failure';
import { Notice } from '../parts/notice';
import { Progress } from '../parts/progress';
import { t } from '../text';
import { useCall, type Call } from '../worker/use-call';
import { askForNode } from './node-permission';

interface Wish {
  url: string;
  kind: NodeKind;
  /** Throws where the node does not answer as one of its kind. */
  check: () => Promise<unknown>;
}

export interface NodeUse {
  call: Call;
  /** The browser was asked and did not allow it. */
  isRefused: boolean;
  /** `wish`: the node that is wanted, undefined for none. `done` is called once it was kept. */
  use(wish: Wish | undefined, keep: () => Promise<unknown>, done: () => void): void;
  /** Something else was chosen: what was said of the last is over. */
  forget(): void;
}

export function useNodeUse(): NodeUse {
  const [isRefused, setRefused] = useState(false);
  const call = useCall();
  const keepIt = async (wish: Wish | undefined, keep: () => Promise<unknown>) => {
    if (wish) {
      // First of all, while the press still counts as an act of a person: the browser asks for nothing without a person's act.
      if (!(await askForNode(wish.url, wish.kind))) return false;
      await wish.check();
    }
    await keep();
    return true;
  };
  return {
    call,
    isRefused,
    use(wish, keep, done) {
      setRefused(false);
      call.run(
        () => keepIt(wish, keep),
        (isKept) => {
          setRefused(!isKept);
          if (isKept) done();
        },
      );
    },
    forget() {
      setRefused(false);
      call.forgetError();
    },
  };
}

/** What is said above the form when the browser no longer lets the vault use what is set. */
export function MissingPermission() {
  return <Notice title={t('networkMissingTitle')}>{t('networkMissing')}</Notice>;
}

/** `isNone`: what is being kept is that there is no node. */
export function NodeFormEnd({
  node: { call, isRefused },
  isNone = false,
  children,
}: {
  node: NodeUse;
  isNone?: boolean;
  children: ComponentChildren;
}) {
  return (
    <>
      {isRefused && <Notice title={t('networkNotAllowedTitle')}>{t('networkNotAllowed')}</Notice>}
      {call.error !== undefined && <Failure error={call.error} />}
      {call.isBusy ? (
        <Progress sentence={isNone ? t('networkSaving') : t('networkChecking')} onCancel={call.leave}>
          {!isNone && t('networkCheckingHint')}
        </Progress>
      ) : (
        children
      )}
    </>
  );
}
