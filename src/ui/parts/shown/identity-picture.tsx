// Draws an account's generated picture. Decoration: the address stands beside it.
// Promises: readable on light and dark ground, and in the system's own two colours. Must not: use a style attribute (the page's policy forbids it).
import { figurePath, palettes, pictureModel } from './identity-picture-model';

/** `account` null: the picture of an identity whose address cannot be read. */
export function IdentityPicture({ account, size = 40 }: { account: string | null; size?: number }) {
  if (account === null) {
    return (
      <svg class="picture unknown" width={size} height={size} viewBox="0 0 48 48" aria-hidden="true">
        <path
          d="M18 19a6 6 0 1 1 8 5.7c-1.5.6-2 1.5-2 3.3M24 33v.5"
          fill="none"
          stroke="currentColor"
          stroke-width="3"
          stroke-linecap="round"
        />
      </svg>
    );
  }
  const model = pictureModel(account);
  const [ground, figure] = palettes[model.palette] ?? ['#444444', '#dddddd'];
  return (
    <svg class="picture drawn" width={size} height={size} viewBox="0 0 48 48" aria-hidden="true">
      <rect width="48" height="48" fill={ground} />
      <path d={figurePath(model)} fill={figure} />
    </svg>
  );
}
