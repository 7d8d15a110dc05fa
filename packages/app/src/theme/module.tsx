// SPDX-License-Identifier: Apache-2.0
import type { ReactNode } from 'react';
import {
  createUnifiedTheme,
  palettes,
  UnifiedThemeProvider,
} from '@backstage/theme';
import { createFrontendModule } from '@backstage/frontend-plugin-api';
import { ThemeBlueprint } from '@backstage/plugin-app-react';
import { RiMoonLine, RiSunLine } from '@remixicon/react';

/**
 * Reds in which a form's small text can be read on its background: a contrast of 4.5 at least. What is
 * ticked in a form has the secondary colour, which would be a pink that nothing else here has.
 */
const light = createUnifiedTheme({
  palette: {
    ...palettes.light,
    secondary: palettes.light.primary,
    error: { main: '#c62828' },
  },
});
const dark = createUnifiedTheme({
  palette: {
    ...palettes.dark,
    secondary: palettes.dark.primary,
    error: { main: '#ff9e94' },
  },
});

/** Backstage's themes, with errors that everybody can read and forms in the blue of the rest. */
export const themeModule = createFrontendModule({
  pluginId: 'app',
  extensions: [
    ThemeBlueprint.make({
      name: 'light',
      params: {
        theme: {
          id: 'light',
          title: 'Light Theme',
          variant: 'light',
          icon: <RiSunLine />,
          Provider: ({ children }: { children?: ReactNode }) => (
            <UnifiedThemeProvider theme={light}>
              {children}
            </UnifiedThemeProvider>
          ),
        },
      },
    }),
    ThemeBlueprint.make({
      name: 'dark',
      params: {
        theme: {
          id: 'dark',
          title: 'Dark Theme',
          variant: 'dark',
          icon: <RiMoonLine />,
          Provider: ({ children }: { children?: ReactNode }) => (
            <UnifiedThemeProvider theme={dark}>{children}</UnifiedThemeProvider>
          ),
        },
      },
    }),
  ],
});
