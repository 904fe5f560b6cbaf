//! Work that takes a processor for long, apart from the threads that serve everybody.

use tokio::sync::Semaphore;

/// Such work at the same time: each takes a core, and up to some tens of megabytes.
const WORKS_MAX: usize = 2;

static WORKS: Semaphore = Semaphore::const_new(WORKS_MAX);

/// Does the work on a thread of its own, and gives what it made. Waits while others do theirs; who stops waiting
/// does not stop the work, which keeps its place until it is done. None if it failed.
pub(crate) async fn apart<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Option<T> {
    let turn = WORKS.acquire().await.ok()?;
    let working = tokio::task::spawn_blocking(move || {
        let made = work();
        drop(turn);
        made
    });
    working.await.ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn work_apart_lets_the_only_thread_go_on() {
        let (tell, told) = std::sync::mpsc::channel();
        // It ends only once the thread that waits for it has done something else.
        let work = apart(move || told.recv_timeout(std::time::Duration::from_secs(60)).is_ok());
        let other = async move { tell.send(()).is_ok() };
        assert_eq!(futures::join!(work, other), (Some(true), true));
    }
}
