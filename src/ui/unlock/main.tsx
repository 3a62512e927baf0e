// Entry of the unlock page.
import { mountPage } from '../page';
import { UnlockPage } from './unlock-page';

mountPage(UnlockPage, 'titleUnlock');
