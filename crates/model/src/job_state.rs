//! The states of a job, and the one function that moves it from one to the next.
//!
//! ```text
//!   1 ──► 2      1 also while queued; 2 and -1 are final    (contract/statuses.md)
//!   └───► -1
//! ```

/// A job's status; the numbers are the wire's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum JobStatus {
    /// 1: queued or running.
    Running,
    /// 2: ended well.
    Succeeded,
    /// -1: ended badly.
    Failed,
}

impl JobStatus {
    /// The wire and storage number.
    pub const fn number(self) -> i64 {
        match self {
            Self::Running => 1,
            Self::Succeeded => 2,
            Self::Failed => -1,
        }
    }

    /// The status of a number.
    pub fn from_number(number: i64) -> Option<Self> {
        [Self::Running, Self::Succeeded, Self::Failed].into_iter().find(|s| s.number() == number)
    }
}

/// How a job ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Event {
    /// It did what was asked, and that was proven.
    Succeed,
    /// It did not.
    Fail,
}

/// The next status; none when the job has ended already: an ended job never changes.
pub fn next(status: JobStatus, event: Event) -> Option<JobStatus> {
    match (status, event) {
        (JobStatus::Running, Event::Succeed) => Some(JobStatus::Succeeded),
        (JobStatus::Running, Event::Fail) => Some(JobStatus::Failed),
        (JobStatus::Succeeded | JobStatus::Failed, _) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ended_jobs_never_change() {
        assert_eq!(next(JobStatus::Running, Event::Succeed), Some(JobStatus::Succeeded));
        assert_eq!(next(JobStatus::Running, Event::Fail), Some(JobStatus::Failed));
        for ended in [JobStatus::Succeeded, JobStatus::Failed] {
            assert_eq!(next(ended, Event::Succeed), None);
            assert_eq!(next(ended, Event::Fail), None);
        }
    }
}
