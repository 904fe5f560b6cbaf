//! Work that takes a processor for long, apart from the threads that serve everybody.

use std::sync::LazyLock;
use tokio::sync::Semaphore;

/// Cores that such work leaves to everybody else, if there are more.
const CORES_LEFT: usize = 1;

/// A permit for each work at the same time: it takes a core, and up to some tens of megabytes.
static WORKS: LazyLock<Semaphore> = LazyLock::new(|| {
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    Semaphore::new(works_max(cores))
});

/// How many works there are at the same time on so many cores.
fn works_max(cores: usize) -> usize {
    cores.saturating_sub(CORES_LEFT).max(1)
}

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

    #[test]
    fn a_core_is_left_to_everybody_else() {
        assert_eq!([1, 2, 8].map(works_max), [1, 1, 7]);
    }

    #[tokio::test]
    async fn work_apart_lets_the_only_thread_go_on() {
        let (tell, told) = std::sync::mpsc::channel();
        // It ends only once the thread that waits for it has done something else.
        let work = apart(move || told.recv_timeout(std::time::Duration::from_secs(60)).is_ok());
        let other = async move { tell.send(()).is_ok() };
        assert_eq!(futures::join!(work, other), (Some(true), true));
    }
}
