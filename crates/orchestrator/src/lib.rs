//! Durable graph runner: steps, fan-out, memo, bounded parallelism. A step is `trait Step`, nothing more; it knows no engine.

