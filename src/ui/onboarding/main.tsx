// Entry of the onboarding page: mounts it, nothing else.
// Must not: hold state or words.
import { mountPage } from '../parts/page';
import { OnboardingPage } from './onboarding-page';

mountPage(OnboardingPage, 'titleOnboarding');
