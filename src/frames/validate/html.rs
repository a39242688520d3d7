//! A report as a page that stands by itself: no network, light and dark, readable by a screen reader.
#![forbid(unsafe_code)]

use super::junit::escaped;
use super::report::{Report, grouped, message};
use std::fmt::Write;

const STYLE: &str = "\
.iw-report{--ink:#1b1f24;--dim:#57606a;--line:#d8dee4;--back:#fff;--good:#1a7f37;--bad:#cf222e;--warn:#8a5a00;\
font:14px/1.5 system-ui,sans-serif;color:var(--ink);background:var(--back);padding:1em;max-width:76em}\
@media (prefers-color-scheme:dark){.iw-report{--ink:#e6edf3;--dim:#9198a1;--line:#3d444d;--back:#0d1117;\
--good:#3fb950;--bad:#ff7b72;--warn:#d29922}}\
.iw-report h1{font-size:1.25em;margin:0 0 .2em}.iw-report p{margin:0 0 1em;color:var(--dim)}\
.iw-report table{border-collapse:collapse;width:100%}.iw-report th,.iw-report td{text-align:left;padding:.35em .7em;\
border-bottom:1px solid var(--line);vertical-align:top;background:none;color:inherit}\
.iw-report th{color:var(--dim);font-weight:600}.iw-report .n{text-align:right;font-variant-numeric:tabular-nums}\
.iw-report .good{color:var(--good)}.iw-report .bad{color:var(--bad)}.iw-report .warn{color:var(--warn)}\
.iw-report .share{white-space:nowrap}.iw-report .mark{white-space:nowrap;font-weight:600}.iw-report .said{color:var(--dim)}\
.iw-report .bar{display:inline-block;width:5em;height:.55em;border-radius:.3em;background:var(--bad);overflow:hidden;\
margin-right:.5em}.iw-report .bar i{display:block;height:100%;background:var(--good)}";

/// The report as a part of a page, for a notebook.
pub fn part(report: &Report) -> String {
    let failing = report.tallies.iter().filter(|tally| !tally.passed).count();
    let mut html = format!("<style>{STYLE}</style><section class=\"iw-report\">");
    let (verdict, class) = match (report.passed(), failing) {
        (true, 0) => ("passed", "good"),
        (true, _) => ("passed with warnings", "warn"),
        (false, _) => ("failed", "bad"),
    };
    // Writing to a String cannot fail.
    let _ = write!(
        html,
        "<h1>Validation <span class=\"{class}\">{verdict}</span></h1><p>{} rows, {} rules, {failing} not met</p>\
         <table><thead><tr><th scope=\"col\">result</th><th scope=\"col\">rule</th><th scope=\"col\">kind</th>\
         <th scope=\"col\" class=\"n\">checked</th><th scope=\"col\" class=\"n\">failed</th>\
         <th scope=\"col\">passing</th></tr></thead><tbody>",
        grouped(report.rows),
        grouped(report.tallies.len() as u64),
    );
    for (rule, tally) in report.each() {
        let (mark, class) = match (tally.passed, rule.is_error) {
            (true, _) => ("\u{2713} pass", "good"),
            (false, true) => ("\u{2717} fail", "bad"),
            (false, false) => ("! warning", "warn"),
        };
        let share = match tally.share() {
            // Never shown as whole when it is not.
            Some(share) if tally.said.is_none() => {
                let percent = (share * 1e4).floor() / 100.0;
                format!(
                    "<span class=\"bar\" aria-hidden=\"true\"><i style=\"width:{percent}%\"></i></span>{percent} %"
                )
            }
            _ => String::new(),
        };
        let _ = write!(
            html,
            "<tr><td class=\"mark {class}\">{mark}</td><td>{}<div class=\"said\">{}</div></td><td>{}</td>\
             <td class=\"n\">{}</td><td class=\"n\">{}</td><td class=\"share\">{share}</td></tr>",
            escaped(&rule.title()),
            escaped(&message(rule, tally)),
            rule.kind.called(),
            grouped(tally.checked),
            grouped(tally.failed),
        );
    }
    html.push_str("</tbody></table></section>");
    html
}

/// The report as a whole page.
pub fn page(report: &Report) -> String {
    format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" \
         content=\"width=device-width\"><meta name=\"color-scheme\" content=\"light dark\"><title>Validation</title>\
         <style>body{{margin:0}}@media (prefers-color-scheme:dark){{body{{background:#0d1117}}}}</style></head>\
         <body><main>{}</main></body></html>\n",
        part(report)
    )
}
