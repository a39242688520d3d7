//! Worker threads, in one room.
//!
//! Threads are scoped to the call: they start with it and are joined before it returns, so a process
//! that forks (multiprocessing, gunicorn, PySpark's daemon) hands its child no pool of dead threads.
//! The price, measured in docs/benchmarks.md, is 25-60 us a call; work below [`SEQUENTIAL_BELOW`]
//! does not pay it.
#![forbid(unsafe_code)]

use crate::error::Error;
use crate::progress::{Progress, Pulse};
use std::panic::resume_unwind;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

/// Elements below which a plain pass over numbers ends before a second thread has started.
pub const SEQUENTIAL_BELOW: usize = 100_000;

/// How long the calling thread sleeps between ticks once it has no work of its own left.
const WAIT: Duration = Duration::from_millis(20);

/// Most threads a caller may ask for; far above any machine, far below what a kernel refuses.
const MOST: usize = 1024;

static CHOSEN: AtomicUsize = AtomicUsize::new(0); // 0: nobody has asked; see threads()
static DEFAULT: AtomicUsize = AtomicUsize::new(0); // 0: not looked up yet

/// Number of threads a call may use: [`set_threads`], else `IRONWHEEL_NUM_THREADS`, else
/// `OMP_NUM_THREADS`, else the CPUs this process may use (affinity mask and cgroup quota).
///
/// The environment is read once.
///
/// # Errors
/// [`Error::Invalid`] when `IRONWHEEL_NUM_THREADS` is not a number in `1..=1024`.
pub fn threads() -> Result<usize, Error> {
    let chosen = CHOSEN.load(Ordering::Relaxed);
    if chosen != 0 {
        return Ok(chosen);
    }
    let cached = DEFAULT.load(Ordering::Relaxed);
    if cached != 0 {
        return Ok(cached);
    }
    let read = |name| std::env::var_os(name).map(|value| value.to_string_lossy().into_owned());
    let found = default_threads(read("IRONWHEEL_NUM_THREADS"), read("OMP_NUM_THREADS"))?;
    DEFAULT.store(found, Ordering::Relaxed);
    Ok(found)
}

/// Sets the number of threads for every later call of this process; `None` goes back to the default.
///
/// # Errors
/// [`Error::Invalid`] outside `1..=1024`.
pub fn set_threads(count: Option<usize>) -> Result<(), Error> {
    if let Some(count) = count
        && !(1..=MOST).contains(&count)
    {
        return Err(Error::Invalid(format!("threads must be in 1..={MOST}, got {count}")));
    }
    CHOSEN.store(count.unwrap_or(0), Ordering::Relaxed);
    Ok(())
}

fn default_threads(own: Option<String>, openmp: Option<String>) -> Result<usize, Error> {
    if let Some(text) = own.filter(|text| !text.trim().is_empty()) {
        return match text.trim().parse() {
            Ok(count) if (1..=MOST).contains(&count) => Ok(count),
            _ => Err(Error::Invalid(format!(
                "IRONWHEEL_NUM_THREADS must be a number in 1..={MOST}, got {text:?}"
            ))),
        };
    }
    // OpenMP's variable is a list, one number a nesting level, and is not ours to complain about.
    if let Some(first) = openmp.as_deref().and_then(|list| list.split(',').next())
        && let Ok(count) = first.trim().parse::<usize>()
        && count > 0
    {
        return Ok(count.min(MOST));
    }
    Ok(cpus())
}

/// The processors this process may use, at least one.
fn cpus() -> usize {
    // The standard library reads sched_getaffinity and both cgroup versions; on Windows it counts them all.
    let all = thread::available_parallelism().map_or(1, |count| count.get());
    #[cfg(windows)]
    return crate::ffi::affinity().map_or(all, |allowed| allowed.min(all));
    #[cfg(not(windows))]
    all
}

/// Applies `work` to every item, on several threads, and returns the results in the items' order.
///
/// The calling thread works too, and is the only one whose [`Pulse`] ticks. Items are handed out
/// one by one in order, so unequal ones balance; make each last well under 100 ms, or call
/// [`Pulse::add`] inside, because that is where cancelling happens. With one thread or one item
/// nothing is started.
///
/// # Errors
/// The error of the first item, in order, that failed; no further items are handed out after it.
/// [`Error::Cancelled`] when the progress said stop. A panic of `work` continues on the caller.
pub fn map<I, T>(
    items: I,
    progress: &Progress<'_>,
    work: impl Fn(I::Item, &Pulse<'_>) -> Result<T, Error> + Sync,
) -> Result<Vec<T>, Error>
where
    I: ExactSizeIterator + Send,
    I::Item: Send,
    T: Send,
{
    let count = items.len();
    let workers = threads()?.min(count);
    if workers < 2 {
        let pulse = progress.pulse();
        return items.map(|item| work(item, &pulse)).collect();
    }
    let queue = Mutex::new(Some(items.enumerate()));
    let running = Running::default();
    let next = || lock(&queue).as_mut().and_then(Iterator::next); // a call, so that the lock ends with it
    let take_all = |pulse: Pulse<'_>| {
        let mut done = Vec::new();
        while let Some((index, item)) = next() {
            let result = pulse.check().and_then(|()| work(item, &pulse));
            let failed = result.is_err();
            done.push((index, result));
            if failed {
                *lock(&queue) = None; // items already out finish, so the first error is the same every run
            }
        }
        done
    };
    let mut results = thread::scope(|scope| {
        let handles: Vec<_> = (1..workers)
            .map_while(|number| {
                let running = running.enter();
                let (shared, take_all) = (&progress.shared, &take_all);
                let body = move || {
                    let _running = running; // leaves when the thread ends, by panic too
                    take_all(Pulse::worker(shared))
                };
                let name = format!("ironwheel-{number}");
                // A system out of threads gives fewer workers, not a failed call.
                thread::Builder::new().name(name).spawn_scoped(scope, body).ok()
            })
            .collect();
        let mut results = take_all(progress.pulse());
        running.wait(|| {
            // Its answer is in the shared flag, which the workers see and report themselves.
            let _ = progress.poll();
        });
        for handle in handles {
            results.extend(handle.join().unwrap_or_else(|payload| resume_unwind(payload)));
        }
        results
    });
    results.sort_unstable_by_key(|(index, _)| *index);
    results.into_iter().map(|(_, result)| result).collect()
}

/// A lock whose holder cannot leave broken state behind, so a panic elsewhere does not matter.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Counts the workers still running, for a caller that waits and ticks.
#[derive(Default)]
struct Running {
    count: Mutex<usize>,
    left: Condvar,
}

struct Entered<'r>(&'r Running);

impl Running {
    fn enter(&self) -> Entered<'_> {
        *lock(&self.count) += 1;
        Entered(self)
    }

    fn wait(&self, mut meanwhile: impl FnMut()) {
        let mut count = lock(&self.count);
        while *count > 0 {
            count = self.left.wait_timeout(count, WAIT).unwrap_or_else(PoisonError::into_inner).0;
            if *count > 0 {
                drop(count);
                meanwhile();
                count = lock(&self.count);
            }
        }
    }
}

impl Drop for Entered<'_> {
    fn drop(&mut self) {
        *lock(&self.0.count) -= 1;
        self.0.left.notify_one();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::AtomicBool;

    fn with_threads<T>(count: usize, body: impl FnOnce() -> T) -> T {
        static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());
        let _alone = lock(&ONE_AT_A_TIME);
        set_threads(Some(count)).unwrap();
        let result = body();
        set_threads(None).unwrap();
        result
    }

    #[test]
    fn results_come_in_the_order_of_the_items() {
        for count in [1, 2, 7] {
            let squares =
                with_threads(count, || map(0..1000_usize, &Progress::silent(), |n, _| Ok(n * n)).unwrap());
            assert_eq!(squares, (0..1000).map(|n| n * n).collect::<Vec<_>>());
        }
    }

    #[test]
    fn chunks_of_a_slice_are_written_in_place() {
        let mut out = vec![0_usize; 1001];
        with_threads(3, || {
            let chunks = out.chunks_mut(10).enumerate();
            map(chunks, &Progress::silent(), |(part, chunk), _| {
                chunk.iter_mut().enumerate().for_each(|(i, x)| *x = part * 10 + i);
                Ok(())
            })
            .unwrap();
        });
        assert!(out.iter().enumerate().all(|(i, x)| i == *x));
    }

    #[test]
    fn the_first_error_in_order_is_returned_every_time() {
        for _ in 0..100 {
            let error = with_threads(4, || {
                map(0..200_u32, &Progress::silent(), |n, _| {
                    if n % 50 == 49 { Err(Error::Invalid(n.to_string())) } else { Ok(()) }
                })
                .unwrap_err()
            });
            assert_eq!(error.to_string(), "49");
        }
    }

    #[test]
    fn the_tick_runs_on_the_calling_thread_while_workers_work() {
        let caller = thread::current().id();
        let mut ticks = 0;
        let progress = Progress::new(|_, _| {
            assert_eq!(thread::current().id(), caller);
            ticks += 1;
            true
        });
        with_threads(2, || {
            map(0..2, &progress, |_, pulse| {
                for _ in 0..30 {
                    thread::sleep(Duration::from_millis(5));
                    pulse.add(1)?;
                }
                Ok(())
            })
            .unwrap();
        });
        drop(progress);
        assert!(ticks >= 1);
    }

    #[test]
    fn a_refusing_tick_stops_every_worker() {
        let progress = Progress::new(|_, _| false);
        let error = with_threads(3, || {
            map(0..3, &progress, |_, pulse| {
                loop {
                    thread::sleep(Duration::from_millis(1));
                    pulse.add(1)?;
                }
                #[allow(unreachable_code)] // the loop ends only by `?`; this gives the closure its type
                Ok(())
            })
            .unwrap_err()
        });
        assert!(matches!(error, Error::Cancelled));
    }

    #[test]
    fn a_panic_in_a_worker_reaches_the_caller_after_all_have_stopped() {
        let ended = AtomicBool::new(false);
        let caught = with_threads(2, || {
            std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
                map(0..64, &Progress::silent(), |n, _| {
                    if n == 3 {
                        panic!("item {n}");
                    }
                    thread::sleep(Duration::from_millis(1));
                    ended.store(true, Ordering::Relaxed);
                    Ok(())
                })
            }))
        });
        assert_eq!(caught.unwrap_err().downcast_ref::<String>().unwrap(), "item 3");
        assert!(ended.load(Ordering::Relaxed));
    }

    #[test]
    fn environment_chooses_the_default() {
        let of = |own: &str, openmp: &str| default_threads(Some(own.to_owned()), Some(openmp.to_owned()));
        assert_eq!(of("3", "5").unwrap(), 3);
        assert_eq!(of("", "5,2").unwrap(), 5);
        assert!(of("", "nonsense").unwrap() >= 1);
        for wrong in ["0", "-1", "many", "99999999999999999999"] {
            let message = of(wrong, "").unwrap_err().to_string();
            assert!(message.contains("IRONWHEEL_NUM_THREADS") && message.contains(wrong));
        }
        assert!(set_threads(Some(0)).is_err() && set_threads(Some(MOST + 1)).is_err());
    }
}
