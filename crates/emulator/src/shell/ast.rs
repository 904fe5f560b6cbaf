//! What a script means, before anything is expanded.

use std::sync::Arc;

/// Commands one after the other.
pub(crate) type List = Vec<Item>;

/// One command of a list.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Item {
    pub(crate) chain: Arc<Chain>,
    /// Followed by `&`.
    pub(crate) background: bool,
}

/// Pipelines joined by `&&` and `||`.
#[derive(Debug, PartialEq)]
pub(crate) struct Chain {
    pub(crate) first: Pipeline,
    pub(crate) rest: Vec<(Link, Pipeline)>,
}

/// What joins two pipelines.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Link {
    And,
    Or,
}

/// Commands joined by `|`.
#[derive(Debug, PartialEq)]
pub(crate) struct Pipeline {
    /// `!` before it.
    pub(crate) negated: bool,
    pub(crate) commands: Vec<Command>,
}

/// A command with its redirections.
#[derive(Debug, PartialEq)]
pub(crate) struct Command {
    pub(crate) body: Body,
    pub(crate) redirects: Vec<Redirect>,
}

/// What a command does.
#[derive(Debug, PartialEq)]
pub(crate) enum Body {
    Simple { assignments: Vec<Assignment>, words: Vec<Word> },
    If { branches: Vec<(List, List)>, otherwise: List },
    While { until: bool, condition: List, body: List },
    For { name: String, words: Option<Vec<Word>>, body: List },
    Case { word: Word, arms: Vec<(Vec<Word>, List)> },
    Group(List),
    Subshell(List),
    Arithmetic(Vec<Part>),
    Test(Test),
    Function { name: String, body: Arc<Command> },
}

/// `name=value`.
#[derive(Debug, PartialEq)]
pub(crate) struct Assignment {
    pub(crate) name: String,
    /// `+=`.
    pub(crate) append: bool,
    pub(crate) value: Word,
}

/// `2>file` and the like.
#[derive(Debug, PartialEq)]
pub(crate) struct Redirect {
    pub(crate) fd: u8,
    pub(crate) kind: RedirectKind,
    /// A path, a number, or the text of a here-document.
    pub(crate) target: Word,
}

/// Which way a redirection goes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum RedirectKind {
    Read,
    Write,
    Append,
    /// `>&1`, `<&0`.
    Duplicate,
    /// `&>file`: standard output and standard error.
    Both,
    Here,
    /// `<<<word`.
    HereString,
}

/// A word, not yet expanded.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Word(pub(crate) Vec<Part>);

/// A part of a word.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Part {
    /// Not quoted.
    Literal(String),
    /// Quoted: means itself.
    Quoted(String),
    /// In double quotes.
    Double(Vec<Part>),
    /// `~` at the beginning.
    Home,
    Parameter(Box<Parameter>),
    Command(Arc<List>),
    Arithmetic(Vec<Part>),
}

/// `$name` or `${name…}`.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Parameter {
    pub(crate) name: String,
    pub(crate) form: Form,
}

/// What is done with a parameter's value.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Form {
    Value,
    Length,
    /// `-`, `=`, `+`, `?`; with a colon, empty counts as unset.
    Unset {
        kind: UnsetKind,
        colon: bool,
        word: Word,
    },
    /// `#`, `##`.
    Prefix {
        longest: bool,
        pattern: Word,
    },
    /// `%`, `%%`.
    Suffix {
        longest: bool,
        pattern: Word,
    },
    /// `/`, `//`, `/#`, `/%`.
    Replace {
        place: Place,
        pattern: Word,
        with: Word,
    },
    /// `:offset:length`.
    Part {
        offset: Vec<Part>,
        length: Option<Vec<Part>>,
    },
}

/// What happens when a parameter is not set.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum UnsetKind {
    Default,
    Assign,
    Alternative,
    Complain,
}

/// Where a pattern is replaced.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Place {
    First,
    All,
    Start,
    End,
}

/// What `[[ ]]` tests.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Test {
    Or(Vec<Test>),
    And(Vec<Test>),
    Not(Box<Test>),
    Unary(String, Word),
    Binary(String, Word, Word),
}
