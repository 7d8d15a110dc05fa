// SPDX-License-Identifier: Apache-2.0
export { CatFileEnded } from './CatFile';
export {
  UnexpectedAnswer,
  type GitObject,
  type ObjectKind,
} from './BatchAnswers';
export {
  GitObjects,
  MissingObject,
  type FoundCommit,
  type PathEntry,
} from './GitObjects';
export { ObjectReader, type ObjectReaderOptions } from './ObjectReader';
export { packet, parsePackets, type Packet } from './packets';
export type { Commit, Signature } from './parseCommit';
export type { TreeEntry } from './parseTree';
export { remoteTip, type RemoteQuestion } from './remoteTip';
