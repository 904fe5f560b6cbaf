//! Which test proves each limit at both sides: what is at it is taken, what is beyond is not. A limit without a
//! test, and a bound that is in no table, fail here.
#![allow(clippy::unwrap_used)]

use super::*;
use std::collections::BTreeSet;
use std::path::Path;

/// Limit, the file of its test below the repository, and the test's name.
#[rustfmt::skip]
const PROOFS: &[(&str, &str, &str)] = &[
    ("limits.connections", "e2e/test_slow_clients.py", "test_more_connections_than_the_limit_wait_until_one_of_them_ends"),
    ("limits.headers_wait", "e2e/test_slow_clients.py", "test_whoever_is_slow_is_cut_in_time_while_others_are_served"),
    ("limits.body_wait", "e2e/test_slow_clients.py", "test_whoever_is_slow_is_cut_in_time_while_others_are_served"),
    ("limits.answer_wait", "crates/api/src/taken.rs", "what_is_taken_in_time_begins_a_new_wait"),
    ("limits.phones_per_request", "e2e/bad_input/bodies.py", "sizes"),
    ("limits.jobs_per_project", "e2e/test_overload.py", "test_jobs_of_a_project_and_jobs_in_all_have_a_limit"),
    ("limits.jobs", "e2e/test_overload.py", "test_jobs_of_a_project_and_jobs_in_all_have_a_limit"),
    ("limits.running_per_server", "crates/jobs/src/scheduler.rs", "every_cap_holds_and_is_freed_by_the_end"),
    ("limits.running_per_project", "crates/jobs/src/scheduler.rs", "every_cap_holds_and_is_freed_by_the_end"),
    ("limits.running", "crates/jobs/src/scheduler.rs", "every_cap_holds_and_is_freed_by_the_end"),
    ("limits.queue_budget", "crates/store/src/story_tests.rs", "overdue_jobs_are_reaped_whoever_holds_them"),
    ("limits.execution_budget", "crates/store/src/story_tests.rs", "overdue_jobs_are_reaped_whoever_holds_them"),
    ("limits.lease", "crates/store/src/story_tests.rs", "an_ended_job_never_changes_and_an_old_epoch_writes_nothing"),
    ("emulated.boot_deadline", "crates/runtime/tests/emulated/failing.rs", "each_fault_has_its_reason_and_leaves_the_old_generation_in_force"),
    ("emulated.adb_connections", "e2e/test_limits.py", "test_connections_over_adb_have_a_limit"),
    ("emulated.adb_connections_per_phone", "e2e/test_limits.py", "test_connections_over_adb_have_a_limit"),
    ("emulated.data_mib", "crates/emulator/tests/phones/files.rs", "a_full_phone_keeps_the_old_file_and_lets_it_shrink"),
    ("api.headers_bytes", "e2e/bad_input/raw.py", "fields"),
    ("api.headers", "e2e/bad_input/raw.py", "fields"),
    ("api.body", "e2e/bad_input/bodies.py", "sizes"),
    ("api.large_bodies", "e2e/test_slow_clients.py", "test_large_bodies_have_a_number_of_places"),
    ("api.passwords", "crates/api/src/routes_tests.rs", "only_so_many_passwords_are_checked_at_once"),
    ("api.client_token", "e2e/bad_input/headers.py", "cases"),
    ("api.clock_skew", "e2e/test_signature.py", "test_a_clock_that_is_more_than_15_minutes_off_is_refused"),
    ("api.handshake", "e2e/test_slow_clients.py", "test_a_handshake_that_does_not_end_is_cut"),
    ("wire.entries", "crates/wire/src/phone_batch_tests.rs", "the_number_of_entries_is_bounded"),
    ("wire.update", "crates/wire/src/phone_batch_tests.rs", "both_kinds_of_properties_together_are_bounded"),
    ("wire.servers_per_request", "e2e/bad_input/bodies.py", "sizes"),
    ("wire.request_ids", "crates/wire/src/job.rs", "requests_to_list_the_jobs_of"),
    ("wire.phone_name", "crates/wire/src/phone_tests.rs", "names"),
    ("wire.echo", "e2e/test_limits.py", "test_a_long_id_is_echoed_cut_short"),
    ("wire.phones_per_page", "e2e/bad_input/queries.py", "at_the_limit"),
    ("wire.per_page", "e2e/bad_input/queries.py", "at_the_limit"),
    ("wire.images_per_page", "e2e/bad_input/queries.py", "at_the_limit"),
    ("wire.projects_per_page", "e2e/bad_input/identity.py", "projects"),
    ("wire.login_body", "e2e/bad_input/logins.py", "at_the_limit"),
    ("wire.login_text", "e2e/bad_input/logins.py", "at_the_limit"),
    ("model.id", "e2e/bad_input/ids.py", "at_the_limit"),
    ("model.server_id", "e2e/bad_input/ids.py", "at_the_limit"),
    ("model.property", "crates/model/src/property_tests.rs", "the_merged_text_is_bounded"),
    ("store.token_life", "crates/api/src/routes_tests.rs", "a_token_is_good_until_it_expires"),
    ("store.client_token_kept", "crates/store/src/story_tests.rs", "a_client_token_answers_the_same_and_refuses_another_body"),
    ("store.adb_keys", "crates/store/src/story_tests.rs", "keys_belong_to_a_project_and_are_bounded"),
    ("store.custom_property", "e2e/test_limits.py", "test_custom_properties_have_a_bound"),
    ("store.message", "crates/store/src/hostile_tests.rs", "an_endings_text_is_kept_to_what_a_database_takes"),
    ("jobs.attempts", "crates/jobs/tests/carrying.rs", "three_kills_by_one_job_end_it_and_put_the_phone_back"),
    ("adb.payload", "crates/adb/src/packet.rs", "a_payload_above_the_limit_is_refused_when_its_header_is_there"),
    ("adb.early_payload", "crates/adb/src/packet.rs", "a_payload_above_the_limit_is_refused_when_its_header_is_there"),
    ("adb.sync_data", "crates/adb/src/sync.rs", "a_chunk_above_the_bound_is_an_error_that_stays"),
    ("adb.sync_path", "crates/adb/src/sync.rs", "a_path_is_at_most_1024_bytes_and_its_length_alone_is_refused"),
    ("adb.control", "crates/adb/src/shell.rs", "a_long_window_size_is_refused_before_it_comes"),
    ("adb.key", "crates/adb/src/auth/public.rs", "what_is_no_line_of_base64_is_refused"),
    ("emulator.streams", "crates/emulator/tests/adbd/hostile.rs", "streams_are_counted"),
    ("emulator.boot_wait", "crates/emulator/tests/adbd/coming_in.rs", "nobody_gets_into_a_phone_whose_adbd_stays_down"),
    ("emulator.handshake", "crates/emulator/tests/adbd/hostile.rs", "silence_and_half_a_packet_are_not_waited_for"),
    ("emulator.unauthorized", "crates/emulator/tests/adbd/coming_in.rs", "a_client_without_a_key_is_let_go_in_the_end"),
    ("emulator.write", "crates/emulator/tests/adbd/hostile.rs", "a_client_that_reads_nothing_is_let_go"),
    ("emulator.entries", "crates/emulator/tests/phones/files.rs", "the_number_of_files_is_bounded_too"),
    ("emulator.path", "crates/emulator/tests/phones/files.rs", "hostile_paths_are_refused"),
    ("emulator.name", "crates/emulator/tests/phones/files.rs", "hostile_paths_are_refused"),
    ("emulator.links", "crates/emulator/tests/phones/files.rs", "links_that_lead_nowhere_or_in_circles_end"),
    (
        "emulator.properties_set",
        "crates/emulator/tests/phones/properties.rs",
        "the_properties_of_a_boot_are_bounded_and_the_next_boot_starts_over",
    ),
    ("emulator.property", "crates/emulator/tests/phones/properties.rs", "lengths_differ_for_boot_and_live"),
    ("emulator.boot_property", "crates/emulator/tests/phones/properties.rs", "lengths_differ_for_boot_and_live"),
    ("emulator.packages", "crates/emulator/src/apps/packages/tests.rs", "packages_are_counted"),
    ("emulator.sessions", "crates/emulator/src/programs/system_tests.rs", "an_abandoned_session_leaves_nothing_and_sessions_are_bounded"),
    ("emulator.staged", "crates/emulator/src/programs/system_tests.rs", "files_of_a_session_are_counted"),
    ("emulator.apps", "crates/emulator/src/apps.rs", "the_oldest_app_ends_when_there_are_too_many"),
    ("emulator.log_lines", "crates/emulator/src/logcat.rs", "the_oldest_lines_make_room"),
    ("emulator.log", "crates/emulator/src/logcat.rs", "the_oldest_lines_make_room"),
    ("emulator.log_text", "crates/emulator/src/logcat.rs", "the_oldest_lines_make_room"),
    ("emulator.screen_side", "crates/emulator/src/screen/tests.rs", "the_picture_has_the_size_of_the_screen"),
    ("emulator.screen_apps", "crates/emulator/src/screen/state.rs", "everything_is_bounded"),
    ("emulator.screen_text", "crates/emulator/src/screen/state.rs", "everything_is_bounded"),
    ("emulator.script", "crates/emulator/src/shell/tests/bounds.rs", "a_script_that_is_too_long_is_refused"),
    ("emulator.script_depth", "crates/emulator/src/shell/tests/both_sides.rs", "nesting_has_both_sides"),
    ("emulator.run_depth", "crates/emulator/src/shell/tests/both_sides.rs", "calls_have_both_sides"),
    ("emulator.variable", "crates/emulator/src/shell/tests/both_sides.rs", "a_variable_has_both_sides"),
    ("emulator.variables", "crates/emulator/src/shell/tests/both_sides.rs", "all_variables_have_both_sides"),
    ("emulator.substitution", "crates/emulator/src/shell/tests/both_sides.rs", "a_substitution_has_both_sides"),
    ("emulator.arguments", "crates/emulator/src/shell/tests/both_sides.rs", "arguments_have_both_sides"),
    ("emulator.expansion", "crates/emulator/src/shell/tests/both_sides.rs", "the_words_of_a_command_have_both_sides"),
    ("emulator.glob_names", "crates/emulator/src/shell/tests/both_sides.rs", "names_of_a_pattern_have_both_sides"),
    ("emulator.functions", "crates/emulator/src/shell/tests/both_sides.rs", "functions_have_both_sides"),
    ("emulator.jobs", "crates/emulator/src/shell/tests/both_sides.rs", "jobs_have_both_sides"),
    ("emulator.stages", "crates/emulator/src/shell/tests/both_sides.rs", "stages_and_redirections_have_both_sides"),
    ("emulator.processes", "crates/emulator/src/shell/tests/both_sides.rs", "processes_have_both_sides"),
    ("emulator.redirections", "crates/emulator/src/shell/tests/both_sides.rs", "stages_and_redirections_have_both_sides"),
    ("emulator.line", "crates/emulator/src/shell/line.rs", "history_and_lines_are_bounded"),
    ("emulator.history", "crates/emulator/src/shell/line.rs", "history_and_lines_are_bounded"),
];

/// Bounds that are in no table, by file or folder: nobody outside meets them as a limit of the service.
#[rustfmt::skip]
const OWN: &[(&str, &str)] = &[
    ("adb/src/packet.rs READ_BYTES_MAX", "how much is read in one go"),
    ("adb/src/sync/host.rs", "the client's side"),
    ("api/src/auth/cache.rs", "a look-up that is not kept is made again"),
    ("api/src/serve.rs PARSED_BYTES_MAX", "follows from api.headers_bytes"),
    ("api/src/taken.rs", "of its test"),
    ("emulator/src/adbd/", "how a connection shares out what it holds; its limits are in the table"),
    ("emulator/src/apps/apk", "form of an APK; what is beyond is no APK that can be installed"),
    ("emulator/src/apart.rs", "works that wait for each other"),
    ("emulator/src/apps.rs PID_MAX", "process ids begin anew"),
    ("emulator/src/files/data.rs", "how files are kept"),
    ("emulator/src/phone/derived.rs", "length of a serial number"),
    ("emulator/src/files/disk.rs", "tries for a name"),
    ("emulator/src/emulator.rs", "phone ids, which the service makes itself"),
    ("emulator/src/apps/installer.rs", "how packages are kept"),
    ("emulator/src/files/keeper.rs INDEX_BYTES_MAX", "more was not written by us"),
    ("emulator/src/logcat.rs TAG_BYTES_MAX", "a tag is cut"),
    ("emulator/src/pipe.rs", "a pipe that is full waits"),
    ("emulator/src/programs/", "the work of one command of a phone, refused in the command's own words"),
    ("emulator/src/screen/", "how a picture is drawn"),
    ("emulator/src/apps/settings.rs", "tables of a phone's settings, refused by the command"),
    ("emulator/src/shell/", "the work of one command of the shell"),
    ("emulator/src/files/writer/", "how often an append to a changing file is tried"),
    ("emulator/src/files/tree.rs NAMES_AHEAD_MAX", "follows from emulator.path"),
    ("jobs/src/", "how the worker shares out its work"),
    ("phoneyard/src/", "operator's verbs and the demo, on the operator's own machine"),
    ("runtime/src/", "how a phone is asked for what it runs"),
    ("store/src/accept.rs", "requests wait in turn for the next commit; connections bound their number"),
    ("store/src/audit.rs", "what a row of the audit log keeps is cut; a listing comes in parts"),
    ("store/src/db.rs", "waiting for the database"),
];

fn root() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))
}

fn read(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

#[test]
fn every_limit_is_proven_by_a_test_that_there_is() {
    let limits: Vec<&str> = all(&Config::default()).iter().map(|limit| limit.name).collect();
    let names: BTreeSet<&str> = limits.iter().copied().collect();
    assert_eq!(names.len(), limits.len(), "two limits of one name");
    let proven: BTreeSet<&str> = PROOFS.iter().map(|(name, ..)| *name).collect();
    assert_eq!(names, proven, "limits without a proof, or proofs without a limit");
    for (limit, file, test) in PROOFS {
        let text = read(&root().join(file));
        let word = if Path::new(file).extension().is_some_and(|e| e == "py") { "def" } else { "fn" };
        assert!(text.contains(&format!("{word} {test}(")), "{limit}: there is no {test} in {file}");
    }
}

#[test]
fn every_bound_is_in_a_table_or_known_to_be_our_own() {
    let crates =
        ["adb", "api", "emulator", "gateway", "jobs", "model", "phoneyard", "runtime", "store", "wire"];
    let mut unknown = Vec::new();
    for name in crates {
        let tables = std::fs::read_to_string(root().join(format!("crates/{name}/src/limits.rs")));
        let tables = tables.unwrap_or_default();
        let mut folders = vec![root().join(format!("crates/{name}/src"))];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path);
                    continue;
                }
                let file = path.strip_prefix(root().join("crates")).unwrap().display().to_string();
                let text = read(&path);
                let bounds = bounds(&text).into_iter().filter(|bound| !tables.contains(bound));
                unknown.extend(
                    bounds
                        .map(|bound| format!("{file} {bound}"))
                        .filter(|bound| !OWN.iter().any(|(own, _)| bound.starts_with(own))),
                );
            }
        }
    }
    assert!(unknown.is_empty(), "add these to their crate's limits.rs and PROOFS: {unknown:#?}");
}

/// Names of the constants of a source file that say that they are a bound.
fn bounds(text: &str) -> Vec<&str> {
    text.lines()
        .filter_map(|line| line.split_once("const ")?.1.split(':').next())
        .map(str::trim)
        .filter(|name| name.ends_with("_MAX") || name.ends_with("_TIMEOUT"))
        .collect()
}

#[test]
fn a_bound_is_seen_whoever_may_see_it() {
    let text =
        "const A_MAX: usize = 1;\n    pub(crate) const B_TIMEOUT: Duration = X;\npub const C: u8 = 1;\n";
    assert_eq!(bounds(text), ["A_MAX", "B_TIMEOUT"]);
}

#[test]
fn the_page_in_docs_is_the_table() {
    let page = read(&root().join("docs/limits.md"));
    assert!(page == markdown(), "docs/limits.md is not what the constants say: run `make limits`");
}

#[test]
fn what_is_in_force_and_the_default_are_told_apart() {
    let config: Config = toml::from_str("[limits]\nconnections = 7\nbody_wait = '2s'").unwrap();
    let shown = |name: &str| all(&config).into_iter().find(|limit| limit.name == name).unwrap();
    let connections = shown("limits.connections");
    assert_eq!((connections.value, connections.default), (7, 10_000));
    assert_eq!(shown("limits.body_wait").value, 2000);
    assert_eq!(shown("api.body").value, 12 << 20);
}
