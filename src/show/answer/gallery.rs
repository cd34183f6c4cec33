//! The words of `gallery list`.

use serde_json::{Map, Value, json};

use super::SCHEMA;
use super::parts::code;
use crate::model::Model;
use crate::show::report::{Align, Block, Cell, Document, Table};

/// The contract's keys.
pub fn json(models: &[Model]) -> Map<String, Value> {
    let one = |model: &Model| {
        let mdp = model.mdp();
        json!({
            "name": model.name(),
            "n_states": mdp.n_states(),
            "n_actions": mdp.n_actions(),
            "gamma": mdp.gamma(),
            "hash": model.hash(),
            "rewards": rewards(model),
            "description": model.description(),
            "source": model.source(),
        })
    };
    let mut map = Map::new();
    map.insert("schema".into(), SCHEMA.into());
    map.insert("command".into(), "gallery list".into());
    map.insert("models".into(), models.iter().map(one).collect());
    map
}

/// For people.
pub fn document(models: &[Model]) -> Document {
    let mut table = Table::new("")
        .column("name", Align::Left)
        .column("states", Align::Right)
        .column("rewards", Align::Left)
        .column("what it shows", Align::Left);
    for model in models {
        table = table.row([
            Cell::from(code(model.name())),
            model.mdp().n_states().to_string().into(),
            rewards(model).join(", ").into(),
            model.description().unwrap_or_default().into(),
        ]);
    }
    Document::new("Models in the gallery")
        .lede("Use any of them as gallery:NAME where a command wants a MODEL.")
        .block(table)
        .block(Block::paragraph(
            "Random models: gallery:garnet?states=100&actions=4&branching=4&gamma=0.95&seed=1, any of the parameters.",
        ))
}

fn rewards(model: &Model) -> Vec<&str> {
    model.rewards().iter().map(|(name, _)| name.as_str()).collect()
}
