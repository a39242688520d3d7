//! Labels with children under them, joined by guides.
#![forbid(unsafe_code)]

use super::json::Value;
use super::render::{Context, Measure, Renderable, Widget};
use super::segment::{EachLine, Segment, Sink};
use super::spec::{self, Fields, Path};
use super::style::Style;
use crate::error::Error;

/// What stands before a label: blank, going past, branching off, branching off last.
struct Guide {
    space: &'static str,
    past: &'static str,
    fork: &'static str,
    end: &'static str,
    plainer: Option<&'static Guide>,
}

static ASCII: Guide = Guide { space: "    ", past: "|   ", fork: "|-- ", end: "`-- ", plainer: None };
static LINE: Guide =
    Guide { space: "    ", past: "│   ", fork: "├── ", end: "└── ", plainer: None };
static DOUBLE: Guide =
    Guide { space: "    ", past: "║   ", fork: "╠══ ", end: "╚══ ", plainer: Some(&ASCII) };
static BOLD: Guide =
    Guide { space: "    ", past: "┃   ", fork: "┣━━ ", end: "┗━━ ", plainer: Some(&ASCII) };

/// Cells of every guide.
const INDENT: usize = 4;

struct Node<'j> {
    label: Widget<'j>,
    children: Vec<Node<'j>>,
    expanded: bool,
}

struct Tree<'j> {
    root: Node<'j>,
    guide: &'static Guide,
    style: Style,
}

pub(super) fn build<'j>(fields: &mut Fields<'j, '_>) -> Result<Widget<'j>, Error> {
    let guides = [("line", &LINE), ("ascii", &ASCII), ("double_line", &DOUBLE), ("bold_line", &BOLD)];
    Ok(Widget::new(Tree {
        root: node_of(fields)?,
        guide: fields.choice("guide", &guides)?.unwrap_or(&LINE),
        style: fields.style("style")?.unwrap_or_default(),
    }))
}

fn node_of<'j>(fields: &mut Fields<'j, '_>) -> Result<Node<'j>, Error> {
    let path = fields.path;
    let label = fields.content("label")?;
    let at = path.field("children");
    let children = fields.list("children")?.into_iter().enumerate();
    let children = children.map(|(index, value)| node(value, &at.index(index))).collect::<Result<_, _>>()?;
    Ok(Node { label, children, expanded: fields.flag("expanded", true)? })
}

/// A node is an object with a label; anything else is a label without children.
fn node<'j>(value: Value<'j>, path: &Path<'_>) -> Result<Node<'j>, Error> {
    if !matches!(value, Value::Object(_)) || spec::kind_of(&value).is_some() {
        return Ok(Node { label: spec::widget(value, path)?, children: Vec::new(), expanded: true });
    }
    let mut fields = spec::fields(value, "a tree node", path.deeper()?)?;
    let node = node_of(&mut fields)?;
    fields.finish()?;
    Ok(node)
}

impl Tree<'_> {
    /// Emits a node and what is under it; the last of `guides` is the node's own.
    fn node<'a>(
        &'a self,
        node: &'a Node<'a>,
        is_last: bool,
        guides: &mut Vec<&'static str>,
        to: (&Context<'_>, usize),
        out: &mut dyn Sink<'a>,
    ) -> Result<(), Error> {
        let (context, width) = to;
        context.pulse.check()?;
        let guide = self.guide.plainer.filter(|_| !context.unicode).unwrap_or(self.guide);
        let indent = guides.len() * INDENT;
        let mut each = EachLine::new(usize::MAX, |line: &[Segment<'a>], _| {
            for cells in guides.iter() {
                out.push(Segment::new(cells, self.style))?;
            }
            if let Some(own) = guides.last_mut() {
                *own = if is_last { guide.space } else { guide.past };
            }
            for segment in line {
                out.push(*segment)?;
            }
            out.newline()
        });
        node.label.render(context, width.saturating_sub(indent), &mut each)?;
        each.finish()?;
        if !node.expanded {
            return Ok(());
        }
        if let Some(own) = guides.last_mut() {
            *own = if is_last { guide.space } else { guide.past }; // also under a label without lines
        }
        for (index, child) in node.children.iter().enumerate() {
            let is_last = index + 1 == node.children.len();
            guides.push(if is_last { guide.end } else { guide.fork });
            self.node(child, is_last, guides, to, out)?;
            guides.pop();
        }
        Ok(())
    }
}

impl Renderable for Tree<'_> {
    fn measure(&self, _: &Context<'_>, most: usize) -> Measure {
        Measure::exactly(most)
    }

    fn render<'a>(
        &'a self,
        context: &Context<'_>,
        width: usize,
        out: &mut dyn Sink<'a>,
    ) -> Result<(), Error> {
        self.node(&self.root, true, &mut Vec::new(), (context, width), out)
    }
}
