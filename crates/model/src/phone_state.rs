//! phone_state
