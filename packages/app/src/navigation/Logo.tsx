// SPDX-License-Identifier: Apache-2.0

/** A causeway: the road on its piers, between two shores. */
export function Logo() {
  return (
    <svg
      viewBox="0 0 24 24"
      width="28"
      height="28"
      fill="none"
      stroke="currentColor"
      strokeWidth="2"
      strokeLinecap="round"
      aria-hidden="true"
    >
      <path d="M2 10c5 0 5-3 10-3s5 3 10 3M2 14h20M6 14v5M12 14v5M18 14v5" />
    </svg>
  );
}
