//! Lowering macros and call blocks: functions with parameters, defaults, and the special names.

use std::sync::Arc;

use super::expressions::repeated;
use super::symbols::Symbols;
use super::{Frame, Lowering, assertion, search};
use crate::template::code::{Macro, Op, Parameter, Stmt};
use crate::template::failure::Failure;
use crate::template::parse::ast::{self, Node, Signature};

/// The special names that a macro's body uses.
struct Special {
    caller: bool,
    kwargs: bool,
    varargs: bool,
}

impl Lowering {
    /// Lowers a macro.
    pub(super) fn macro_(
        &mut self,
        name: &Arc<str>,
        signature: &Signature,
        line: usize,
        (frame, steps): (Frame, &mut Vec<Stmt>),
    ) -> Result<(), Failure> {
        let code = self.macro_code(Some(name), signature, line, frame)?;
        let variable = self.variable(frame, name)?;
        let export = frame.toplevel.then(|| name.clone());
        self.push(steps, Op::Macro(variable, Arc::new(code), export));
        Ok(())
    }

    /// Lowers a call block.
    pub(super) fn call_block(
        &mut self,
        call: &ast::Expr,
        signature: &Signature,
        line: usize,
        (frame, steps): (Frame, &mut Vec<Stmt>),
    ) -> Result<(), Failure> {
        if let Node::Call(_, arguments) = &call.node
            && arguments.keyword.iter().any(|(name, _)| &**name == "caller")
        {
            return Err(repeated("caller"));
        }
        let code = self.macro_code(None, signature, line, frame)?;
        self.mark = line;
        let call = self.expr(call, frame)?;
        self.push(steps, Op::CallBlock(Arc::new(code), call));
        Ok(())
    }

    fn macro_code(
        &mut self,
        name: Option<&Arc<str>>,
        signature: &Signature,
        line: usize,
        frame: Frame,
    ) -> Result<Macro, Failure> {
        let names = parameter_names(signature);
        let special = special_names(signature, &names, line)?;
        let function = self.function(Some(frame.function));
        let inner = self.inner_frame(Frame { function, ..frame }, |symbols, scopes| {
            signature.parameters.iter().for_each(|parameter| symbols.visit_expr(scopes, parameter));
            signature.defaults.iter().for_each(|default| symbols.visit_expr(scopes, default));
            symbols.visit_body(scopes, &signature.body);
            declare_special(symbols, &special);
        });
        let inner = Frame { output_check: false, ..inner };
        self.mark = line;
        let loads = self.scope(inner.scope).loads;
        let parameters = self.parameters(&names, signature, inner)?;
        let mut slot = |used: bool, name| if used { self.slot_of(inner, name) } else { None };
        let own_caller = special.caller && !names.iter().any(|name| &**name == "caller");
        let (caller, kwargs, varargs) =
            (slot(own_caller, "caller"), slot(special.kwargs, "kwargs"), slot(special.varargs, "varargs"));
        let body = self.block_of(&signature.body, inner)?;
        Ok(Macro {
            name: name.cloned(),
            parameters,
            caller,
            kwargs,
            varargs,
            uses_caller: special.caller,
            slots: self.functions[function].slots.len(),
            loads,
            body,
            line,
        })
    }

    fn parameters(
        &mut self,
        names: &[Arc<str>],
        signature: &Signature,
        frame: Frame,
    ) -> Result<Vec<Parameter>, Failure> {
        let without_default = names.len() - signature.defaults.len();
        let mut parameters = Vec::with_capacity(names.len());
        for (at, name) in names.iter().enumerate() {
            let default = at.checked_sub(without_default).map(|at| &signature.defaults[at]);
            let default = default.map(|default| self.expr(default, frame)).transpose()?;
            let slot = self.variable(frame, name)?.slot;
            parameters.push(Parameter { name: name.clone(), slot, default });
        }
        Ok(parameters)
    }
}

fn parameter_names(signature: &Signature) -> Vec<Arc<str>> {
    let name = |parameter: &ast::Expr| match &parameter.node {
        Node::Name(name, _) => Some(name.clone()),
        _ => None,
    };
    signature.parameters.iter().filter_map(name).collect()
}

fn special_names(signature: &Signature, names: &[Arc<str>], line: usize) -> Result<Special, Failure> {
    for (at, name) in names.iter().enumerate() {
        if names[..at].contains(name) {
            let message = format!("duplicate argument 'l_1_{name}' in function definition");
            return Err(Failure::raised("SyntaxError", message));
        }
    }
    let used = search::undeclared(&signature.body, &["caller", "kwargs", "varargs"]);
    let place = |name: &str| names.iter().position(|own| &**own == name);
    let explicit = place("caller");
    let without_default = names.len() - signature.defaults.len();
    if used.contains(&"caller") && explicit.is_some_and(|at| at < without_default) {
        let message = "When defining macros or call blocks the special \"caller\" argument must be omitted or be given \
                       a default.";
        return Err(assertion(message, line));
    }
    Ok(Special {
        caller: used.contains(&"caller"),
        kwargs: used.contains(&"kwargs") && place("kwargs").is_none(),
        varargs: used.contains(&"varargs") && place("varargs").is_none(),
    })
}

fn declare_special(symbols: &mut Symbols, special: &Special) {
    for (used, name) in [(special.caller, "caller"), (special.kwargs, "kwargs"), (special.varargs, "varargs")] {
        let name = Arc::from(name);
        // A parameter of this name stays what it is.
        if used && !symbols.is_parameter(&name) {
            symbols.parameter(&name);
        }
    }
}
