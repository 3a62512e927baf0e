// Entry of the unlock page: mounts it, nothing else.
// Must not: hold state or words.
import { mountPage } from '../parts/page';
import { UnlockPage } from './unlock-page';

mountPage(UnlockPage, 'titleUnlock');
