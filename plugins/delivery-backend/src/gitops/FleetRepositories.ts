// SPDX-License-Identifier: Apache-2.0
import type {
  ColourChoices,
  ColouredTarget,
  ObjectDiff,
  ReleaseImage,
  Target,
} from '@causeway/plugin-delivery-common';

/** Where a fleet repository is. */
export interface FleetLocation {
  /** Clone URL (http or https), without credentials. */
  readonly repository: string;
  readonly branch: string;
}

/** One promotion's change to the fleet repository: images of some overlays, and whether engines compare. */
export interface FleetChange {
  readonly location: FleetLocation;
  readonly promotion: string;
  /** None: the commit changes no file and only records the promotion. */
  readonly targets: readonly Target[];
  readonly images: readonly ReleaseImage[];
  /**
   * Engines are to skip their analysis, where the overlay holds their Canary. Without it, what an
   * earlier change told them is taken back.
   */
  readonly hurry?: boolean;
  /** Of targets with two colours: which gets the images, and whether the Services select it at once. */
  readonly colours?: {
    readonly choices: ColourChoices;
    readonly atOnce: boolean;
  };
  readonly author: { readonly name: string; readonly email: string };
  /** First line of the commit message. */
  readonly subject: string;
  /** Trailers in order, for example `['Release', '2.8.1']`; `Causeway-Promotion` is added by itself. */
  readonly trailers: readonly (readonly [string, string])[];
}

/** Takes back what `hurry` wrote for a promotion. */
export type AnalysisChange = Omit<FleetChange, 'images' | 'hurry' | 'colours'>;

/** What becomes of the two colours of some targets after the first commit of a promotion. */
export interface ColourChange extends Omit<AnalysisChange, 'targets'> {
  /**
   * `new`: Services select the colour with the release; `back`: the one from before; `retire`: the
   * colour gets no pods any more, unless a Service selects it or another promotion wrote since.
   */
  readonly step: 'new' | 'back' | 'retire';
  readonly targets: readonly ColouredTarget[];
  /** Of `new`: what the colour must declare. */
  readonly images?: readonly ReleaseImage[];
  /** Of `retire`: the last commit of the promotion. */
  readonly since?: string;
}

/** One step of a wave over devices that have an overlay each, or node groups that have an override each; `promotion` is the name of the step. */
export interface OverlaysChange extends Omit<AnalysisChange, 'targets'> {
  readonly overlays: readonly OverlayEdit[];
}

/** What becomes of the overlay of one device, or of the override of one node group. */
export interface OverlayEdit {
  readonly target: Target;
  /** What it must say of the images in `to`; otherwise it belongs to somebody else and stays as it is. */
  readonly from: readonly DeclaredImage[];
  /** Of an overlay with tag and digest; of an override with a digest alone. */
  readonly to: readonly DeclaredImage[];
}

/** What an overlay or override declares, or why it can not be read or edited. */
export type OverlayReading =
  | { readonly images: readonly DeclaredImage[]; readonly problem?: undefined }
  | { readonly images?: undefined; readonly problem: string };

/** Proof that a step is on the remote branch. */
export interface OverlaysReceipt extends CommitReceipt {
  /** What the overlays declare in this commit, by target key. */
  readonly says: ReadonlyMap<string, OverlayReading>;
}

/** Proof that the change is on the remote branch. */
export interface CommitReceipt {
  readonly sha: string;
  readonly branch: string;
  /** Page of the commit on the forge, when known. */
  readonly url?: string;
  /** False when the branch already held what was wanted and no commit was needed; `sha` is then the tip. */
  readonly changed: boolean;
  /** It tells engines to skip their analysis. */
  readonly skipsAnalysis?: true;
}

/** The images that a target's overlay declares at a revision. */
export interface DeclaredImage {
  readonly name: string;
  readonly tag?: string;
  readonly digest?: string;
}

/** A change whose consequences are to be shown. */
export interface FleetPreview
  extends Pick<
    FleetChange,
    'location' | 'targets' | 'images' | 'hurry' | 'colours'
  > {
  /**
   * The Flux revision that a target's cluster applied last. Where it is given and known, differences
   * that are already on the branch but not in the cluster are shown too.
   */
  readonly lastApplied?: (target: Target) => string | undefined;
}

/** Rendered differences, by target in the order of the targets. */
export interface FleetDiff {
  /**
   * First what the release changes (`configurationOnly` false), then what else would be applied
   * with it (true). An object that differs in both ways is listed twice.
   */
  readonly objects: readonly ObjectDiff[];
  /** Objects that would stay as they are. */
  readonly unchanged: number;
}

/**
 * The fleet repositories, read and written without a working tree.
 * All methods throw `ServiceUnavailableError` when the remote can not be reached, `NotAllowedError`
 * when it refuses the portal's credentials, and `InputError` when the repository does not hold what
 * the target names.
 */
export interface FleetRepositories {
  /**
   * Writes one commit for the promotion, or finds the one an earlier attempt wrote.
   * Safe to repeat and safe for concurrent callers; never forces. A receipt proves that the commit
   * is on the remote branch. Conflict, input and not-allowed errors prove that nothing was written;
   * every other error proves nothing, so ask again with the same promotion.
   * @throws ConflictError when the branch kept moving or the push was refused ten times
   */
  commit(change: FleetChange, signal: AbortSignal): Promise<CommitReceipt>;
  /**
   * Lets engines compare again that were to skip it for the promotion; what people or other promotions
   * told them stays. Writes nothing when nothing of it is left. Safe to repeat and for concurrent callers.
   * @throws ConflictError like `commit`; InputError when what was written can not be found safely
   */
  restoreAnalysis(
    change: AnalysisChange,
    signal: AbortSignal,
  ): Promise<CommitReceipt>;
  /**
   * Takes a further step with the colours of a promotion, in at most one commit for each. Safe to
   * repeat and for concurrent callers. Writes nothing where the branch already holds what is wanted.
   * @throws ConflictError like `commit`; InputError when the colour that shall serve can not, or the
   * overlay has not two colours
   */
  changeColours(
    change: ColourChange,
    signal: AbortSignal,
  ): Promise<CommitReceipt>;
  /**
   * Writes one step of a wave over overlays of single devices or overrides of node groups, or finds the one that an earlier attempt
   * wrote. Safe to repeat and for concurrent callers; what somebody else wrote is compared on the newest
   * commit, so it is never overwritten. A commit is made also when nothing is left to be changed, so
   * that a slower attempt finds it.
   * @throws ConflictError like `commit`
   */
  changeOverlays(
    change: OverlaysChange,
    signal: AbortSignal,
  ): Promise<OverlaysReceipt>;
  /**
   * What overlays declare on the branch, by target key, or why they could not be edited to say `to`.
   */
  overlayImages(
    location: FleetLocation,
    overlays: readonly Pick<OverlayEdit, 'target' | 'to'>[],
    signal: AbortSignal,
  ): Promise<ReadonlyMap<string, OverlayReading>>;
  /** Those of the targets whose engine can be told by a commit to skip its analysis. */
  canHurry(
    location: FleetLocation,
    targets: readonly Target[],
    signal: AbortSignal,
  ): Promise<readonly Target[]>;
  /** The commit of a promotion on the remote branch, looked up by its trailer. */
  findCommit(
    location: FleetLocation,
    promotion: string,
    signal: AbortSignal,
  ): Promise<CommitReceipt | undefined>;
  /**
   * Whether `commit` is contained in the Flux revision `revision` (`main@sha1:…`); undefined when
   * unknown, also because the remote can not be asked. Answers from memory where it can.
   */
  contains(
    location: FleetLocation,
    revision: string,
    commit: string,
  ): Promise<boolean | undefined>;
  /** What the target's overlay, or the override of its node group, declares on the branch. */
  declaredImages(
    location: FleetLocation,
    target: Target,
    signal: AbortSignal,
  ): Promise<readonly DeclaredImage[]>;
  /** Rendered difference (by kustomize) that a change would make. */
  diff(change: FleetPreview, signal: AbortSignal): Promise<FleetDiff>;
}
