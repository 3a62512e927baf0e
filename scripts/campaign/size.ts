// How large a law is drawn: in its short form within `npm test`, whole in `npm run campaign NAME --seed N`.
// Promises: the environment of the run decides, nothing else. Must not: be imported by anything but tests.
import { campaigns } from './campaigns.mjs';

const running = process.env['PREKEY_VAULT_CAMPAIGN'];
const drawn = process.env['PREKEY_VAULT_SEED'];

/** `whole` while the campaign of that name runs, else `short`. Throws for a name that is not in the list. */
export function sizeOf(name: string, { short, whole }: { short: number; whole: number }): number {
  if (!Object.hasOwn(campaigns, name)) throw new Error(`there is no campaign called ${name}`);
  return running === name ? whole : short;
}

/** The seed that the campaign was started with; else `usual`. */
export function seedOf(usual: number): number {
  return drawn === undefined ? usual : Number(drawn);
}

/** The same for a law of fast-check, which draws a seed of its own when none is given. */
export const drawnSeed: { seed?: number } = drawn === undefined ? {} : { seed: Number(drawn) };
