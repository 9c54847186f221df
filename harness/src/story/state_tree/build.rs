//! A serializer whose output is a state tree.
//!
//! **Invariant:** every value of serde's data model has a tree; what serde names keeps its name.

use std::fmt::{self, Display};

use serde::ser::{self, Serialize};
use stormcart_sim::site::Node;

use super::{Key, StateTree};

/// Why a value could not be serialized.
#[derive(Debug)]
pub(super) struct Refused(String);

impl Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Refused {}

impl ser::Error for Refused {
    fn custom<T: Display>(what: T) -> Self {
        Refused(what.to_string())
    }
}

type Built = Result<StateTree, Refused>;

/// Builds the tree of one value.
pub(super) struct Builder;

/// Builds a value that has several parts.
pub(super) struct Parts<T> {
    name: &'static str,
    parts: Vec<T>,
    key: Option<Key>,
}

impl<T> Parts<T> {
    fn new(name: &'static str, length: usize) -> Self {
        Parts { name, parts: Vec::with_capacity(length), key: None }
    }
}

macro_rules! numbers {
    ($($method:ident $number:ty,)*) => {
        $(fn $method(self, number: $number) -> Built {
            Ok(StateTree::Number(number.into()))
        })*
    };
}

impl ser::Serializer for Builder {
    type Ok = StateTree;
    type Error = Refused;
    type SerializeSeq = Parts<StateTree>;
    type SerializeTuple = Parts<StateTree>;
    type SerializeTupleStruct = Parts<StateTree>;
    type SerializeTupleVariant = Parts<StateTree>;
    type SerializeMap = Parts<(Key, StateTree)>;
    type SerializeStruct = Parts<(&'static str, StateTree)>;
    type SerializeStructVariant = Parts<(&'static str, StateTree)>;

    numbers! {
        serialize_i8 i8, serialize_i16 i16, serialize_i32 i32, serialize_i64 i64,
        serialize_u8 u8, serialize_u16 u16, serialize_u32 u32, serialize_u64 u64,
    }

    fn serialize_bool(self, flag: bool) -> Built {
        Ok(StateTree::Flag(flag))
    }
    fn serialize_f32(self, number: f32) -> Built {
        Ok(StateTree::Word(number.to_string()))
    }
    fn serialize_f64(self, number: f64) -> Built {
        Ok(StateTree::Word(number.to_string()))
    }
    fn serialize_char(self, letter: char) -> Built {
        Ok(StateTree::Word(letter.to_string()))
    }
    fn serialize_str(self, text: &str) -> Built {
        Ok(StateTree::Word(text.to_owned()))
    }
    fn serialize_bytes(self, bytes: &[u8]) -> Built {
        Ok(StateTree::List(bytes.iter().map(|byte| StateTree::Number((*byte).into())).collect()))
    }
    fn serialize_none(self) -> Built {
        Ok(StateTree::Nothing)
    }
    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Built {
        Ok(StateTree::Something(Box::new(value.serialize(Builder)?)))
    }
    fn serialize_unit(self) -> Built {
        Ok(StateTree::Nothing)
    }
    fn serialize_unit_struct(self, _name: &'static str) -> Built {
        Ok(StateTree::Nothing)
    }
    fn serialize_unit_variant(self, _name: &'static str, _index: u32, variant: &'static str) -> Built {
        Ok(StateTree::Tuple(variant, Vec::new()))
    }
    fn serialize_newtype_struct<T: Serialize + ?Sized>(self, name: &'static str, value: &T) -> Built {
        match (name, value.serialize(Builder)?) {
            (Node::SERIALIZED_AS, StateTree::Number(number)) => Ok(StateTree::Node(Node(number as u8))),
            (name, value) => Ok(StateTree::Tuple(name, vec![value])),
        }
    }
    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _name: &'static str,
        _index: u32,
        variant: &'static str,
        value: &T,
    ) -> Built {
        Ok(StateTree::Tuple(variant, vec![value.serialize(Builder)?]))
    }
    fn serialize_seq(self, length: Option<usize>) -> Result<Self::SerializeSeq, Refused> {
        Ok(Parts::new("", length.unwrap_or(0)))
    }
    fn serialize_tuple(self, length: usize) -> Result<Self::SerializeTuple, Refused> {
        Ok(Parts::new("", length))
    }
    fn serialize_tuple_struct(
        self,
        name: &'static str,
        length: usize,
    ) -> Result<Self::SerializeTupleStruct, Refused> {
        Ok(Parts::new(name, length))
    }
    fn serialize_tuple_variant(
        self,
        _name: &'static str,
        _index: u32,
        variant: &'static str,
        length: usize,
    ) -> Result<Self::SerializeTupleVariant, Refused> {
        Ok(Parts::new(variant, length))
    }
    fn serialize_map(self, length: Option<usize>) -> Result<Self::SerializeMap, Refused> {
        Ok(Parts::new("", length.unwrap_or(0)))
    }
    fn serialize_struct(self, name: &'static str, length: usize) -> Result<Self::SerializeStruct, Refused> {
        Ok(Parts::new(name, length))
    }
    fn serialize_struct_variant(
        self,
        _name: &'static str,
        _index: u32,
        variant: &'static str,
        length: usize,
    ) -> Result<Self::SerializeStructVariant, Refused> {
        Ok(Parts::new(variant, length))
    }
}

impl ser::SerializeSeq for Parts<StateTree> {
    type Ok = StateTree;
    type Error = Refused;
    fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Refused> {
        self.parts.push(value.serialize(Builder)?);
        Ok(())
    }
    fn end(self) -> Built {
        Ok(StateTree::List(self.parts))
    }
}

impl ser::SerializeTuple for Parts<StateTree> {
    type Ok = StateTree;
    type Error = Refused;
    fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Refused> {
        self.parts.push(value.serialize(Builder)?);
        Ok(())
    }
    fn end(self) -> Built {
        Ok(StateTree::Tuple(self.name, self.parts))
    }
}

impl ser::SerializeTupleStruct for Parts<StateTree> {
    type Ok = StateTree;
    type Error = Refused;
    fn serialize_field<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Refused> {
        self.parts.push(value.serialize(Builder)?);
        Ok(())
    }
    fn end(self) -> Built {
        Ok(StateTree::Tuple(self.name, self.parts))
    }
}

impl ser::SerializeTupleVariant for Parts<StateTree> {
    type Ok = StateTree;
    type Error = Refused;
    fn serialize_field<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Refused> {
        self.parts.push(value.serialize(Builder)?);
        Ok(())
    }
    fn end(self) -> Built {
        Ok(StateTree::Tuple(self.name, self.parts))
    }
}

impl ser::SerializeMap for Parts<(Key, StateTree)> {
    type Ok = StateTree;
    type Error = Refused;
    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), Refused> {
        let tree = key.serialize(Builder)?;
        let words = |tree: &StateTree| Key::Words(tree.words());
        self.key = Some(match &tree {
            StateTree::Number(number) => u32::try_from(*number).map_or_else(|_| words(&tree), Key::Subject),
            other => words(other),
        });
        Ok(())
    }
    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Refused> {
        let key = self.key.take().ok_or_else(|| Refused("a value came before its key".into()))?;
        self.parts.push((key, value.serialize(Builder)?));
        Ok(())
    }
    fn end(self) -> Built {
        Ok(StateTree::Table(self.parts))
    }
}

impl ser::SerializeStruct for Parts<(&'static str, StateTree)> {
    type Ok = StateTree;
    type Error = Refused;
    fn serialize_field<T: Serialize + ?Sized>(
        &mut self,
        field: &'static str,
        value: &T,
    ) -> Result<(), Refused> {
        self.parts.push((field, value.serialize(Builder)?));
        Ok(())
    }
    fn end(self) -> Built {
        Ok(StateTree::Record(self.name, self.parts))
    }
}

impl ser::SerializeStructVariant for Parts<(&'static str, StateTree)> {
    type Ok = StateTree;
    type Error = Refused;
    fn serialize_field<T: Serialize + ?Sized>(
        &mut self,
        field: &'static str,
        value: &T,
    ) -> Result<(), Refused> {
        self.parts.push((field, value.serialize(Builder)?));
        Ok(())
    }
    fn end(self) -> Built {
        Ok(StateTree::Record(self.name, self.parts))
    }
}
