// Entry of the onboarding page.
import { mountPage } from '../page';
import { OnboardingPage } from './onboarding-page';

mountPage(OnboardingPage, 'titleOnboarding');
