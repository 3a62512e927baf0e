// What the camera sees, until it has seen a code.
// Promises: the camera is asked for once this is on the page, which a press puts there, and goes off with it; a page nobody looks at uses none.
// Must not: keep a picture.
import { useEffect, useRef, useState } from 'preact/hooks';
import { Button } from '../../parts/form/button';
import { Progress } from '../../parts/progress';
import { t } from '../../text';
import { closeCamera, openCamera } from '../../devices/camera';
import { codeInFrame } from '../../devices/read-code';

/** Between two looks at the picture. */
const betweenMs = 150;

interface CameraViewProps {
  /** Something to say about the last code that was seen. */
  note: string | undefined;
  /** The text of a code. Seen again and again while it is held before the camera. */
  onText: (text: string) => void;
  onError: (error: unknown) => void;
  onStop: () => void;
}

export function CameraView({ note, onText, onError, onStop }: CameraViewProps) {
  const video = useRef<HTMLVideoElement>(null);
  const [isOn, setOn] = useState(false);
  const seen = useRef(onText);
  seen.current = onText;

  useEffect(() => {
    let stream: MediaStream | undefined;
    let timer: ReturnType<typeof setTimeout> | undefined;
    let isGone = false;
    const end = () => {
      isGone = true;
      clearTimeout(timer);
      if (stream) closeCamera(stream);
    };
    const look = () => {
      if (isGone) return;
      const text = video.current ? codeInFrame(video.current) : undefined;
      if (text !== undefined) seen.current(text);
      if (!isGone) timer = setTimeout(look, betweenMs);
    };
    const hide = () => {
      if (document.hidden && stream) onStop();
    };
    document.addEventListener('visibilitychange', hide);
    void openCamera().then(
      async (opened) => {
        stream = opened;
        if (isGone || !video.current) return closeCamera(opened);
        video.current.srcObject = opened;
        await video.current.play().catch(() => undefined);
        if (!isGone) setOn(true);
        return look();
      },
      (error: unknown) => !isGone && onError(error),
    );
    return () => {
      document.removeEventListener('visibilitychange', hide);
      end();
    };
  }, []);

  return (
    <div class="stack tight" data-testid="carry-camera-view" data-on={isOn}>
      {!isOn && <Progress sentence={t('cameraWaiting')} />}
      <video ref={video} class="camera" hidden={!isOn} muted playsInline aria-label={t('cameraLabel')} />
      {isOn && (
        <p class="small soft" role="status">
          {note ?? t('cameraHint')}
        </p>
      )}
      <div>
        <Button testId="carry-camera-stop" compact onPress={onStop}>
          {t('cameraStop')}
        </Button>
      </div>
    </div>
  );
}
