// One call at a time to the worker, with its failure, and a way to leave it.
// Promises: the answer of a call that was left is not acted upon; what it changed shows when the state is read again.
import { useEffect, useRef, useState } from 'preact/hooks';

export interface Call {
  isBusy: boolean;
  /** What the last call threw; undefined when it did not. */
  error: unknown;
  /** Starts `work`; `done` gets its result unless the call was left. Does nothing while one runs. */
  run<T>(work: () => Promise<T>, done: (result: T) => void): void;
  /** No longer waits. The worker may still finish what was asked. */
  leave(): void;
  forgetError(): void;
}

export function useCall(): Call {
  const [state, setState] = useState<{ isBusy: boolean; error: unknown }>({ isBusy: false, error: undefined });
  const turn = useRef(0);
  const isBusy = useRef(false);
  useEffect(() => () => void (turn.current += 1), []);
  const settle = (error: unknown) => {
    isBusy.current = false;
    setState({ isBusy: false, error });
  };
  return {
    ...state,
    run(work, done) {
      if (isBusy.current) return;
      const mine = ++turn.current;
      isBusy.current = true;
      setState({ isBusy: true, error: undefined });
      work().then(
        (result) => {
          if (mine !== turn.current) return;
          settle(undefined);
          done(result);
        },
        (error: unknown) => {
          if (mine === turn.current) settle(error);
        },
      );
    },
    leave() {
      turn.current += 1;
      settle(undefined);
    },
    forgetError() {
      setState((now) => ({ ...now, error: undefined }));
    },
  };
}
