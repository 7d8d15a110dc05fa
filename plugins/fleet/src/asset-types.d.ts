// SPDX-License-Identifier: Apache-2.0
/// <reference types="@backstage/cli/asset-types" />

// Named here so that the compiler need not infer a type from half a megabyte of coordinates.
declare module 'world-atlas/land-110m.json' {
  const topology: import('topojson-specification').Topology<{
    land: import('topojson-specification').GeometryCollection;
  }>;
  export default topology;
}

declare module 'world-atlas/land-50m.json' {
  const topology: import('topojson-specification').Topology<{
    land: import('topojson-specification').GeometryCollection;
  }>;
  export default topology;
}
