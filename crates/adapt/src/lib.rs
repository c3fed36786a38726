//! Script + TableRead → ShotList → AssetManifest, with the timing lock. Knows neither the canon store nor the renderer nor any provider.

