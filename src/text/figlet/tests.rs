use super::*;
use crate::text::figlet_font::Font;
use proptest::prelude::*;
use serde_json::Value;

fn set(text: &str, layout: Layout, width: usize) -> Vec<String> {
    render(Font::built_in("standard").unwrap(), text, layout, width).unwrap()
}

/// A font of one row in which every character is drawn as `left` + itself + `right`.
fn framed(left: &str, right: &str, full_layout: u32) -> Font {
    let mut source = format!("flf2a$ 1 1 9 0 0 0 {full_layout} 0\n");
    for code in 32u8..127 {
        let mark = if code == b'@' { '#' } else { '@' };
        source += &format!("{left}{}{right}{mark}{mark}\n", char::from(code));
    }
    Font::parse(source.as_bytes()).unwrap()
}

/// The cases of a file of the shared data whose fonts this machine has; says what it left out.
fn shared_cases(file: &str, font_of: impl Fn(&Value) -> Result<Font, String>) -> (usize, usize) {
    let path = format!("{}/../shared/spectre/{file}", env!("CARGO_MANIFEST_DIR"));
    let Ok(source) = std::fs::read_to_string(&path) else {
        eprintln!("skipped: {path} is not on this machine");
        return (0, 0);
    };
    let cases: Value = serde_json::from_str(&source).unwrap();
    let (mut run, mut skipped) = (0, 0);
    for case in cases["cases"].as_array().unwrap() {
        let spec = &case["spec"];
        if spec["type"] != "figlet" || case.get("error").is_some() {
            continue;
        }
        let font = match font_of(spec) {
            Ok(font) => font,
            Err(why) => {
                eprintln!("skipped {}: {why}", case["name"]);
                skipped += 1;
                continue;
            }
        };
        let layout = spec["layout"].as_str().unwrap_or("full_size").parse().unwrap();
        let width = usize::try_from(case["width"].as_u64().unwrap_or(80)).unwrap();
        let right = spec["alignment"] == "right";
        let lines = render(&font, spec["text"].as_str().unwrap(), layout, width).unwrap();
        let got: String =
            lines.iter().map(|l| if right { format!("{l:>width$}\n") } else { format!("{l}\n") }).collect();
        assert_eq!(got, case["expected"].as_str().unwrap(), "{}", case["name"]);
        run += 1;
    }
    (run, skipped)
}

#[test]
fn debian_fonts_set_as_spectre_console_sets_them() {
    let (run, skipped) = shared_cases("figlet_cases.json", |spec| {
        let path = format!("/usr/share/figlet/{}", spec["font_file"].as_str().unwrap());
        let mut source = std::fs::read(&path).map_err(|error| format!("{path}: {error}"))?;
        if path.ends_with("/shadow.flf") {
            // The case was made with a later edition, whose only change is a wider space.
            let text = String::from_utf8(source).unwrap();
            source = text.replacen(" $$@", "$ $$@", 5).into_bytes();
        }
        Ok(Font::parse(&source).unwrap_or_else(|error| panic!("{path}: {error}")))
    });
    assert!(run + skipped == 54 || run + skipped == 0, "{run} run, {skipped} skipped");
}

#[test]
fn spectre_console_cases_in_built_in_fonts() {
    let (run, skipped) = shared_cases("cases.json", |spec| {
        let name = spec["font"].as_str().unwrap_or("standard");
        Font::built_in(name).cloned().map_err(|error| error.to_string())
    });
    assert!((run, skipped) == (9, 2) || run + skipped == 0, "{run} run, {skipped} skipped");
}

#[test]
fn each_smushing_rule_merges_its_pairs_and_no_others() {
    let all = [
        (1, "##", Some('#')),
        (1, "#+", None),
        (2, "_|", Some('|')),
        (2, "<_", Some('<')),
        (2, "_#", None),
        (4, "|/", Some('/')),
        (4, ")|", Some(')')),
        (4, "/\\", None),
        (8, "[]", Some('|')),
        (8, ")(", Some('|')),
        (8, "<>", None),
        (16, "/\\", Some('|')),
        (16, "\\/", Some('Y')),
        (16, "><", Some('X')),
        (16, "<>", None),
        (32, "$$", Some('$')),
        (1, "$$", None),
        (0, "ab", Some('b')),
        (0, "$$", Some('$')),
        (63, "a ", Some('a')),
        (63, " b", Some('b')),
        (63, "a$", Some('a')),
        (63, "ab", None),
    ];
    for (rules, pair, expected) in all {
        let mut chars = pair.chars();
        let (left, right) = (chars.next().unwrap(), chars.next().unwrap());
        assert_eq!(smush(left, right, &framed("", "", rules)), expected, "{pair:?} under rules {rules}");
    }
}

#[test]
fn fitted_letters_touch_and_words_keep_their_blank() {
    let font = framed(" ", "  ", 0);
    assert_eq!(render(&font, "ab c", Layout::FullSize, 99).unwrap(), [" a   b       c  "]);
    assert_eq!(render(&font, "ab c", Layout::Fitted, 99).unwrap(), [" ab       c  "]);
}

#[test]
fn a_blank_letter_is_swallowed_rather_than_cut_out_of_bounds() {
    let mut source = String::from("flf2a$ 1 1 9 0 0\n");
    for code in 32u8..127 {
        let mark = if code == b'@' { '#' } else { '@' };
        let drawn = if code == b'q' { "   ".into() } else { format!("   {}", char::from(code)) };
        source += &format!("{drawn}{mark}{mark}\n");
    }
    let font = Font::parse(source.as_bytes()).unwrap();
    for layout in [Layout::Fitted, Layout::Smushed] {
        for text in ["q", "qa", "aq", "qqqa", "aqqqa", "qq"] {
            let lines = render(&font, text, layout, 80).unwrap();
            assert_eq!(lines.len(), 1, "{text} {layout:?}");
        }
    }
    assert_eq!(render(&font, "aqa", Layout::Fitted, 80).unwrap(), ["   aa"]);
}

#[test]
fn text_breaks_between_words_and_inside_a_word_wider_than_the_line() {
    let font = framed("", "", 0);
    assert_eq!(render(&font, "ab cd ef", Layout::FullSize, 5).unwrap(), ["ab cd", "ef"]);
    assert_eq!(render(&font, "ab cd ef", Layout::FullSize, 4).unwrap(), ["ab ", "cd ", "ef"]);
    assert_eq!(render(&font, "a bcdefg h", Layout::FullSize, 4).unwrap(), ["a bc", "defg", "h"]);
    assert_eq!(render(&font, "a  b", Layout::FullSize, 2).unwrap(), ["a ", "b"]);
    assert_eq!(render(&font, "a\n\nb", Layout::FullSize, 9).unwrap(), ["a", "", "b"]);
    assert_eq!(render(&framed("--", "", 0), "ab", Layout::FullSize, 2).unwrap(), ["--", "--"]);
}

#[test]
fn a_fitted_text_is_measured_as_it_is_set() {
    let full = set("Hello", Layout::FullSize, 200)[0].len();
    let fitted = set("Hello", Layout::Fitted, 200)[0].len();
    assert!(fitted < full);
    assert_eq!(set("Hello", Layout::Fitted, fitted).len(), 6);
    assert_eq!(set("Hello", Layout::Fitted, fitted - 1).len(), 12);
}

#[test]
fn what_a_font_lacks_is_left_out() {
    assert!(set("\u{1f604}", Layout::FullSize, 80).is_empty());
    assert!(set("", Layout::Smushed, 80).is_empty());
    assert_eq!(set("a\u{1f604}b", Layout::FullSize, 80), set("ab", Layout::FullSize, 80));
}

#[test]
fn bad_arguments_are_named() {
    let font = Font::built_in("standard").unwrap();
    assert_eq!(
        render(font, "a", Layout::FullSize, 0).unwrap_err().to_string(),
        "width must be at least 1, got 0"
    );
    let long = "a".repeat(1 << 20);
    let message = render(font, &long, Layout::FullSize, 80).unwrap_err().to_string();
    assert!(message.starts_with("text must take at most 16777216 cells in this font, got "), "{message}");
    assert_eq!(
        "tight".parse::<Layout>().unwrap_err().to_string(),
        "layout must be one of full_size, fitted, smushed, got \"tight\""
    );
}

proptest! {
    #[test]
    fn any_text_keeps_to_the_width(text in "\\PC{0,30}|[ -~\n]{0,60}", width in 1usize..120, name in 0usize..4) {
        let font = Font::built_in(["standard", "big", "slant", "small"][name]).unwrap();
        for layout in [Layout::FullSize, Layout::Fitted, Layout::Smushed] {
            let lines = render(font, &text, layout, width).unwrap();
            prop_assert_eq!(lines.len() % font.height(), 0);
            for group in lines.chunks(font.height()) {
                let first = group[0].chars().count();
                prop_assert!(first <= width);
                prop_assert!(group.iter().all(|line| line.chars().count() == first));
            }
        }
    }

    #[test]
    fn closer_layouts_are_never_wider(text in "[!-~]{1,20}") {
        let width = |layout| set(&text, layout, 10_000)[0].chars().count();
        prop_assert!(width(Layout::Fitted) <= width(Layout::FullSize));
        prop_assert!(width(Layout::Smushed) <= width(Layout::Fitted));
    }
}
