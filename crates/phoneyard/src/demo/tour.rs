//! The tour: restart phones with a new image and new properties, meet a refusal and a failed boot, and end
//! with every phone running.

use super::Yard;
use super::client::Client;
use crate::operator::{self, Command};
use crate::service::Service;
use serde_json::{Value, json};
use std::collections::HashMap;
use std::io::{IsTerminal, Write};
use std::time::Duration;
use tokio::time::{Instant, sleep};
use wire::job::Job;
use wire::phone::{CloudPhoneDetail, CloudPhones};
use wire::phone_batch::PhoneJobs;

const RUNNING: i64 = 1;
const SUCCEEDED: i64 = 2;
const FAILED: i64 = -1;
/// Phones in one request: the service's default limit.
const BATCH: usize = 1000;
const POLL: Duration = Duration::from_millis(200);
/// A well-formed id that no phone has.
const UNKNOWN: &str = "00000000000000000000000000000000";
pub(super) const NUMBER: &str = "13666666666";

/// Takes the tour.
pub(super) async fn run(client: &Client, yard: &Yard, service: &Service) -> Result<(), String> {
    let list: CloudPhones = client.get("phones?limit=1").await?;
    say!("\n{} phones on server {}", list.count, yard.server_id);
    let first = &yard.phone_ids[0];
    let broken = yard.phone_ids.last().ok_or("no phones")?;
    say!("\nBefore:");
    show(&client.phone(first).await?);

    let short = &broken[broken.len() - 6..];
    say!("\nPhone ..{short} gets a fault: it dies while booting.");
    fault(service, broken, "dies-while-booting").await?;
    let (restarted, refused) = restart(client, yard).await?;
    for entry in &refused {
        say!("  refused at once: {} {} {}", entry.0, entry.1, entry.2);
    }
    let jobs = follow(client, &restarted).await?;
    for job in jobs.values().filter(|job| job.status == FAILED) {
        let text = |field: &Option<String>| field.clone().unwrap_or_default();
        say!("  failed: {} {} {}", text(&job.phone_id), text(&job.error_code), text(&job.error_msg));
    }
    check(yard, &jobs, &refused)?;

    say!("\nAfter:");
    let after = client.phone(first).await?;
    show(&after);
    if after.image_id != yard.new_image || !after.property.contains(NUMBER) {
        return Err("the phone does not show its new image and properties".into());
    }
    say!("\nThe broken one keeps its old image and properties:");
    show(&client.phone(broken).await?);
    fault(service, broken, "none").await?;
    say!("\nIts fault is cleared; a reset brings it back:");
    let body = json!({"phones": [{"phone_id": broken}]});
    let reset = client.post("phones/batch-reset", &body).await?;
    if let Some(entry) = reset.jobs.iter().find(|entry| entry.error_code.is_some()) {
        return Err(format!("the reset was refused: {entry:?}"));
    }
    let jobs = follow(client, std::slice::from_ref(&reset)).await?;
    if jobs.values().any(|job| job.status != SUCCEEDED) {
        return Err("the reset failed".into());
    }
    show(&client.phone(broken).await?);
    let running: CloudPhones = client.get("phones?status=2&limit=1").await?;
    say!("\n{} of {} phones are running.", running.count, list.count);
    if running.count != list.count { Err("not all phones are running".into()) } else { Ok(()) }
}

async fn fault(service: &Service, phone_id: &str, fault: &str) -> Result<(), String> {
    let command = Command::PhoneFault { phone_id: phone_id.into(), fault: fault.into() };
    operator::perform(&service.store, Some(&service.runtime), command).await.map(drop)
}

/// Phone, code and text of a refused entry.
type Refused = (String, String, String);

/// Restarts every phone with the new image and a phone number, and one that there is not.
async fn restart(client: &Client, yard: &Yard) -> Result<(Vec<PhoneJobs>, Vec<Refused>), String> {
    let property = json!({ "sys.prop.writephonenum": NUMBER, "com.cph.mainkeys": "1" }).to_string();
    let entry = |id: &str| json!({ "phone_id": id, "property": property });
    let mut entries: Vec<Value> = yard.phone_ids.iter().map(|id| entry(id)).collect();
    entries.insert(1, entry(UNKNOWN));
    say!("\nPOST .../phones/batch-restart: {} entries, image {}", entries.len(), yard.new_image);
    let mut answers = Vec::new();
    for batch in entries.chunks(BATCH) {
        let body = json!({ "image_id": yard.new_image, "phones": batch });
        answers.push(client.post("phones/batch-restart", &body).await?);
    }
    let entries = answers.iter().flat_map(|answer| &answer.jobs);
    let refused = entries.filter_map(|entry| {
        let code = entry.error_code.clone()?;
        Some((entry.phone_id.clone(), code, entry.error_msg.clone().unwrap_or_default()))
    });
    let refused = refused.collect();
    Ok((answers, refused))
}

/// Follows all jobs of the requests to their end.
async fn follow(client: &Client, answers: &[PhoneJobs]) -> Result<HashMap<String, Job>, String> {
    let started = Instant::now();
    let mut shown = String::new();
    loop {
        let mut jobs = HashMap::new();
        for answer in answers {
            jobs.extend(client.jobs(&answer.request_id).await?);
        }
        let count = |status| jobs.values().filter(|job| job.status == status).count();
        let (running, good, bad) = (count(RUNNING), count(SUCCEEDED), count(FAILED));
        let line = format!("  jobs: {running} running, {good} succeeded, {bad} failed");
        if line != shown {
            progress(&line, running == 0);
            shown = line;
        }
        if running == 0 {
            say!("  all ended after {:.1} s", started.elapsed().as_secs_f64());
            return Ok(jobs);
        }
        sleep(POLL).await;
    }
}

/// On a terminal the line is written over, elsewhere each is a line of its own.
fn progress(line: &str, last: bool) {
    if std::io::stdout().is_terminal() && !last {
        print!("\r{line}   ");
        let _ = std::io::stdout().flush();
    } else if std::io::stdout().is_terminal() {
        say!("\r{line}   ");
    } else {
        say!("{line}");
    }
}

/// One refusal, one failure, everything else good: the tour is a test too.
fn check(yard: &Yard, jobs: &HashMap<String, Job>, refused: &[Refused]) -> Result<(), String> {
    let good = jobs.values().filter(|job| job.status == SUCCEEDED).count();
    if refused.len() != 1 || good + 1 != yard.phone_ids.len() || jobs.len() != yard.phone_ids.len() {
        return Err(format!("{} refused, {good} of {} jobs succeeded", refused.len(), jobs.len()));
    }
    Ok(())
}

fn show(phone: &CloudPhoneDetail) {
    say!(
        "  {}  status {}  image {} ({})  property {}",
        phone.phone_name,
        phone.status,
        phone.image_id,
        phone.image_version,
        phone.property
    );
}
