//! The tags, one function each.

use std::sync::Arc;

use super::ast::{Block, Expr, For, Node, Part, Stmt, StmtKind, Use};
use super::expression::TupleRules;
use super::lexer::syntax_error;
use super::stream::Parser;
use super::token::Kind;
use crate::template::Dialect;
use crate::template::failure::Failure;

type Parsed = Result<StmtKind, Failure>;
/// Parses a tag after its name; gets the line of the name.
type Tag = fn(&mut Parser, usize) -> Parsed;

const TAGS: [(&str, Tag); 14] = [
    ("for", for_),
    ("if", if_),
    ("block", block),
    ("extends", |parser, _| parser.expression().map(StmtKind::Extends)),
    ("print", print),
    ("macro", macro_),
    ("include", include),
    ("from", from),
    ("import", import),
    ("set", set),
    ("with", with),
    ("autoescape", autoescape),
    ("call", call),
    ("filter", filter),
];

const PEERING_MANAGER_TAGS: [&str; 3] = ["include_configuration", "include_email", "include_exporttemplate"];

impl Parser {
    /// How this tag is parsed, where the dialect has it.
    pub fn tag(&self, name: &str) -> Option<Tag> {
        if self.dialect == Dialect::PeeringManager && PEERING_MANAGER_TAGS.contains(&name) {
            return Some(system_include);
        }
        TAGS.iter().find(|(tag, _)| *tag == name).map(|(_, parse)| *parse)
    }

    fn without_condition(&mut self) -> Result<Expr, Failure> {
        self.tuple(TupleRules { without_condition: true, ..TupleRules::default() })
    }

    /// `with context` and `without context`.
    fn skip_context(&mut self) -> Result<bool, Failure> {
        let named = self.kind().is_name("with") || self.kind().is_name("without");
        let found = named && self.look()?.is_name("context");
        if found {
            self.next()?;
            self.next()?;
        }
        Ok(found)
    }
}

fn for_(parser: &mut Parser, _: usize) -> Parsed {
    let target = parser.target(false, Use::Store)?;
    parser.expect_word("in")?;
    let iter = parser.without_condition()?;
    let test = if parser.skip_name("if")? { Some(parser.expression()?) } else { None };
    let recursive = parser.skip_name("recursive")?;
    let body = parser.tag_body(&["endfor", "else"])?;
    let ended = parser.next()?.kind.is_name("endfor");
    let otherwise = if ended { Vec::new() } else { parser.whole_body(&["endfor"])? };
    Ok(StmtKind::For(Box::new(For { target, iter, body, otherwise, test, recursive })))
}

fn if_(parser: &mut Parser, line: usize) -> Parsed {
    let mut branches = Vec::new();
    let mut line = line;
    loop {
        let test = parser.without_condition()?;
        let body = parser.tag_body(&["elif", "else", "endif"])?;
        branches.push((test, body, line));
        let tag = parser.next()?.kind;
        if tag.is_name("elif") {
            line = parser.line();
            continue;
        }
        let otherwise = if tag.is_name("else") { parser.whole_body(&["endif"])? } else { Vec::new() };
        return Ok(StmtKind::If(branches, otherwise));
    }
}

fn block(parser: &mut Parser, _: usize) -> Parsed {
    let (name, _) = parser.expect_name()?;
    let scoped = parser.skip_name("scoped")?;
    let required = parser.skip_name("required")?;
    if parser.kind().is("-") {
        return parser.fail(
            "Block names in Jinja have to be valid Python identifiers and may not contain hyphens, use an underscore \
             instead.",
        );
    }
    let body = parser.whole_body(&["endblock"])?;
    if required && !body.iter().all(is_blank) {
        return parser.fail("Required blocks can only contain comments or whitespace");
    }
    parser.skip_name(&name)?;
    Ok(StmtKind::Block(Block { name, body, scoped, required }))
}

fn is_blank(statement: &Stmt) -> bool {
    let StmtKind::Output(parts) = &statement.kind else { return false };
    parts.iter().all(|part| matches!(part, Part::Text(text) if text.chars().all(char::is_whitespace)))
}

/// `{% print a, b %}`: as if printed one after the other.
fn print(parser: &mut Parser, _: usize) -> Parsed {
    let mut parts = Vec::new();
    while !matches!(parser.kind(), Kind::BlockEnd) {
        if !parts.is_empty() {
            parser.expect_operator(",")?;
        }
        parts.push(Part::Print(parser.expression()?));
    }
    Ok(StmtKind::Output(parts))
}

fn macro_(parser: &mut Parser, _: usize) -> Parsed {
    let (name, _) = parser.target_name()?;
    let mut signature = parser.signature()?;
    signature.body = parser.whole_body(&["endmacro"])?;
    Ok(StmtKind::Macro(name, signature))
}

fn call(parser: &mut Parser, line: usize) -> Parsed {
    let mut signature = super::ast::Signature { parameters: Vec::new(), defaults: Vec::new(), body: Vec::new() };
    if parser.kind().is("(") {
        signature = parser.signature()?;
    }
    let call = parser.expression()?;
    if !matches!(call.node, Node::Call(..)) {
        return Err(syntax_error("expected call", line));
    }
    signature.body = parser.whole_body(&["endcall"])?;
    Ok(StmtKind::CallBlock(call, signature))
}

fn filter_chain(parser: &mut Parser) -> Result<Expr, Failure> {
    let mut chain = parser.filter(None)?;
    let mut length = 0;
    while parser.skip_operator("|")? {
        chain = parser.filter(Some(chain))?;
        length += 1;
        if length > 60 {
            return Err(Failure::refused("chains of more than 60 filters").at(chain.line));
        }
    }
    Ok(chain)
}

fn filter(parser: &mut Parser, _: usize) -> Parsed {
    let chain = filter_chain(parser)?;
    let body = parser.whole_body(&["endfilter"])?;
    Ok(StmtKind::FilterBlock(chain, body))
}

fn set(parser: &mut Parser, _: usize) -> Parsed {
    let target = parser.target(true, Use::Store)?;
    if parser.skip_operator("=")? {
        let value = parser.tuple(TupleRules::default())?;
        return Ok(StmtKind::Assign(target, value));
    }
    let filters = if parser.skip_operator("|")? { Some(filter_chain(parser)?) } else { None };
    let body = parser.whole_body(&["endset"])?;
    Ok(StmtKind::Capture(target, filters, body))
}

fn with(parser: &mut Parser, _: usize) -> Parsed {
    let (mut targets, mut values) = (Vec::new(), Vec::new());
    while !matches!(parser.kind(), Kind::BlockEnd) {
        if !targets.is_empty() {
            parser.expect_operator(",")?;
        }
        targets.push(parser.target(false, Use::Param)?);
        parser.expect_operator("=")?;
        values.push(parser.expression()?);
    }
    let body = parser.whole_body(&["endwith"])?;
    Ok(StmtKind::With(targets, values, body))
}

fn autoescape(parser: &mut Parser, _: usize) -> Parsed {
    let on = parser.expression()?;
    let body = parser.whole_body(&["endautoescape"])?;
    Ok(StmtKind::Autoescape(on, body))
}

fn include(parser: &mut Parser, _: usize) -> Parsed {
    let template = parser.expression()?;
    let ignore = parser.kind().is_name("ignore") && parser.look()?.is_name("missing");
    if ignore {
        parser.next()?;
        parser.next()?;
    }
    parser.skip_context()?;
    Ok(StmtKind::Include(template, ignore))
}

fn import(parser: &mut Parser, _: usize) -> Parsed {
    let template = parser.expression()?;
    parser.expect_word("as")?;
    let (name, _) = parser.target_name()?;
    parser.skip_context()?;
    Ok(StmtKind::Import(template, name))
}

fn from(parser: &mut Parser, _: usize) -> Parsed {
    let template = parser.expression()?;
    parser.expect_word("import")?;
    let mut names: Vec<Arc<str>> = Vec::new();
    loop {
        if !names.is_empty() {
            parser.expect_operator(",")?;
        }
        if matches!(parser.kind(), Kind::Name(_)) && parser.skip_context()? {
            break;
        }
        names.push(imported(parser)?);
        if parser.skip_context()? || !parser.kind().is(",") {
            break;
        }
    }
    Ok(StmtKind::FromImport(template, names))
}

fn imported(parser: &mut Parser) -> Result<Arc<str>, Failure> {
    let (name, line) = parser.target_name()?;
    if name.starts_with('_') {
        let message = "names starting with an underline can not be imported";
        return Err(Failure::jinja("TemplateAssertionError", message).at(line));
    }
    if parser.skip_name("as")? { parser.target_name().map(|(alias, _)| alias) } else { Ok(name) }
}

fn system_include(parser: &mut Parser, _: usize) -> Parsed {
    let Some(tag) = parser.open_tags.last().cloned() else { return parser.fail("tag name expected") };
    let name = parser.expression()?;
    Ok(StmtKind::SystemInclude(tag, name))
}
