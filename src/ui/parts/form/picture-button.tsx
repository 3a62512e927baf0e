// A button that lets a person choose one picture, which is handed on and forgotten.
// Must not: look into it, or keep its name.
import { Icon } from '../icon';

interface PictureButtonProps {
  testId: string;
  label: string;
  onPicture: (file: Blob) => void;
}

export function PictureButton({ testId, label, onPicture }: PictureButtonProps) {
  return (
    <label class="picture-button">
      <input
        class="visually-hidden"
        type="file"
        accept="image/*"
        data-testid={testId}
        onChange={({ currentTarget: input }) => {
          const [picked] = input.files ?? [];
          if (picked) onPicture(picked);
          // So that choosing the same file once more is a change again.
          input.value = '';
        }}
      />
      <span class="button compact">
        <Icon name="picture" />
        {label}
      </span>
    </label>
  );
}
