//! What a caller gives beside a table and its rules: the frames they refer to, and the function that some of them are.

use super::arrow::import_stream;
use super::frames::iw_frame;
use super::frames_validate::iw_rule_function;
use super::tick::Running;
use super::{ArrowArrayStream, lent};
use crate::error::Error;
use crate::frames::validate::foreign;
use arrow_array::RecordBatch;
use core::ffi::c_void;

/// Takes over the streams of named frames.
///
/// # Safety
/// `names`, `name_sizes` and `frames` are NULL or hold `count` entries: names in UTF-8 that outlive the call, and NULL
/// or streams of producers that keep the Arrow C stream interface.
pub(super) unsafe fn named(
    names: *const *const u8,
    name_sizes: *const usize,
    frames: *const *mut ArrowArrayStream,
    count: usize,
) -> Result<Vec<foreign::Named>, Error> {
    if count > 0 && (names.is_null() || name_sizes.is_null() || frames.is_null()) {
        return Err(Error::Invalid("frames must not be NULL".into()));
    }
    let mut found: Vec<foreign::Named> = Vec::new();
    for index in 0..count {
        // SAFETY: not NULL; the caller promises count entries.
        unsafe {
            let name = lent::text(*names.add(index), *name_sizes.add(index), "frames")?;
            let reader = import_stream(*frames.add(index), &format!("frames[{name:?}]"))?;
            found.push((name.to_owned(), reader));
        }
    }
    Ok(found)
}

/// Asks a function of the caller's about the rows of a batch.
///
/// # Safety
/// `function` is NULL or keeps its promises as long as the result is used.
pub(super) unsafe fn asker(
    function: iw_rule_function,
    context: *mut c_void,
) -> impl FnMut(usize, RecordBatch) -> Result<Vec<u8>, Error> {
    move |rule, batch| {
        let mut verdicts = vec![2; batch.num_rows()];
        let mut go_on = 0;
        let Some(_running) = Running::begin() else { return Err(Error::Cancelled) };
        if let Some(function) = function {
            let rows = iw_frame::of(batch);
            // SAFETY: the caller promises a callable function; the pointers hold what it is told they do.
            unsafe {
                function(context, rule as u64, &rows, verdicts.as_mut_ptr(), verdicts.len(), &mut go_on);
            }
        }
        if go_on == 0 { Err(Error::Cancelled) } else { Ok(verdicts) }
    }
}
