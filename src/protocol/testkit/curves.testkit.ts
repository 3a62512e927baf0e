// For tests only: the core of the curve in node, and watched, so that a test sees what computed.
// Promises that a step of a watched curve is counted, and that its fault is not lost when noble takes over.
// Must not be imported by anything but tests.
import { readCore } from '../../../scripts/curve-core.mjs';
import { createCoreCurve } from '../base/core-curve';
import type { Curve } from '../base/curve';
import { useCurve } from '../base/secp256k1';

/** Bytes of randomness. */
export const randomBytes = (length: number): Uint8Array => crypto.getRandomValues(new Uint8Array(length));

/** The core, as the worker has it. */
export const loadCore = (): Promise<Curve> => createCoreCurve(Uint8Array.from(readCore()).buffer, randomBytes);

/** Lets the core compute, or noble. */
export async function loadSwitch(): Promise<(isCore: boolean) => void> {
  const core = await loadCore();
  return (isCore) => useCurve(isCore ? core : undefined);
}

/** A curve whose steps are counted, by name, and whose faults are kept. */
export function watched(curve: Curve): { curve: Curve; steps: Map<string, number>; faults: unknown[] } {
  const steps = new Map<string, number>();
  const faults: unknown[] = [];
  const watch =
    <Input extends unknown[], Result>(name: string, step: (...input: Input) => Result) =>
    (...input: Input): Result => {
      steps.set(name, (steps.get(name) ?? 0) + 1);
      try {
        return step(...input);
      } catch (fault) {
        faults.push(fault);
        throw fault;
      }
    };
  return {
    steps,
    faults,
    curve: {
      isPrivateKey: watch('isPrivateKey', curve.isPrivateKey),
      isOnCurve: watch('isOnCurve', curve.isOnCurve),
      pointOf: watch('pointOf', curve.pointOf),
      multiply: watch('multiply', curve.multiply),
      sign: watch('sign', curve.sign),
      verify: watch('verify', curve.verify),
      recover: watch('recover', curve.recover),
    },
  };
}
