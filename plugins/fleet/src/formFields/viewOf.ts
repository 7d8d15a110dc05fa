// SPDX-License-Identifier: Apache-2.0
import type { ConditionalAnswer } from '@causeway/plugin-delivery-common';

/** The content of an answer to a question without an ETag, which is always a whole one. */
export function viewOf<View>(answer: ConditionalAnswer<View>): View {
  if (answer.status === 'changed') return answer.view;
  throw new Error('Nothing in the answer');
}
