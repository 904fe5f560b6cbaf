//! server_state
