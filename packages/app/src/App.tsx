// SPDX-License-Identifier: Apache-2.0
import { createApp } from '@backstage/frontend-defaults';
import { createModule } from './create';
import { homePlugin } from './home';
import { navigationModule } from './navigation';
import { signInModule } from './signIn';
import { themeModule } from './theme';

/** The portal. Plugins are found by `app.packages`; what belongs to this portal alone is listed here. */
export default createApp({
  features: [
    signInModule,
    themeModule,
    navigationModule,
    createModule,
    homePlugin,
  ],
});
