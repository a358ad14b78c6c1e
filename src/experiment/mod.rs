//! Sets of runs: both designs on the same orders, objectives, claims.
