// The languages that the configurator offers, each by its own name. Owns the list and nothing else: the widget brings the words.

export interface Language {
  /** BCP 47. */
  readonly code: string;
  readonly name: string;
}

export const LANGUAGES: readonly Language[] = [
  { code: 'en', name: 'English' },
  { code: 'de', name: 'Deutsch' },
  { code: 'es', name: 'Español' },
  { code: 'fr', name: 'Français' },
  { code: 'ar', name: 'العربية' },
  { code: 'fa', name: 'فارسی' },
];
