//! Exports of `crate::frames::validate::validation`: a table checked in pieces.

use super::arrow::import_stream;
use super::frames::handle;
use super::frames_given::{asker, named};
use super::frames_validate::{iw_report, iw_rule_function, iw_rules};
use super::tick::progress;
use super::{ArrowArrayStream, guard, iw_bytes, iw_status, iw_tick, lent};
use crate::error::Error;
use crate::frames::validate::validation::{Custom, Validation};
use core::ffi::c_void;

/// What rules found in a piece of a table, to be put together with what they found in the others.
pub struct iw_validation(Validation);

/// Checks rules against a piece of a table, for a report on the whole of it.
///
/// The pieces may be checked anywhere and at any time; what was found in each goes where the report is made, by
/// `iw_validation_to_bytes` and `iw_validation_from_bytes`. `iw_validations_merge` puts it together in the order of the
/// rows, and `iw_validation_report` then says what `iw_frames_validate` says of the whole table. A function is asked
/// about the rows of one piece at a time.
///
/// Beside what `iw_frames_validate` keeps (one bit a failing row at most, and for each rule of uniqueness 8 or 16
/// bytes a row) a state takes a few bytes a rule.
///
/// @param data             moved out: it is left released whatever the status
/// @param rules            from `iw_rules_new`
/// @param frame_names      names of the frames that foreign keys refer to, UTF-8
/// @param frame_name_sizes bytes of each name
/// @param frames           a stream for each name, the whole of that frame for every piece; those that were moved out
///                         are left released
/// @param frame_count      number of frames
/// @param function         called for rules that are functions, or NULL where there are none
/// @param function_context handed to `function` unread
/// @param now              nanoseconds since 1970-01-01T00:00:00Z that `now()` and freshness go by, the same for every
///                         piece; NULL for the moment of this call: then freshness goes by that of the first call,
///                         `now()` in an expression by that of the piece
/// @param tick             called about every 40 ms with rows times rules done, of an unknown total, or NULL
/// @param tick_context     handed to `tick` unread
/// @param out              receives the state, to be freed by `iw_validation_free`
/// @return IW_OK, whether or not the rules hold; else as `iw_frames_validate`
///
/// # Safety
/// `data` and each of `frames` are NULL or point to streams of producers that keep the Arrow C stream interface.
/// `rules` is NULL or live. `frame_names`, `frame_name_sizes` and `frames` hold `frame_count` entries. `function`
/// keeps its promises. `now` is NULL or readable. `out` is NULL or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn iw_frames_validation(
    data: *mut ArrowArrayStream,
    rules: *const iw_rules,
    frame_names: *const *const u8,
    frame_name_sizes: *const usize,
    frames: *const *mut ArrowArrayStream,
    frame_count: usize,
    function: iw_rule_function,
    function_context: *mut c_void,
    now: *const i64,
    tick: iw_tick,
    tick_context: *mut c_void,
    out: *mut *mut iw_validation,
) -> iw_status {
    guard(|| {
        // SAFETY: the caller's promises are the same.
        let (mut reader, rules, out) =
            unsafe { (import_stream(data, "data")?, handle(rules, "rules")?, lent::out(out, "out")?) };
        // SAFETY: the caller's promises are the same.
        let others = unsafe { named(frame_names, frame_name_sizes, frames, frame_count) }?;
        // SAFETY: the caller's promise is the same.
        let now = unsafe { now.as_ref() }.map(|now| i128::from(*now));
        // SAFETY: the tick is used on this thread and until this call returns.
        let progress = unsafe { progress(tick, tick_context) };
        // SAFETY: the caller's promise is the same.
        let mut ask = unsafe { asker(function, function_context) };
        let custom: Option<&mut Custom<'_>> = if function.is_some() { Some(&mut ask) } else { None };
        let made = Validation::of(reader.as_mut(), &rules.0, others, custom, now, &progress)?;
        out.write(Box::into_raw(Box::new(iw_validation(made))));
        Ok(())
    })
}

/// What rules found in all of several pieces, as if these had been one; the states stay as they are.
///
/// Rows count in the order given: the first row of a piece follows the last of the one before. How pieces are grouped
/// does not matter, merged states may be merged. Keys of uniqueness are shared, not copied.
///
/// @param states from `iw_frames_validation`, `iw_validations_merge` or `iw_validation_from_bytes`, of the same rules in
///               the same order and of columns of the same types; a column that is null throughout goes with any
/// @param count  number of states, at least 1
/// @param out    receives a new state, to be freed by `iw_validation_free`
/// @return IW_OK; IW_INVALID for NULL, no states, and where rules or columns differ; IW_OVERFLOW for more than 2^53
///         rows; IW_MEMORY
///
/// # Safety
/// `states` is NULL or holds `count` live states or NULLs. `out` is NULL or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn iw_validations_merge(
    states: *const *const iw_validation,
    count: usize,
    out: *mut *mut iw_validation,
) -> iw_status {
    guard(|| {
        // SAFETY: the caller's promise is the same.
        let out = unsafe { lent::out(out, "out")? };
        if states.is_null() || count == 0 {
            return Err(Error::Invalid("states must hold at least one state, got none".into()));
        }
        // SAFETY: not NULL; the caller promises count states.
        let each = |index: usize| unsafe { handle(*states.add(index), "states") };
        let mut whole = each(0)?.0.clone();
        for index in 1..count {
            whole.merge(&each(index)?.0, &format!("states[{index}]"))?;
        }
        out.write(Box::into_raw(Box::new(iw_validation(whole))));
        Ok(())
    })
}

/// The state as bytes, to be kept or sent and read by `iw_validation_from_bytes` on any machine.
///
/// Versioned and checksummed; integers are little-endian. They are the same however the pieces were grouped. Of
/// uniqueness, neighbouring keys that lie close together take a few bits each, hashes 16 bytes; of failing rows, runs
/// take a few bytes and everything else at most one bit a row.
///
/// @param state from `iw_frames_validation`
/// @param out   receives the bytes, to be freed by `iw_bytes_free`
/// @return IW_OK; IW_INVALID for NULL; IW_MEMORY
///
/// # Safety
/// `state` is NULL or live. `out` is NULL or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn iw_validation_to_bytes(
    state: *const iw_validation,
    out: *mut iw_bytes,
) -> iw_status {
    guard(|| {
        // SAFETY: the caller's promises are the same.
        let (state, out) = unsafe { (handle(state, "state")?, lent::out(out, "out")?) };
        out.write(iw_bytes::from_vec(state.0.to_bytes()?));
        Ok(())
    })
}

/// The state that `iw_validation_to_bytes` wrote.
///
/// @param data any bytes; nothing but what was written by this version is accepted
/// @param size number of bytes
/// @param out  receives the state, to be freed by `iw_validation_free`
/// @return IW_OK; IW_INVALID for NULL, a wrong version or checksum, and parts that contradict each other; IW_MEMORY
///
/// # Safety
/// `data` is NULL or points to `size` bytes. `out` is NULL or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn iw_validation_from_bytes(
    data: *const u8,
    size: usize,
    out: *mut *mut iw_validation,
) -> iw_status {
    guard(|| {
        // SAFETY: the caller's promises are the same.
        let (data, out) = unsafe { (lent::bytes(data, size, "data")?, lent::out(out, "out")?) };
        let state = Validation::from_bytes(data)?;
        out.write(Box::into_raw(Box::new(iw_validation(state))));
        Ok(())
    })
}

/// What a state is about, as a JSON object: `rows`, `now` (ISO 8601), `columns` (`name` and `type` of each that the rules
/// look at; a type of null where it is not there) and `rules`.
///
/// @param state from `iw_frames_validation`
/// @param out   receives UTF-8 text, to be freed by `iw_bytes_free`
/// @return IW_OK; IW_INVALID for NULL
///
/// # Safety
/// `state` is NULL or live. `out` is NULL or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn iw_validation_json(state: *const iw_validation, out: *mut iw_bytes) -> iw_status {
    guard(|| {
        // SAFETY: the caller's promises are the same.
        let (state, out) = unsafe { (handle(state, "state")?, lent::out(out, "out")?) };
        out.write(iw_bytes::from_string(state.0.json().to_string()));
        Ok(())
    })
}

/// The report on all rows of a state: that of `iw_frames_validate` on the pieces in one.
///
/// @param state   from `iw_frames_validation`
/// @param tick    called about every 40 ms, or NULL
/// @param context handed to `tick` unread
/// @param out     receives the report, to be freed by `iw_report_free`; it does not need the state
/// @return IW_OK, whether or not the rules hold; IW_INVALID for NULL; IW_MEMORY; IW_CANCELLED
///
/// # Safety
/// `state` is NULL or live. `out` is NULL or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn iw_validation_report(
    state: *const iw_validation,
    tick: iw_tick,
    context: *mut c_void,
    out: *mut *mut iw_report,
) -> iw_status {
    guard(|| {
        // SAFETY: the caller's promises are the same.
        let (state, out) = unsafe { (handle(state, "state")?, lent::out(out, "out")?) };
        // SAFETY: the tick is used on this thread and until this call returns.
        let progress = unsafe { progress(tick, context) };
        let report = state.0.report(&progress)?;
        out.write(Box::into_raw(Box::new(iw_report(report))));
        Ok(())
    })
}

/// Frees a state; does nothing when it is NULL. Leaves the last error alone.
///
/// # Safety
/// `state` is NULL or live, not used afterwards.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn iw_validation_free(state: *mut iw_validation) {
    if !state.is_null() {
        // SAFETY: made by Box::into_raw in iw_frames_validation; the caller promises it is live.
        drop(unsafe { Box::from_raw(state) });
    }
}
