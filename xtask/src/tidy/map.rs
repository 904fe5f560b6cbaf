//! The map is true: ARCHITECTURE.md names every crate, and every path that it names exists.

/// What a path of ours starts with.
const FOLDERS: [&str; 7] = ["crates/", "xtask/", "e2e/", "scripts/", "contract/", "docs/", ".ci/"];

/// Complaints about the map's text. `exists` is asked about paths from the root.
pub fn check(map: &str, crates: &[String], exists: impl Fn(&str) -> bool) -> Vec<String> {
    let words: Vec<&str> =
        map.split(|letter: char| letter.is_whitespace() || "`()[],;:|\"".contains(letter)).collect();
    let mut complaints = Vec::new();
    for name in crates {
        let path = format!("crates/{name}");
        if !words.iter().any(|word| *word == name || word.starts_with(&path)) {
            complaints.push(format!("ARCHITECTURE.md: does not mention the crate {name}"));
        }
    }
    for word in words {
        let path = word.trim_end_matches(['.', '/']);
        let is_path =
            FOLDERS.iter().any(|folder| path.starts_with(folder)) && !path.contains(['*', '{', '<']);
        if is_path && !exists(path) {
            complaints.push(format!("ARCHITECTURE.md: {path} does not exist"));
        }
    }
    complaints.sort();
    complaints.dedup();
    complaints
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names() -> Vec<String> {
        vec!["api".to_owned(), "model".to_owned()]
    }

    #[test]
    fn a_true_map_is_fine() {
        let map =
            "`api` serves. See `crates/model/src/plan.rs`, [x](crates/api/src/lib.rs) and crates/*/src.";
        let there = ["crates/model/src/plan.rs", "crates/api/src/lib.rs"];
        assert_eq!(check(map, &names(), |path| there.contains(&path)), Vec::<String>::new());
    }

    #[test]
    fn a_crate_that_the_map_forgets_is_named() {
        assert_eq!(
            check("The api and the modelling.", &names(), |_| true),
            ["ARCHITECTURE.md: does not mention the crate model"]
        );
    }

    #[test]
    fn a_path_that_is_gone_is_named() {
        let complaints = check("api, model: crates/api/src/gone.rs.", &names(), |_| false);
        assert_eq!(complaints, ["ARCHITECTURE.md: crates/api/src/gone.rs does not exist"]);
    }
}
