//! `=~`.

/// Bytes of a regular expression.
const REGEX_BYTES_MAX: usize = 4096;
/// Bytes that a regular expression takes once it is compiled.
const REGEX_SIZE_MAX: usize = 1024 * 1024;

/// The text has a part that the regular expression describes.
///
/// # Errors
/// The expression cannot be used.
pub(super) fn matches(expression: &str, text: &str) -> Result<bool, String> {
    compile(expression, false).map(|regex| regex.is_match(text)).map_err(|why| format!("{expression}: {why}"))
}

/// Makes a regular expression ready.
pub(crate) fn compile(expression: &str, ignore_case: bool) -> Result<regex_lite::Regex, String> {
    if expression.len() > REGEX_BYTES_MAX {
        return Err("Regular expression too big".to_owned());
    }
    regex_lite::RegexBuilder::new(expression)
        .case_insensitive(ignore_case)
        .size_limit(REGEX_SIZE_MAX)
        .build()
        .map_err(|_| "Invalid regular expression".to_owned())
}
