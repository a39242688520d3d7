//! Exports of `crate::frames::validate`: rules, reports, and what is drawn from them.

use super::arrow::import_stream;
use super::arrow_export::export_stream;
use super::frames::{handle, iw_frame};
use super::frames_given::{asker, named};
use super::tick::progress;
use super::{ArrowArrayStream, guard, iw_bytes, iw_status, iw_tick, lent};
use crate::frames::validate::report::Report;
use crate::frames::validate::rules::Rules;
use crate::frames::validate::validation::Custom;
use crate::frames::validate::{self, html, junit, sample, suggest};
use arrow_array::RecordBatchIterator;
use core::ffi::c_void;

/// Rules, read and checked by themselves; they may be used by several threads, as often as wanted.
pub struct iw_rules(pub(super) Rules);

/// What rules came to on a frame.
pub struct iw_report(pub(super) Report);

/// The rule number that stands for all rules.
pub const IW_ALL_RULES: i64 = -1;

/// A rule that is a function: looks at some rows and says of each whether it passes.
///
/// `rule` is the rule's number, `rows` a frame of these rows with the columns the rule asks for, alive until the
/// function returns. `verdicts` has `count` bytes, one a row, all 2: set each to 0 for a row that fails, 1 for one
/// that passes, 2 for one that is missing. `*go_on` arrives as 0; set it to 1 to continue. Runs only on the thread
/// that made the call.
pub type iw_rule_function = Option<
    unsafe extern "C" fn(
        context: *mut c_void,
        rule: u64,
        rows: *const iw_frame,
        verdicts: *mut u8,
        count: usize,
        go_on: *mut i32,
    ),
>;

/// Reads rules from text: a list of rules, a table whose `rules` is one, or a single rule.
///
/// @param text        UTF-8, JSON or TOML; the fields of every rule are described in docs/rules.md
/// @param text_size   bytes of it
/// @param toml        0 for JSON, anything else for TOML
/// @param source      UTF-8, where the text is from, such as a file name, for errors to begin with; may be empty
/// @param source_size bytes of it
/// @param out         receives the rules, to be freed by `iw_rules_free`
/// @return IW_OK; IW_INVALID for text that is no rules, with a message that names the place
///
/// # Safety
/// `text` and `source` are NULL or point to so many bytes. `out` is NULL or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn iw_rules_new(
    text: *const u8,
    text_size: usize,
    toml: i32,
    source: *const u8,
    source_size: usize,
    out: *mut *mut iw_rules,
) -> iw_status {
    guard(|| {
        // SAFETY: the caller's promises are the same.
        let (text, source, out) = unsafe {
            (
                lent::text(text, text_size, "rules")?,
                lent::text(source, source_size, "source")?,
                lent::out(out, "out")?,
            )
        };
        let rules = Rules::parse(text, toml != 0, source)?;
        out.write(Box::into_raw(Box::new(iw_rules(rules))));
        Ok(())
    })
}

/// The rules as a JSON array, every field spelled out that was given.
///
/// @param rules from `iw_rules_new`
/// @param out   receives UTF-8 text, to be freed by `iw_bytes_free`
/// @return IW_OK; IW_INVALID for NULL
///
/// # Safety
/// `rules` is NULL or live. `out` is NULL or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn iw_rules_json(rules: *const iw_rules, out: *mut iw_bytes) -> iw_status {
    guard(|| {
        // SAFETY: the caller's promises are the same.
        let (rules, out) = unsafe { (handle(rules, "rules")?, lent::out(out, "out")?) };
        out.write(iw_bytes::from_string(rules.0.json().to_string()));
        Ok(())
    })
}

/// Names of the columns that the rules look at, as a JSON array; `null` when a function may look at any.
///
/// A source that can leave columns unread needs to read no others.
///
/// @param rules from `iw_rules_new`
/// @param out   receives UTF-8 text, to be freed by `iw_bytes_free`
/// @return IW_OK; IW_INVALID for NULL
///
/// # Safety
/// `rules` is NULL or live. `out` is NULL or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn iw_rules_columns(rules: *const iw_rules, out: *mut iw_bytes) -> iw_status {
    guard(|| {
        // SAFETY: the caller's promises are the same.
        let (rules, out) = unsafe { (handle(rules, "rules")?, lent::out(out, "out")?) };
        out.write(iw_bytes::from_string(serde_json::json!(rules.0.reads()).to_string()));
        Ok(())
    })
}

/// Frees rules; does nothing when it is NULL. Leaves the last error alone.
///
/// # Safety
/// `rules` is NULL or live, not used afterwards.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn iw_rules_free(rules: *mut iw_rules) {
    if !rules.is_null() {
        // SAFETY: made by Box::into_raw in iw_rules_new; the caller promises it is live.
        drop(unsafe { Box::from_raw(rules) });
    }
}

/// Rules that a table keeps today, from its profile, as a JSON array: a draft for a person to edit.
///
/// @param profile      UTF-8, a profile as `iw_profile_json` writes it; what it does not say is left out
/// @param profile_size bytes of it
/// @param out          receives UTF-8 text, to be freed by `iw_bytes_free`
/// @return IW_OK; IW_INVALID when it is no profile
///
/// # Safety
/// `profile` is NULL or points to so many bytes. `out` is NULL or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn iw_rules_suggest(
    profile: *const u8,
    profile_size: usize,
    out: *mut iw_bytes,
) -> iw_status {
    guard(|| {
        // SAFETY: the caller's promises are the same.
        let (profile, out) =
            unsafe { (lent::text(profile, profile_size, "profile")?, lent::out(out, "out")?) };
        out.write(iw_bytes::from_string(suggest::rules(profile)?.to_string()));
        Ok(())
    })
}

/// Checks rules against a stream in one pass, on several threads.
///
/// Kept are one bit a failing row and, for each rule of uniqueness, 8 or 16 bytes a row; nothing else grows with
/// the stream. Null and NaN are both missing: `not_null` fails on them, every other rule skips them. The answer
/// does not depend on the number of threads or on how the stream is cut into batches.
///
/// @param data             moved out: it is left released whatever the status
/// @param rules            from `iw_rules_new`
/// @param frame_names      names of the frames that foreign keys refer to, UTF-8
/// @param frame_name_sizes bytes of each name
/// @param frames           a stream for each name; those that were moved out are left released
/// @param frame_count      number of frames
/// @param function         called for rules that are functions, or NULL where there are none
/// @param function_context handed to `function` unread
/// @param tick             called about every 40 ms with rows times rules done, of an unknown total, or NULL
/// @param tick_context     handed to `tick` unread
/// @param out              receives the report, to be freed by `iw_report_free`
/// @return IW_OK, whether or not the rules hold; IW_INVALID for a rule that does not fit the columns, a released or
///         malformed stream and when a producer fails; IW_TYPE for an unknown column type; IW_OVERFLOW where an
///         integer of an expression does not fit 128 bits; IW_MEMORY; IW_CANCELLED
///
/// # Safety
/// `data` and each of `frames` are NULL or point to streams of producers that keep the Arrow C stream interface.
/// `rules` is NULL or live. `frame_names`, `frame_name_sizes` and `frames` hold `frame_count` entries. `function`
/// keeps its promises. `out` is NULL or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn iw_frames_validate(
    data: *mut ArrowArrayStream,
    rules: *const iw_rules,
    frame_names: *const *const u8,
    frame_name_sizes: *const usize,
    frames: *const *mut ArrowArrayStream,
    frame_count: usize,
    function: iw_rule_function,
    function_context: *mut c_void,
    tick: iw_tick,
    tick_context: *mut c_void,
    out: *mut *mut iw_report,
) -> iw_status {
    guard(|| {
        // SAFETY: the caller's promises are the same.
        let (mut reader, rules, out) =
            unsafe { (import_stream(data, "data")?, handle(rules, "rules")?, lent::out(out, "out")?) };
        // SAFETY: the caller's promises are the same.
        let others = unsafe { named(frame_names, frame_name_sizes, frames, frame_count) }?;
        // SAFETY: the tick is used on this thread and until this call returns.
        let progress = unsafe { progress(tick, tick_context) };
        // SAFETY: the caller's promise is the same.
        let mut ask = unsafe { asker(function, function_context) };
        let custom: Option<&mut Custom<'_>> = if function.is_some() { Some(&mut ask) } else { None };
        let report = validate::validate(reader.as_mut(), &rules.0, others, custom, &progress)?;
        out.write(Box::into_raw(Box::new(iw_report(report))));
        Ok(())
    })
}

/// The report as JSON: `passed`, `rows`, and `results` with one object a rule.
///
/// A result has `rule` (as it could be written), `name`, `kind`, `columns`, `severity`, `passed`, `checked`,
/// `failed`, `missing`, `share` (of those checked that pass; null for none), `first_rows` and `message`.
///
/// @param report from `iw_frames_validate`
/// @param out    receives UTF-8 text, to be freed by `iw_bytes_free`
/// @return IW_OK; IW_INVALID for NULL
///
/// # Safety
/// `report` is NULL or live. `out` is NULL or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn iw_report_json(report: *const iw_report, out: *mut iw_bytes) -> iw_status {
    guard(|| {
        // SAFETY: the caller's promises are the same.
        let (report, out) = unsafe { (handle(report, "report")?, lent::out(out, "out")?) };
        out.write(iw_bytes::from_string(report.0.json().to_string()));
        Ok(())
    })
}

/// The report as XML of JUnit, one test a rule; a rule that is a mere warning never fails.
///
/// @param report     from `iw_frames_validate`
/// @param suite      UTF-8, what the tests are grouped under
/// @param suite_size bytes of it
/// @param out        receives UTF-8 text, to be freed by `iw_bytes_free`
/// @return IW_OK; IW_INVALID for NULL
///
/// # Safety
/// `report` is NULL or live. `suite` is NULL or points to so many bytes. `out` is NULL or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn iw_report_junit(
    report: *const iw_report,
    suite: *const u8,
    suite_size: usize,
    out: *mut iw_bytes,
) -> iw_status {
    guard(|| {
        // SAFETY: the caller's promises are the same.
        let (report, suite, out) = unsafe {
            (handle(report, "report")?, lent::text(suite, suite_size, "suite")?, lent::out(out, "out")?)
        };
        out.write(iw_bytes::from_string(junit::written(&report.0, suite)));
        Ok(())
    })
}

/// The report as HTML that needs no network, for light and dark.
///
/// @param report from `iw_frames_validate`
/// @param page   0 for a part to put into a page, anything else for a page by itself
/// @param out    receives UTF-8 text, to be freed by `iw_bytes_free`
/// @return IW_OK; IW_INVALID for NULL
///
/// # Safety
/// `report` is NULL or live. `out` is NULL or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn iw_report_html(
    report: *const iw_report,
    page: i32,
    out: *mut iw_bytes,
) -> iw_status {
    guard(|| {
        // SAFETY: the caller's promises are the same.
        let (report, out) = unsafe { (handle(report, "report")?, lent::out(out, "out")?) };
        let html = if page == 0 { html::part(&report.0) } else { html::page(&report.0) };
        out.write(iw_bytes::from_string(html));
        Ok(())
    })
}

/// Which rows fail a rule.
///
/// @param report from `iw_frames_validate`
/// @param rule   the rule's number; IW_ALL_RULES for every rule that is not a mere warning
/// @param out    receives one byte a row, 1 for those that fail, to be freed by `iw_bytes_free`
/// @return IW_OK; IW_INVALID for NULL or a rule that is not there; IW_MEMORY
///
/// # Safety
/// `report` is NULL or live. `out` is NULL or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn iw_report_mask(
    report: *const iw_report,
    rule: i64,
    out: *mut iw_bytes,
) -> iw_status {
    guard(|| {
        // SAFETY: the caller's promises are the same.
        let (report, out) = unsafe { (handle(report, "report")?, lent::out(out, "out")?) };
        out.write(iw_bytes::from_vec(report.0.mask(chosen(rule))?.bytes(report.0.rows)?));
        Ok(())
    })
}

/// The first rows that fail, taken from the data once more, as a stream.
///
/// The stream has the columns of the data; in front of them `row`, the row's number, and `fails`, the names of the
/// rules it fails. Rows are slices of the data's batches, which the stream keeps alive.
///
/// @param report  from `iw_frames_validate`
/// @param data    the same data again; moved out: it is left released whatever the status
/// @param rule    the rule's number; IW_ALL_RULES for any, warnings too
/// @param most    rows, at most
/// @param tick    called about every 40 ms, or NULL
/// @param context handed to `tick` unread
/// @param out     receives the stream; its former content is not looked at
/// @return IW_OK; IW_INVALID for NULL, a rule that is not there, and data of fewer rows than were validated;
///         IW_MEMORY; IW_CANCELLED
///
/// # Safety
/// `report` is NULL or live. `data` is NULL or points to a stream of a producer that keeps the Arrow C stream
/// interface. `out` is NULL or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn iw_report_failing(
    report: *const iw_report,
    data: *mut ArrowArrayStream,
    rule: i64,
    most: usize,
    tick: iw_tick,
    context: *mut c_void,
    out: *mut ArrowArrayStream,
) -> iw_status {
    guard(|| {
        // SAFETY: the caller's promises are the same.
        let (mut reader, report) = unsafe { (import_stream(data, "data")?, handle(report, "report")?) };
        // SAFETY: the tick is used on this thread and until this call returns.
        let progress = unsafe { progress(tick, context) };
        let (schema, batches) = sample::failing(&report.0, reader.as_mut(), chosen(rule), most, &progress)?;
        let reader = Box::new(RecordBatchIterator::new(batches.into_iter().map(Ok), schema));
        // SAFETY: the caller's promise is the same.
        unsafe { export_stream(reader, out, "out") }
    })
}

fn chosen(rule: i64) -> Option<usize> {
    (rule != IW_ALL_RULES).then(|| usize::try_from(rule).unwrap_or(usize::MAX))
}

/// Frees a report; does nothing when it is NULL. Leaves the last error alone.
///
/// # Safety
/// `report` is NULL or live, not used afterwards.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn iw_report_free(report: *mut iw_report) {
    if !report.is_null() {
        // SAFETY: made by Box::into_raw in iw_frames_validate; the caller promises it is live.
        drop(unsafe { Box::from_raw(report) });
    }
}
