// The core of the curve, made ready once for each start of the worker, while the stores are read.
// Promises: nobody waits for it: what computes with keys before it is there is computed by noble, and so is everything where it cannot run.
// Must not: fail. What is wrong with the file, or with WebAssembly in this browser, costs speed only.
import { createCoreCurve } from '../protocol/base/core-curve';
import { useCurve } from '../protocol/base/secp256k1';
import type { VaultHost } from './store/host';

/** Has the host's core compute, from the first call on. Without one, or when it cannot run, all stays as it is. */
export function createCurveStart({ curveCore, randomBytes, onCurve }: VaultHost): () => void {
  let isBegun = false;
  const tell = (name: 'core' | 'noble') => onCurve?.(name);

  async function begin(file: () => Promise<ArrayBuffer>): Promise<void> {
    useCurve(await createCoreCurve(await file(), randomBytes), () => tell('noble'));
    tell('core');
  }

  return () => {
    if (isBegun || !curveCore) return;
    isBegun = true;
    begin(curveCore).catch(() => tell('noble'));
  };
}
