//! Arc, plan, cast, script and CanonDiff from canon and goals, by a template writer behind `StoryWriter`. Knows neither media nor storage.

