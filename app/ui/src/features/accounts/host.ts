/** A relay by its host: the scheme says nothing to a person. */
export function hostOf(relay: string): string {
  return relay.replace(/^https?:\/\//, "");
}
