/** Where an answer can come from. */
export interface Sources {
  readonly network: () => Promise<Response>;
  readonly cached: () => Promise<Response | undefined>;
  readonly keep: (response: Response) => Promise<void>;
}

/** The newest page while there is a network, the last one that was seen while there is none. */
export async function answerFrom({
  network,
  cached,
  keep,
}: Sources): Promise<Response> {
  try {
    const fresh = await network();
    if (fresh.ok) await keep(fresh.clone());
    return fresh;
  } catch (error) {
    const known = await cached();
    if (known) return known;
    throw error;
  }
}
