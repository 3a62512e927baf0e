// The text of a QR code, from a picture that a person chose or from what a camera sees.
// Promises: read in this page, by code of the package, and by nothing of the system or of anybody else: a signature is a secret (R-E5); the pixels are
// overwritten. Must not: keep a picture or its text.
import decodeQR from 'qr/decode.js';
import { DeviceError } from './device-error';

/** A photograph of a code is smaller; larger files are refused before they are opened. */
const pictureBytes = 32 * 1024 * 1024;
/** The longer edge of what is looked at: a code that is not found at this size is too small in the picture. */
const [pictureEdge, frameEdge] = [2400, 960];
/** How long to go on trying where nothing is found at once. */
const [pictureMs, frameMs] = [3000, 60];

/** The text of the code in these pixels (RGBA); undefined where none is found. */
export function codeIn(
  image: { width: number; height: number; data: Uint8ClampedArray },
  timeLimit: number,
): string | undefined {
  try {
    return decodeQR(image, { format: 'RGBA', timeLimit });
  } catch {
    return undefined;
  }
}

/** The text of the code in a picture. Throws DeviceError 'no-picture' or 'no-code'. */
export async function codeInPicture(file: Blob): Promise<string> {
  const picture = file.size > pictureBytes ? undefined : await createImageBitmap(file).catch(() => undefined);
  if (!picture) throw new DeviceError('no-picture');
  try {
    const text = codeOnCanvas(picture, picture, pictureEdge, pictureMs);
    if (text === undefined) throw new DeviceError('no-code');
    return text;
  } finally {
    picture.close();
  }
}

/** The text of the code that a camera sees now; undefined where there is none, or no picture yet. */
export function codeInFrame(video: HTMLVideoElement): string | undefined {
  return codeOnCanvas(video, { width: video.videoWidth, height: video.videoHeight }, frameEdge, frameMs);
}

function codeOnCanvas(
  source: ImageBitmap | HTMLVideoElement,
  size: { width: number; height: number },
  longest: number,
  timeLimit: number,
): string | undefined {
  const scale = Math.min(1, longest / Math.max(size.width, size.height));
  const [width, height] = [Math.round(size.width * scale), Math.round(size.height * scale)];
  if (width < 1 || height < 1) return undefined;
  const context = new OffscreenCanvas(width, height).getContext('2d', { willReadFrequently: true });
  if (!context) return undefined;
  // What is see-through in a picture is paper.
  context.fillStyle = 'white';
  context.fillRect(0, 0, width, height);
  context.drawImage(source, 0, 0, width, height);
  const image = context.getImageData(0, 0, width, height);
  try {
    return codeIn(image, timeLimit);
  } finally {
    image.data.fill(0);
    context.clearRect(0, 0, width, height);
  }
}
