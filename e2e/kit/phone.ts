// A phone beside the screen: it reads the QR code that a page shows, and gives one back as a picture, or as a film for the browser's own camera of tests.
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

const [filmWidth, filmHeight, frames] = [640, 480, 4];

/** A film (YUV4MPEG2) of a camera that sees the text as a code, in the middle of grey; without a text it sees none. */
export function filmOf(text?: string): Buffer {
  const luma = new Uint8Array(filmWidth * filmHeight).fill(120);
  if (text !== undefined) {
    const rows = encodeQR(text, 'raw', { border: 4 });
    const dot = Math.floor(filmHeight / rows.length);
    const [left, top] = [(filmWidth - rows.length * dot) >> 1, (filmHeight - rows.length * dot) >> 1];
    for (let y = 0; y < rows.length * dot; y++)
      for (let x = 0; x < rows.length * dot; x++)
        luma[(top + y) * filmWidth + left + x] = rows[Math.floor(y / dot)]![Math.floor(x / dot)] ? 20 : 230;
  }
  const colours = new Uint8Array((filmWidth * filmHeight) / 2).fill(128);
  const frame = Buffer.concat([Buffer.from('FRAME\n'), luma, colours]);
  const head = Buffer.from(`YUV4MPEG2 W${filmWidth} H${filmHeight} F10:1 Ip A1:1 C420jpeg\n`);
  return Buffer.concat([head, ...Array.from({ length: frames }, () => frame)]);
}
