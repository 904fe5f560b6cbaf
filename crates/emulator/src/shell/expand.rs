//! Expansion: words to fields.

use super::ast::{Part, Word};
use super::field::{Fields, Shape, TooLong};
use super::{Flow, Shell, arithmetic};
use futures::future::{BoxFuture, FutureExt};

impl Shell {
    /// The fields that words expand to, patterns replaced by the names of files.
    pub(super) async fn fields(&mut self, words: &[Word]) -> Result<Vec<String>, Flow> {
        let mut all = Vec::new();
        let mut bytes = 0;
        for word in words {
            let Ok((words, work)) = super::glob::braces(word) else { return Err(self.too_long().await) };
            self.budget.work(work).await;
            for word in words {
                let mut fields = Fields::new(Shape::Split, &self.separators());
                self.parts(&word.0, false, &mut fields).await?;
                for field in fields.into_fields() {
                    bytes += field.text.len() + size_of::<String>();
                    match field.pattern.filter(|_| !self.options.noglob).map(|pattern| self.glob(&pattern)) {
                        Some(names) if !names.is_empty() => {
                            bytes += names.iter().map(|name| name.len() + size_of::<String>()).sum::<usize>();
                            all.extend(names);
                        }
                        _ => all.push(field.text),
                    }
                }
                if bytes > super::limits::EXPANSION_BYTES_MAX {
                    return Err(self.too_long().await);
                }
            }
        }
        Ok(all)
    }

    /// The one text that a word expands to.
    pub(super) async fn text(&mut self, word: &Word, shape: Shape) -> Result<String, Flow> {
        let mut fields = Fields::new(shape, "");
        self.parts(&word.0, false, &mut fields).await?;
        Ok(fields.into_text())
    }

    pub(super) fn separators(&self) -> String {
        self.variables.get("IFS").unwrap_or(" \t\n").to_owned()
    }

    pub(super) async fn too_long(&mut self) -> Flow {
        self.complain("Argument list too long").await;
        Flow::Abort(1)
    }

    /// Adds what parts expand to.
    pub(super) fn parts<'a>(
        &'a mut self,
        parts: &'a [Part],
        quoted: bool,
        fields: &'a mut Fields,
    ) -> BoxFuture<'a, Result<(), Flow>> {
        async move {
            self.descend().await?;
            let done = self.parts_now(parts, quoted, fields).await;
            self.depth -= 1;
            done
        }
        .boxed()
    }

    async fn parts_now(&mut self, parts: &[Part], quoted: bool, fields: &mut Fields) -> Result<(), Flow> {
        for part in parts {
            let before = fields.bytes();
            let fits = match part {
                Part::Literal(text) => fields.push(text, quoted),
                Part::Quoted(text) => fields.push(text, true),
                Part::Home => fields.push(self.variables.get("HOME").unwrap_or("/"), true),
                Part::Double(inside) => {
                    if !only_arguments(inside) || !self.arguments.is_empty() {
                        fields.begin();
                    }
                    self.parts(inside, true, fields).await?;
                    Ok(())
                }
                Part::Parameter(parameter) => {
                    self.parameter(parameter, quoted, fields).await?;
                    Ok(())
                }
                Part::Command(list) => {
                    let text = self.substitution(list).await?;
                    fields.expanded(&text, quoted)
                }
                Part::Arithmetic(expression) => {
                    let value = self.arithmetic(expression).await?;
                    fields.expanded(&value.to_string(), quoted)
                }
            };
            if let Err(TooLong) = fits {
                return Err(self.too_long().await);
            }
            self.budget.work(1 + fields.bytes() - before).await;
        }
        Ok(())
    }

    /// What an arithmetic expression is worth.
    pub(super) async fn arithmetic(&mut self, parts: &[Part]) -> Result<i32, Flow> {
        let mut fields = Fields::new(Shape::Plain, "");
        self.parts(parts, true, &mut fields).await?;
        let text = fields.into_text();
        match arithmetic::evaluate(&text, &mut self.variables) {
            Ok(value) => Ok(value),
            Err(why) => {
                self.complain(&why).await;
                Err(Flow::Abort(1))
            }
        }
    }
}

/// `"$@"` and nothing else: without arguments, that is no field.
fn only_arguments(parts: &[Part]) -> bool {
    let [Part::Parameter(parameter)] = parts else { return false };
    parameter.name == "@" && parameter.form == super::ast::Form::Value
}
