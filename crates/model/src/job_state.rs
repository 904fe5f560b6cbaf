//! job_state
