//! phoneyard
fn main() {}
