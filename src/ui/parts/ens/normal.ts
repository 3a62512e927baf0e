// Whether a name of ENS is in the one spelling that ENS has for it (ENSIP-15), which leaves no second name that looks the same. Loaded late, by use-ens.ts.
// Must not: mend a name: one that is not as it should be is not shown at all.
import { ens_normalize } from '@adraffy/ens-normalize';

export function isNormal(name: string): boolean {
  try {
    return name !== '' && ens_normalize(name) === name;
  } catch {
    return false;
  }
}
