//! A month as a table.
#![forbid(unsafe_code)]

use super::color::Color;
use super::culture::Culture;
use super::paragraph::{Overflow, Paragraph};
use super::render::{Justify, Widget};
use super::spec::{self, Fields, Padding, Path};
use super::style::Style;
use super::table::{Cell, Column, Table};
use crate::error::Error;
use std::borrow::Cow;

/// Weeks every calendar shows, so that all are equally high.
const WEEKS: usize = 6;

pub(super) fn build<'j>(fields: &mut Fields<'j, '_>) -> Result<Widget<'j>, Error> {
    let path = fields.path;
    let (year, month, _) = date(fields, &path, true)?;
    let culture = Culture::of(fields)?;
    let named = |name| Color::named(name).map(Style::color).unwrap_or_default();
    let highlight = fields.style("highlight_style")?.unwrap_or(named("blue"));
    let mut marks = [None; 32];
    let at = path.field("events");
    for (index, value) in fields.list("events")?.into_iter().enumerate() {
        let mut fields = spec::fields(value, "an event", at.index(index))?;
        let path = fields.path;
        let (_, of_month, day) = date(&mut fields, &path, false)?;
        let style = fields.style("style")?;
        fields.finish()?;
        if of_month == month {
            marks[day] = Some(style.unwrap_or(highlight)); // whatever the year, as upstream
        }
    }
    let header_style = fields.style("header_style")?.unwrap_or(named("silver"));
    let title = if fields.flag("show_header", true)? {
        let mut title = Paragraph::plain(Cow::Owned(culture.month(year, month)), header_style)?;
        title.justify = Some(Justify::Center);
        title.overflow = Overflow::Ellipsis;
        Some(title)
    } else {
        None
    };
    let columns = (0..7).map(|day| {
        let mut name =
            Paragraph::plain(Cow::Borrowed(culture.days[(culture.first_day + day) % 7]), Style::PLAIN)?;
        name.overflow = Overflow::Ellipsis;
        Ok(Column::new(Widget::Text(name), Padding::new(1, 0, 1, 0)))
    });
    let columns = columns.collect::<Result<Vec<_>, Error>>()?;
    let before = (weekday(year, month, 1) + 7 - culture.first_day) % 7;
    let mut days = Vec::with_capacity(WEEKS * 7);
    days.extend((0..before).map(|_| Paragraph::empty()));
    for (day, mark) in marks.iter().enumerate().skip(1).take(days_in(year, month)) {
        let text = if mark.is_some() { format!("{day}*") } else { day.to_string() };
        days.push(Paragraph::plain(Cow::Owned(text), mark.unwrap_or_default())?);
    }
    days.resize_with(WEEKS * 7, Paragraph::empty);
    let mut rows: Vec<Vec<Cell<'j>>> = Vec::with_capacity(WEEKS);
    for day in days {
        if rows.last().is_none_or(|row| row.len() == 7) {
            rows.push(Vec::with_capacity(7));
        }
        if let Some(row) = rows.last_mut() {
            row.push(Cell { content: Widget::Text(day), span: 1 });
        }
    }
    let border = fields.border("border", true)?;
    Ok(Widget::new(Table {
        title,
        safe: fields.flag("use_safe_border", true)?,
        style: fields.style("border_style")?.unwrap_or_default(),
        ..Table::bordered(columns, rows, border)
    }))
}

/// Year, month and day of an object that has them; the day may have a default of 1.
fn date(
    fields: &mut Fields<'_, '_>,
    path: &Path<'_>,
    day_may_miss: bool,
) -> Result<(i64, usize, usize), Error> {
    let mut part = |name: &'static str, low: i64, high: i64, default: Option<i64>| {
        let given = fields.whole(name)?.or(default);
        match given {
            Some(value) if (low..=high).contains(&value) => Ok(value),
            Some(value) => Err(path.field(name).must(&format!("in {low}..={high}"), value)),
            None => Err(path.field(name).must("given", "nothing")),
        }
    };
    let year = part("year", 1, 9999, None)?;
    let month = part("month", 1, 12, None)? as usize;
    let day = part("day", 1, days_in(year, month) as i64, day_may_miss.then_some(1))? as usize;
    Ok((year, month, day))
}

fn days_in(year: i64, month: usize) -> usize {
    match month {
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Day of the week, 0 for Sunday, in the Gregorian calendar (Sakamoto's method).
fn weekday(year: i64, month: usize, day: i64) -> usize {
    const SHIFT: [i64; 12] = [0, 3, 2, 5, 0, 3, 5, 1, 4, 6, 2, 4];
    let year = if month < 3 { year - 1 } else { year };
    ((year + year / 4 - year / 100 + year / 400 + SHIFT[month - 1] + day) % 7) as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_days_of_the_week_follow_one_another() {
        let mut expected = weekday(1, 1, 1);
        assert_eq!(expected, 1); // Monday, in the proleptic Gregorian calendar
        for year in 1..2500 {
            for month in 1..=12 {
                for day in 1..=days_in(year, month) as i64 {
                    assert_eq!(weekday(year, month, day), expected);
                    expected = (expected + 1) % 7;
                }
            }
        }
        assert_eq!(weekday(2020, 10, 1), 4);
    }
}
