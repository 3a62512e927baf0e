// Where on the vault page a person is, as it stands behind "#" in the address: a section, one topic of one identity, or a page of help.
// Promises: pure; what is not understood is the list of identities. Must not: put anything but a name and a safe's id there.

export const sectionNames = ['identities', 'sites', 'activity', 'settings'] as const;
export type SectionName = (typeof sectionNames)[number];

/** What there is to see and do about one identity. */
export const topics = ['access', 'keys', 'network', 'inboxes', 'people', 'backup', 'archive'] as const;
export type Topic = (typeof topics)[number];

/** Questions that have a page of their own, reached from where they arise. */
export const helpTopics = ['prekey', 'code'] as const;
export type HelpTopic = (typeof helpTopics)[number];

/** A section; of `activity` perhaps what one site did, which does not stand in the address. */
export type Place =
  | { section: SectionName; of?: { safeId: string; origin: string } }
  | { section: 'help'; help: HelpTopic }
  | { section: 'identities'; safeId: string; topic: Topic };

/** `hash` with or without its "#". */
export function placeOf(hash: string): Place {
  const [name = '', safeId = '', topic = ''] = hash.replace(/^#/, '').split('/');
  const section = sectionNames.find((one) => one === name);
  const help = helpTopics.find((one) => name === 'help' && one === safeId);
  if (help) return { section: 'help', help };
  const known = topics.find((one) => one === topic);
  if (section === 'identities' && /^[0-9a-f]{32}$/.test(safeId) && known) return { section, safeId, topic: known };
  return { section: section ?? 'identities' };
}

/** What to put behind "#", without it. */
export function addressOf(place: Place): string {
  if ('help' in place) return `help/${place.help}`;
  return 'topic' in place ? `${place.section}/${place.safeId}/${place.topic}` : place.section;
}
