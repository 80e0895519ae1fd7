// Protobuf messages by tables of their fields, over a library's reader and writer of the wire format: a compiled schema with its reflection
// would be a quarter of what a web page loads of thaw.

import { BinaryReader, BinaryWriter, WireType } from "@bufbuild/protobuf/wire";

/** How values are read and written; `Init` is what may be given to write a `T`. */
export interface Kind<T, Init = T> {
  readonly wire: WireType;
  read(reader: BinaryReader): T;
  write(writer: BinaryWriter, value: Init): void;
}

export const int64: Kind<bigint> = {
  wire: WireType.Varint,
  read: (reader) => BigInt(reader.int64()),
  write: (writer, value) => writer.int64(value),
};
export const uint64: Kind<bigint> = {
  wire: WireType.Varint,
  read: (reader) => BigInt(reader.uint64()),
  write: (writer, value) => writer.uint64(value),
};
/** Also the kind of enumerations. */
export const int32: Kind<number> = {
  wire: WireType.Varint,
  read: (reader) => reader.int32(),
  write: (writer, value) => writer.int32(value),
};
export const float: Kind<number> = {
  wire: WireType.Bit32,
  read: (reader) => reader.float(),
  write: (writer, value) => writer.float(value),
};
export const double: Kind<number> = {
  wire: WireType.Bit64,
  read: (reader) => reader.double(),
  write: (writer, value) => writer.double(value),
};
export const string: Kind<string> = {
  wire: WireType.LengthDelimited,
  read: (reader) => reader.string(),
  write: (writer, value) => writer.string(value),
};
/** A view of the bytes that are read, not a copy. */
export const bytes: Kind<Uint8Array> = {
  wire: WireType.LengthDelimited,
  read: (reader) => reader.bytes(),
  write: (writer, value) => writer.bytes(value),
};

/** A field of a message: its value once read, a `T`, and what may be given to write it. */
export interface Field<T, Init = T> {
  readonly number: number;
  /** The value of a message that does not have the field. */
  empty(): T;
  /** The value after `reader` has read one more occurrence, of wire type `wire`; `before` is the value so far. */
  read(reader: BinaryReader, wire: WireType, before: T): T;
  write(writer: BinaryWriter, value: Init): void;
}

/** A field that is `absent` where a message does not have it. */
export function optional<T, Init, Absent>(number: number, kind: Kind<T, Init>, absent: Absent): Field<T | Absent, Init> {
  return {
    number,
    empty: () => absent,
    read(reader, wire) {
      expectWire(wire, kind.wire, number);
      return kind.read(reader);
    },
    write(writer, value) {
      writer.tag(number, kind.wire);
      kind.write(writer, value);
    },
  };
}

/** A list, written with a tag before each value, or with one before all if it is `packed`; read in either form. */
export function repeated<T, Init>(number: number, kind: Kind<T, Init>, packed = false): Field<T[], readonly Init[]> {
  return {
    number,
    empty: () => [],
    read(reader, wire, before) {
      if (wire === WireType.LengthDelimited && kind.wire !== WireType.LengthDelimited)
        readWithin(reader, reader.uint32() + reader.pos, () => before.push(kind.read(reader)));
      else {
        expectWire(wire, kind.wire, number);
        before.push(kind.read(reader));
      }
      return before;
    },
    write(writer, values) {
      if (packed && values.length > 0) {
        writer.tag(number, WireType.LengthDelimited).fork();
        for (const value of values) kind.write(writer, value);
        writer.join();
      } else
        for (const value of values) {
          writer.tag(number, kind.wire);
          kind.write(writer, value);
        }
    },
  };
}

export type Fields = Readonly<Record<string, Field<unknown, never>>>;
export type Message<F extends Fields> = { readonly [Name in keyof F]: F[Name] extends Field<infer T, never> ? T : never };
export type MessageInit<F extends Fields> = { readonly [Name in keyof F]?: Parameters<F[Name]["write"]>[1] | undefined };

/** A message, which is also a value within other messages. */
export interface MessageKind<F extends Fields> extends Kind<Message<F>, MessageInit<F>> {
  /** Reads the whole of `data`. Throws for bytes that are no such message. */
  decode(data: Uint8Array): Message<F>;
  encode(init: MessageInit<F>): Uint8Array;
}

/** A message of `fields`, which are written in their order. Fields that are not among them are skipped when a message is read. */
export function message<F extends Fields>(fields: F): MessageKind<F> {
  const entries = Object.entries(fields as unknown as Readonly<Record<string, Field<unknown>>>);
  const byNumber = new Map(entries.map(([name, field]) => [field.number, [name, field] as const]));
  const readTo = (reader: BinaryReader, end: number): Message<F> => {
    const values: Record<string, unknown> = {};
    for (const [name, field] of entries) values[name] = field.empty();
    readWithin(reader, end, () => {
      const [number, wire] = reader.tag();
      const [name, field] = byNumber.get(number) ?? [];
      if (field) values[name as string] = field.read(reader, wire, values[name as string]);
      else reader.skip(wire, number);
    });
    return values as Message<F>;
  };
  const write = (writer: BinaryWriter, init: MessageInit<F>): void => {
    for (const [name, field] of entries) {
      const value = init[name];
      if (value !== undefined) field.write(writer, value);
    }
  };
  return {
    wire: WireType.LengthDelimited,
    read: (reader) => readTo(reader, reader.uint32() + reader.pos),
    write(writer, init) {
      write(writer.fork(), init);
      writer.join();
    },
    decode: (data) => readTo(new BinaryReader(data), data.length),
    encode(init) {
      const writer = new BinaryWriter();
      write(writer, init);
      return writer.finish();
    },
  };
}

/** Calls `readOne` up to the position `end`. Throws if the last reads beyond it, or the file ends before. */
function readWithin(reader: BinaryReader, end: number, readOne: () => unknown): void {
  if (end > reader.len) throw new Error("A message ends after its file");
  while (reader.pos < end) readOne();
  if (reader.pos > end) throw new Error("A message ends in the middle of a field");
}

function expectWire(found: WireType, wire: WireType, number: number): void {
  if (found !== wire) throw new Error(`Field ${number} has the wire type ${found}, not ${wire}`);
}

/** The message that `kind` reads. */
export type Read<K> = K extends Kind<infer T, never> ? T : never;
/** What `kind` writes: a message that may lack any of its fields. */
export type Written<K> = K extends { write(writer: BinaryWriter, value: infer Init): void } ? Init : never;
