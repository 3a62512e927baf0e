// Where a window of ours comes up: inside the person's window that it belongs to, on whichever monitor that stands.
// Promises: pure; never larger than that window, but for what a card needs at least, and within its edges wherever it is large enough.
// Must not: know the screens. A browser tells of them only for a permission, and a window of the person's is on one already.

/** A window of the browser, in pixels of the whole desktop: left of the first monitor is negative. */
export interface Bounds {
  left?: number | undefined;
  top?: number | undefined;
  width?: number | undefined;
  height?: number | undefined;
  state?: string | undefined;
}

export interface Size {
  width: number;
  height: number;
}

/** What every page of ours can be read and answered in. */
const least: Size = { width: 320, height: 400 };
/** Below the tabs and the address, so that the address of the asking page stays in sight. */
const belowTabs = 80;
const fromEdge = 16;

/** Size and place of a window of `size` at the upper right of `around`, where the icon is; the size alone when nothing is known of that. */
export function placeWithin(size: Size, around: Bounds | undefined): Size & { left?: number; top?: number } {
  const { left, top, width, height, state } = around ?? {};
  // A minimized window lies nowhere, and says so with numbers.
  if (left === undefined || top === undefined || !width || !height || state === 'minimized') return size;
  const fitted = {
    width: Math.min(size.width, Math.max(width, least.width)),
    height: Math.min(size.height, Math.max(height, least.height)),
  };
  const room = { across: Math.max(0, width - fitted.width), down: Math.max(0, height - fitted.height) };
  return {
    ...fitted,
    left: Math.round(left + room.across - Math.min(fromEdge, room.across)),
    top: Math.round(top + Math.min(belowTabs, room.down)),
  };
}
