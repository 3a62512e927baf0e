// What a section of the vault page is given. Types only.
import type { PageProps } from '../../parts/page';
import type { Place } from '../../place';

export interface SectionProps extends PageProps {
  /** Where the person is. */
  place: Place;
  /** Goes to another place of the vault page. */
  onGo: (place: Place) => void;
}
