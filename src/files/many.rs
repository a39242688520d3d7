//! One job on many files: small ones side by side, a large one on every thread.
#![forbid(unsafe_code)]

use crate::error::Error;
use crate::exec;
use crate::progress::{Progress, Pulse};
use std::path::Path;

/// What a file gave: a result, or why there is none.
pub type Outcome<T> = Result<T, Error>;

/// Runs a job on every path, and answers in their order. The progress counts files.
///
/// `one` does a file on one thread, or answers `None` for one that `all` is to do, later and alone,
/// with every thread. Without `keep_going` the first file in order that fails ends the job with its
/// error; with it a file's trouble is its result. Running out of memory, and cancelling, always end it.
pub(super) fn each<P: AsRef<Path> + Sync, T: Send>(
    paths: &[P],
    keep_going: bool,
    progress: &Progress<'_>,
    one: impl Fn(&Path, &Pulse<'_>) -> Result<Option<T>, Error> + Sync,
    all: impl Fn(&Path, &Progress<'_>) -> Result<T, Error>,
) -> Result<Vec<Outcome<T>>, Error> {
    progress.set_total(paths.len() as u64);
    let kept = |outcome: Outcome<Option<T>>| match outcome {
        Err(error @ (Error::Io { .. } | Error::Invalid(_))) if keep_going => Ok(Err(error)),
        Err(error) => Err(error),
        Ok(done) => Ok(Ok(done)),
    };
    let first = exec::map(paths.iter(), progress, |path, pulse| {
        let outcome = kept(one(path.as_ref(), pulse))?;
        pulse.add(u64::from(!matches!(outcome, Ok(None))))?;
        Ok(outcome)
    })?;
    let pulse = progress.pulse();
    let mut outcomes = Vec::new();
    outcomes.try_reserve_exact(paths.len())?;
    for (path, outcome) in paths.iter().zip(first) {
        outcomes.push(match outcome {
            Err(error) => Err(error),
            Ok(Some(done)) => Ok(done),
            Ok(None) => {
                // Its own count of bytes must not mix with ours of files; cancelling must reach it.
                let inner = Progress::new(|_, _| pulse.check().is_ok());
                let outcome = kept(all(path.as_ref(), &inner).map(Some))?;
                pulse.add(1)?;
                outcome.map(|done| done.expect("`all` always answers with a result"))
            }
        });
    }
    Ok(outcomes)
}
