// SPDX-License-Identifier: Apache-2.0
import '@testing-library/jest-dom';
import { configure } from '@testing-library/react';

// Whole pages in jsdom are slow on a busy machine; what is waited for is a result, not a speed.
configure({ asyncUtilTimeout: 10_000 });
jest.setTimeout(60_000);

// Backstage UI puts its style sheets into the document as it is loaded. Nothing is laid out here, and each
// of their rules would be held against every element whose visibility or accessible name is asked for.
beforeAll(() =>
  document.querySelectorAll('style').forEach(style => style.remove()),
);
