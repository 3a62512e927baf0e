// Entry of the onboarding page: mounts it, nothing else.
// Must not: hold state or words.
import { mountPage } from '../page';
import { OnboardingPage } from './onboarding-page';

mountPage(OnboardingPage, 'titleOnboarding');
