//! A runtime that does what a script says and logs it.

use async_trait::async_trait;
use model::id::{PhoneId, ServerId};
use runtime::{AdbCall, PhoneSpec, Reason, Runtime, RuntimeError, Stage, Want, Wish};
use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// What one call does.
#[derive(Debug, Clone)]
pub enum Act {
    /// Succeeds after that many milliseconds.
    Ok(u64),
    /// Fails.
    Fail(Reason),
    /// Panics.
    Panic,
    /// Never answers.
    Hang,
}

/// A call.
#[derive(Debug, Clone)]
pub struct Call {
    pub spec: PhoneSpec,
    pub want: Want,
}

#[derive(Default)]
struct Inner {
    script: HashMap<PhoneId, VecDeque<Act>>,
    calls: Vec<Call>,
    now: HashMap<ServerId, usize>,
    most_per_server: usize,
    most: usize,
}

/// The runtime. What the script does not name follows `otherwise`.
pub struct Scripted {
    inner: Mutex<Inner>,
    otherwise: Mutex<Act>,
}

impl Scripted {
    pub fn new(otherwise: Act) -> Arc<Self> {
        Arc::new(Self { inner: Mutex::default(), otherwise: Mutex::new(otherwise) })
    }

    pub fn script(&self, phone: &PhoneId, acts: impl IntoIterator<Item = Act>) {
        self.inner.lock().unwrap().script.insert(phone.clone(), acts.into_iter().collect());
    }

    pub fn otherwise(&self, act: Act) {
        *self.otherwise.lock().unwrap() = act;
    }

    /// Calls so far, in their order.
    pub fn calls(&self) -> Vec<Call> {
        self.inner.lock().unwrap().calls.clone()
    }

    /// Calls for a phone so far.
    pub fn calls_of(&self, phone: &PhoneId) -> Vec<Call> {
        self.calls().into_iter().filter(|call| call.spec.phone_id == *phone).collect()
    }

    /// Most calls under way at once on one server, and in all.
    pub fn most(&self) -> (usize, usize) {
        let inner = self.inner.lock().unwrap();
        (inner.most_per_server, inner.most)
    }

    /// Calls under way now.
    pub fn under_way(&self) -> usize {
        self.inner.lock().unwrap().now.values().sum()
    }

    fn begin(&self, spec: &PhoneSpec, want: &Want) -> Act {
        let mut inner = self.inner.lock().unwrap();
        inner.calls.push(Call { spec: spec.clone(), want: want.clone() });
        let here = inner.now.entry(spec.server_id.clone()).or_default();
        *here += 1;
        let here = *here;
        inner.most_per_server = inner.most_per_server.max(here);
        inner.most = inner.most.max(inner.now.values().sum());
        let act = inner.script.get_mut(&spec.phone_id).and_then(VecDeque::pop_front);
        act.unwrap_or_else(|| self.otherwise.lock().unwrap().clone())
    }
}

/// Counts a call as over, also when it is dropped.
struct UnderWay<'a>(&'a Scripted, ServerId);

impl Drop for UnderWay<'_> {
    fn drop(&mut self) {
        *self.0.inner.lock().unwrap().now.get_mut(&self.1).unwrap() -= 1;
    }
}

#[async_trait]
impl Runtime for Scripted {
    async fn apply(&self, spec: &PhoneSpec, want: &Want) -> Result<(), RuntimeError> {
        let act = self.begin(spec, want);
        let _under_way = UnderWay(self, spec.server_id.clone());
        match act {
            Act::Ok(ms) => tokio::time::sleep(Duration::from_millis(ms)).await,
            Act::Fail(reason) => return Err(RuntimeError::new(reason, Stage::Start, "")),
            Act::Panic => panic!("as the script says"),
            Act::Hang => std::future::pending().await,
        }
        Ok(())
    }

    async fn dead(&self, _server: &ServerId) -> Result<Vec<PhoneId>, RuntimeError> {
        if matches!(*self.otherwise.lock().unwrap(), Act::Hang) {
            return std::future::pending().await;
        }
        Ok(Vec::new())
    }

    async fn serve_adb(&self, _spec: &PhoneSpec, _call: AdbCall) -> Result<(), RuntimeError> {
        Err(RuntimeError::new(Reason::Refused, Stage::Adb, "not in the script"))
    }

    async fn wish(&self) -> Wish {
        std::future::pending().await
    }

    async fn wish_stands(&self, _wish: &Wish) -> bool {
        false
    }

    async fn grant(&self, _wish: &Wish) {}
}
