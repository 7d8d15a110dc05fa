// SPDX-License-Identifier: Apache-2.0
import { createInterface } from 'node:readline';
import { judgeCanary } from '../../src/canary/judge/judgeCanary';
import {
  defaultCanaryPolicy,
  defaultJudgeParameters,
} from '../../src/canary/judge/policy';

/**
 * The judge as a program: a line of JSON in, a line of JSON out, in order.
 *
 *   in:  { "minutes": CanaryMinute[], "boundsMs": number[], "plan": CanaryPlan,
 *          "policy"?: Partial<CanaryPolicy>, "parameters"?: Partial<JudgeParameters>, "id"?: any }
 *   out: { "id"?: any, "decision", "sentence", "findings" } or { "id"?: any, "error": string }
 */
const lines = createInterface({ input: process.stdin, crlfDelay: Infinity });

function answer(line: string): object {
  try {
    const { id, minutes, boundsMs, plan, policy, parameters } =
      JSON.parse(line);
    const verdict = judgeCanary(
      minutes,
      boundsMs,
      plan,
      { ...defaultCanaryPolicy, ...policy },
      { ...defaultJudgeParameters, ...parameters },
    );
    return { ...(id === undefined ? {} : { id }), ...verdict };
  } catch (error) {
    return { error: error instanceof Error ? error.message : String(error) };
  }
}

lines.on('line', line => {
  if (line.trim() !== '')
    process.stdout.write(`${JSON.stringify(answer(line))}\n`);
});
