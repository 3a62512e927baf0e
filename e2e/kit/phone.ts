// A phone beside the screen: it reads the QR code that a page shows, and gives one back as a picture.
// Promises: what it reads is what the screen drew. Must not: know what the page meant to show.
import type { Locator, Page } from 'playwright';
import encodeQR from 'qr';
import decodeQR from 'qr/decode.js';

/** The text of the code that this place shows. Throws when a camera could not read it. */
export async function readOffScreen(page: Page, place: Locator): Promise<string> {
  const shot = await place.screenshot();
  const { width, height, pixels } = await page.evaluate(async (base64) => {
    const png = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
    const picture = await createImageBitmap(new Blob([png]));
    const context = new OffscreenCanvas(picture.width, picture.height).getContext('2d')!;
    context.drawImage(picture, 0, 0);
    const { data } = context.getImageData(0, 0, picture.width, picture.height);
    let text = '';
    for (let at = 0; at < data.length; at += 4) text += String.fromCharCode(data[at]!);
    return { width: picture.width, height: picture.height, pixels: btoa(text) };
  }, shot.toString('base64'));
  const grey = Buffer.from(pixels, 'base64');
  const data = new Uint8Array(width * height * 4);
  grey.forEach((value, at) => data.set([value, value, value, 255], at * 4));
  return decodeQR({ width, height, data }, { format: 'RGBA', timeLimit: 5000 });
}

/** A picture of the text as a code. */
export const pictureOf = (text: string, name = 'code.gif') => ({
  name,
  mimeType: 'image/gif',
  buffer: Buffer.from(encodeQR(text, 'gif', { scale: 4 })),
});
