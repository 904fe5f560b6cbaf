//! What a shell may use at most.

/// Bytes of a script.
pub const SCRIPT_BYTES_MAX: usize = 128 * 1024;
/// How deep a script nests, and how deep functions, subshells and substitutions call each other.
pub const DEPTH_MAX: usize = 50;
/// Bytes of one variable.
pub const VALUE_BYTES_MAX: usize = 256 * 1024;
/// Bytes of all variables of a shell, with names and [`VARIABLE_COST_BYTES`] each.
pub const VARIABLES_BYTES_MAX: usize = 1024 * 1024;
/// What a variable costs beside its name and value.
pub const VARIABLE_COST_BYTES: usize = 128;
/// Bytes of arguments and environment of one program.
pub const PROGRAM_BYTES_MAX: usize = 256 * 1024;
/// Bytes of arguments, environments and variables of a shell and all below it, at the same time.
pub const MEMORY_BYTES_MAX: usize = 32 * 1024 * 1024;
/// Bytes that a command substitution gives.
pub const SUBSTITUTION_BYTES_MAX: usize = 1024 * 1024;
/// Bytes of the arguments of one command.
pub const ARGUMENTS_BYTES_MAX: usize = 128 * 1024;
/// Names that one pattern gives.
pub const GLOB_NAMES_MAX: usize = 4096;
/// Directories that one pattern looks into.
pub const GLOB_DIRECTORIES_MAX: usize = 1024;
/// Steps of one pattern match; nothing matches after them.
pub const PATTERN_STEPS_MAX: usize = 1024 * 1024;
/// Letters of `[…]` in a pattern; a longer one means itself.
pub const PATTERN_SET_MAX: usize = 256;
/// Aliases of a shell.
pub const ALIASES_MAX: usize = 64;
/// Functions of a shell.
pub const FUNCTIONS_MAX: usize = 256;
/// Jobs that run in the background of one shell.
pub const JOBS_MAX: usize = 32;
/// Stages of one pipeline.
pub const STAGES_MAX: usize = 64;
/// Subshells, stages and jobs of a shell and all below it, at the same time.
pub const PROCESSES_MAX: usize = 256;
/// Bytes of one line that `read` or an interactive shell takes.
pub const LINE_BYTES_MAX: usize = 64 * 1024;
/// What a command counts as work; a letter that is read, expanded or compared with a pattern counts as one.
pub const COMMAND_WORK: usize = 512;
/// What a subshell counts as work.
pub const FORK_WORK: usize = 2048;
/// Work that a shell does before it is slowed down: 20 000 commands.
pub const FREE_WORK: u64 = 20_000 * COMMAND_WORK as u64;
/// Work between two pauses after that.
pub const WORK_PER_PAUSE: u64 = 100 * COMMAND_WORK as u64;
/// How long such a pause is.
pub const PAUSE_MS: u64 = 1;
/// Pauses that work which cannot be parted has at once.
pub const PAUSES_MAX: u64 = 1000;
/// Work after which others get their turn.
pub const WORK_PER_TURN: u64 = 32 * COMMAND_WORK as u64;
/// How deep `{a,b}` nests.
pub const BRACES_DEPTH_MAX: usize = 64;
/// Letters that are looked at to expand `{a,b}` in one word, those of what comes out of it included.
pub const BRACES_WORK_MAX: usize = 512 * 1024;
/// Lists, functions, subshells, substitutions, words, tests and programs that run inside of each other, over nested
/// shells. Each takes frames of the thread's stack: this many fit into 2 MiB without optimizations, as tests have it;
/// the service gives its threads 8 MiB.
pub const RUN_DEPTH_MAX: usize = 80;
/// Bytes that the words of one command expand to.
pub const EXPANSION_BYTES_MAX: usize = 4 * 1024 * 1024;
/// Redirections of one command.
pub const REDIRECTS_MAX: usize = 32;
/// Lines that an interactive shell remembers.
pub const HISTORY_LINES_MAX: usize = 100;
/// Lines that an unfinished command may have when they come one by one.
pub const UNFINISHED_LINES_MAX: usize = 1000;
/// Bytes that may be typed while a command runs that does not read them.
pub const TYPED_AHEAD_BYTES_MAX: usize = 16 * 1024;
