//! Why worker threads are scoped to the call: a thread pool does not survive `fork`, ours does.
//!
//! `fork` copies the memory of a process and one of its threads. A pool made before it still lists
//! its workers in the child, hands them work and waits for them, and they do not exist there.
//! multiprocessing, gunicorn and PySpark's daemon all fork after importing.
#![cfg(unix)]

use ironwheel::error::Error;
use ironwheel::exec;
use ironwheel::progress::Progress;
use rayon::prelude::*;
use std::sync::Mutex;

/// How a child process ended.
#[derive(Debug, PartialEq, Eq)]
enum Ended {
    Exit(i32),
    Killed(i32),
}

/// Forking while another test starts threads would make a failure hard to read.
static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());

/// Runs `body` in a forked child, which an alarm kills after `seconds`; true is exit status 0.
fn in_child(seconds: u32, body: impl FnOnce() -> bool) -> Ended {
    // SAFETY: the child runs `body` and leaves through _exit: no destructor of the parent's, no
    // test harness, no flushing of the parent's buffers.
    let child = unsafe { libc::fork() };
    assert!(child >= 0, "fork: {}", std::io::Error::last_os_error());
    if child == 0 {
        // SAFETY: plain system calls. The default action of SIGALRM ends the process.
        unsafe {
            libc::signal(libc::SIGALRM, libc::SIG_DFL);
            libc::alarm(seconds);
        }
        let status = match std::panic::catch_unwind(std::panic::AssertUnwindSafe(body)) {
            Ok(true) => 0,
            Ok(false) => 1,
            Err(_) => 2,
        };
        // SAFETY: ends the child here and now.
        unsafe { libc::_exit(status) }
    }
    let mut status = 0;
    // SAFETY: `child` is ours and not yet waited for; `status` outlives the call.
    let waited = unsafe { libc::waitpid(child, &mut status, 0) };
    assert_eq!(waited, child, "waitpid: {}", std::io::Error::last_os_error());
    if libc::WIFSIGNALED(status) {
        Ended::Killed(libc::WTERMSIG(status))
    } else {
        Ended::Exit(libc::WEXITSTATUS(status))
    }
}

const ITEMS: u64 = 64;

fn expected() -> u64 {
    (0..ITEMS).map(|n| n * n).sum()
}

fn with_rayon() -> u64 {
    (0..ITEMS).into_par_iter().map(|n| n * n).sum()
}

fn with_exec() -> Result<u64, Error> {
    let squares = exec::map(0..ITEMS as usize, &Progress::silent(), |n, pulse| {
        pulse.add(1)?;
        Ok((n * n) as u64)
    })?;
    Ok(squares.into_iter().sum())
}

#[test]
fn a_global_pool_hangs_in_a_forked_child() {
    let _alone = ONE_AT_A_TIME.lock().unwrap();
    rayon::ThreadPoolBuilder::new().num_threads(2).build_global().unwrap();
    assert_eq!(with_rayon(), expected()); // the pool is up, and right
    assert_eq!(in_child(2, || with_rayon() == expected()), Ended::Killed(libc::SIGALRM));
    assert_eq!(with_rayon(), expected()); // the parent's is none the worse
}

#[test]
fn our_workers_work_in_a_forked_child_and_in_its_child() {
    let _alone = ONE_AT_A_TIME.lock().unwrap();
    exec::set_threads(Some(4)).unwrap();
    assert_eq!(with_exec().unwrap(), expected());
    let ended = in_child(60, || {
        let here = with_exec().unwrap() == expected();
        let below = in_child(30, || with_exec().unwrap() == expected());
        here && below == Ended::Exit(0) && with_exec().unwrap() == expected()
    });
    assert_eq!(ended, Ended::Exit(0));
    assert_eq!(with_exec().unwrap(), expected());
    exec::set_threads(None).unwrap();
}

#[test]
fn a_fork_in_the_middle_of_a_call_leaves_the_child_able_to_call() {
    let _alone = ONE_AT_A_TIME.lock().unwrap();
    exec::set_threads(Some(4)).unwrap();
    std::thread::scope(|scope| {
        let busy = scope.spawn(|| {
            exec::map(0..8_usize, &Progress::silent(), |n, _| {
                std::thread::sleep(std::time::Duration::from_millis(25));
                Ok(n)
            })
        });
        for _ in 0..5 {
            assert_eq!(in_child(60, || with_exec().unwrap() == expected()), Ended::Exit(0));
        }
        assert_eq!(busy.join().unwrap().unwrap(), (0..8).collect::<Vec<_>>());
    });
    exec::set_threads(None).unwrap();
}
