//! A report as JUnit's XML, which every CI reads: one test a rule.
#![forbid(unsafe_code)]

use super::report::{Report, message};
use std::fmt::Write;

/// The report as an XML document. A rule that is a mere warning passes, and says so in its output.
pub fn written(report: &Report, suite: &str) -> String {
    let failures = report.each().filter(|(rule, tally)| rule.is_error && !tally.passed).count();
    let tests = report.tallies.len();
    let suite = escaped(suite);
    let mut xml = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    // Writing to a String cannot fail.
    let _ = writeln!(xml, "<testsuites tests=\"{tests}\" failures=\"{failures}\" errors=\"0\">");
    let _ = writeln!(
        xml,
        "  <testsuite name=\"{suite}\" tests=\"{tests}\" failures=\"{failures}\" errors=\"0\" skipped=\"0\" time=\"0\">"
    );
    for (rule, tally) in report.each() {
        let (title, said) = (escaped(&rule.title()), escaped(&message(rule, tally)));
        let _ = write!(
            xml,
            "    <testcase classname=\"{suite}.{}\" name=\"{title}\" time=\"0\"",
            rule.kind.called()
        );
        let _ = match (tally.passed, rule.is_error) {
            (true, _) => writeln!(xml, "/>"),
            (false, true) => {
                let asked = escaped(&rule.json().to_string());
                writeln!(
                    xml,
                    ">\n      <failure message=\"{said}\" type=\"{}\">{asked}</failure>\n    </testcase>",
                    rule.kind.called()
                )
            }
            (false, false) => {
                writeln!(xml, ">\n      <system-out>warning: {said}</system-out>\n    </testcase>")
            }
        };
    }
    xml.push_str("  </testsuite>\n</testsuites>\n");
    xml
}

/// Text as XML and HTML have it; what XML cannot hold becomes the sign for that.
pub fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\n' => out.push_str("&#10;"),
            '\t' => out.push('\t'),
            '\u{0}'..='\u{1F}' | '\u{FFFE}' | '\u{FFFF}' => out.push('\u{FFFD}'),
            _ => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::escaped;

    #[test]
    fn what_xml_cannot_hold_is_replaced() {
        assert_eq!(escaped("a<b & \"c\"\n\u{1}"), "a&lt;b &amp; &quot;c&quot;&#10;\u{FFFD}");
    }
}
