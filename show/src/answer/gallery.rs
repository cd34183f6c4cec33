//! The words of `gallery list`.

use serde_json::{Map, Value, json};

use super::SCHEMA;
use super::parts::code;
use crate::report::{Align, Block, Cell, Document, Table};
use truenorth::model::Model;

/// Models shown together.
pub struct Group {
    /// In JSON.
    pub id: &'static str,
    /// Above the table.
    pub title: &'static str,
    /// In the order shown.
    pub models: Vec<Model>,
}

/// The contract's keys.
pub fn json(groups: &[Group]) -> Map<String, Value> {
    let one = |group: &str, model: &Model| {
        let mdp = model.mdp();
        json!({
            "name": model.name(),
            "group": group,
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
    let models = groups.iter().flat_map(|group| group.models.iter().map(|model| one(group.id, model)));
    map.insert("models".into(), models.collect());
    map
}

/// For people.
pub fn document(groups: &[Group]) -> Document {
    let page =
        Document::new("Models in the gallery").lede("Use any of them as gallery:NAME where a command wants a MODEL.");
    groups.iter().fold(page, |page, group| page.block(table(group))).block(Block::paragraph(
        "Random models: gallery:garnet?states=100&actions=4&branching=4&gamma=0.95&seed=1, any of the parameters.",
    ))
}

fn table(group: &Group) -> Table {
    let mut table = Table::new(group.title)
        .column("name", Align::Left)
        .column("states", Align::Right)
        .column("rewards", Align::Left)
        .column("what it shows", Align::Left);
    for model in &group.models {
        table = table.row([
            Cell::from(code(model.name())),
            model.mdp().n_states().to_string().into(),
            rewards(model).join(", ").into(),
            model.description().unwrap_or_default().into(),
        ]);
    }
    table
}

fn rewards(model: &Model) -> Vec<&str> {
    model.rewards().iter().map(|(name, _)| name.as_str()).collect()
}
