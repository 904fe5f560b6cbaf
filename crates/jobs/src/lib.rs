//! Carries every accepted job to its end
