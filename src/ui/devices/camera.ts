// A camera, lent to this page while somebody holds a code before it.
// Promises: asked for when a person pressed, never before; every refusal is a DeviceError; without sound. Must not: record, or send a picture anywhere.
import { DeviceError, type DeviceErrorReason } from './device-error';

const reasons: Record<string, DeviceErrorReason> = {
  NotAllowedError: 'camera-refused',
  SecurityError: 'camera-refused',
  NotFoundError: 'camera-absent',
  OverconstrainedError: 'camera-absent',
};

/** The camera that looks away from the person, where there are two. The caller ends it (`closeCamera`). */
export async function openCamera(): Promise<MediaStream> {
  if (!navigator.mediaDevices) throw new DeviceError('camera-absent');
  try {
    return await navigator.mediaDevices.getUserMedia({ audio: false, video: { facingMode: 'environment' } });
  } catch (error) {
    throw new DeviceError((error instanceof DOMException ? reasons[error.name] : undefined) ?? 'camera-busy');
  }
}

export function closeCamera(stream: MediaStream): void {
  for (const track of stream.getTracks()) track.stop();
}
