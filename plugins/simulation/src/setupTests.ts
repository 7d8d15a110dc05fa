// SPDX-License-Identifier: Apache-2.0
import '@testing-library/jest-dom';
import { configure } from '@testing-library/react';

// Whole pages in jsdom are slow on a busy machine; what is waited for is a result, not a speed.
configure({ asyncUtilTimeout: 10_000 });
jest.setTimeout(60_000);
