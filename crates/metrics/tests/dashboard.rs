//! The dashboard and the metrics know each other: what a panel asks for exists, and what exists is shown.
#![allow(clippy::unwrap_used)]

use phoneyard_metrics::limits::Limit;
use phoneyard_metrics::store::{Pool, Statement, Step};
use phoneyard_metrics::{jobs, phones, process, requests, store, text};
use serde_json::Value;
use std::collections::BTreeSet;
use std::path::Path;
use std::time::Duration;

const MOMENT: Duration = Duration::from_millis(3);

/// Makes every metric there is, and answers their names. Every one is made here, so a wrong name or a doubled
/// one breaks this test and not the service.
fn names() -> BTreeSet<String> {
    requests::answered("RestartCloudPhone", requests::OK, MOMENT);
    requests::entries_refused("RestartCloudPhone", "CPS.0005", 1);
    jobs::accepted("phone_restart", 1);
    jobs::ended("phone_restart", jobs::SUCCEEDED, 1);
    jobs::worked("phone_restart", MOMENT);
    jobs::set_running(1);
    jobs::set_queued(1);
    jobs::set_oldest(MOMENT);
    phones::booted("image", "server", MOMENT, MOMENT);
    phones::failed("died", "boot");
    Statement::new("accept::PHONES").ran(MOMENT, false);
    store::waited(Pool::Readers, MOMENT);
    store::waited(Pool::Writers, MOMENT);
    [Step::Accept, Step::Claim, Step::End].into_iter().for_each(|step| store::committed(step, 1));
    store::gathered(1);
    for limit in Limit::ALL {
        limit.set_max(1);
        drop(limit.take());
    }
    process::started("0.0.0", "unknown");
    process::look();
    let text = text();
    let types = text.lines().filter_map(|line| line.strip_prefix("# TYPE "));
    types.map(|rest| rest.split(' ').next().unwrap().to_string()).collect()
}

fn dashboard() -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../dashboards/phoneyard.json");
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

/// Every expression of every panel.
fn expressions(dashboard: &Value) -> Vec<String> {
    let panels = dashboard["panels"].as_array().unwrap().iter();
    let targets = panels.flat_map(|panel| panel["targets"].as_array().into_iter().flatten());
    targets.map(|target| target["expr"].as_str().unwrap().to_string()).collect()
}

/// The metrics that an expression names; a histogram's parts as the histogram.
fn named(expression: &str) -> Vec<String> {
    let word = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let words = expression.split(|c: char| !word(c));
    let ours = words.filter(|word| word.starts_with("phoneyard_") || word.starts_with("process_"));
    ours.map(|name| {
        let whole = ["_bucket", "_sum", "_count"].iter().find_map(|part| name.strip_suffix(part));
        whole.unwrap_or(name).to_string()
    })
    .collect()
}

#[test]
fn every_metric_of_the_dashboard_exists_and_every_metric_is_on_it() {
    let shown: BTreeSet<String> = expressions(&dashboard()).iter().flat_map(|e| named(e)).collect();
    assert_eq!(shown, names());
}

#[test]
fn the_dashboard_asks_the_data_source_that_is_chosen() {
    let dashboard = dashboard();
    let variables = dashboard["templating"]["list"].as_array().unwrap();
    assert!(variables.iter().any(|v| v["name"] == "datasource" && v["type"] == "datasource"));
    let mut panels = 0;
    for panel in dashboard["panels"].as_array().unwrap().iter().filter(|p| p["type"] != "row") {
        panels += 1;
        assert_eq!(panel["datasource"]["uid"], "${datasource}", "{}", panel["title"]);
        for target in panel["targets"].as_array().unwrap() {
            assert_eq!(target["datasource"]["uid"], "${datasource}");
            assert!(target["expr"].as_str().unwrap().contains("job=~\"$job\""), "{}", panel["title"]);
        }
    }
    assert!(panels > 20);
    let mut ids: Vec<i64> =
        dashboard["panels"].as_array().unwrap().iter().map(|panel| panel["id"].as_i64().unwrap()).collect();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), dashboard["panels"].as_array().unwrap().len(), "each panel has an id of its own");
}

#[test]
fn a_histograms_parts_are_the_histogram() {
    assert_eq!(
        named("rate(phoneyard_boot_seconds_bucket{job=~\"$job\"}[5m]) / process_open_fds"),
        ["phoneyard_boot_seconds", "process_open_fds"]
    );
}
