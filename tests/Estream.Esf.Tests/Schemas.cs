using System.Buffers;
using System.Text;
using Estream.Testing;

namespace Estream.Esf.Tests;

/// <summary>Schemas for tests, and helpers that encode and print with them.</summary>
internal static class Schemas
{
    public static EsfSchema Telemetry { get; } = BuiltIn("IoTTelemetry");

    public static EsfSchema Everything { get; } = One("""
        Everything:
          fields:
            flag: { type: bool }
            a: { type: u8 }
            b: { type: u16 }
            c: { type: u32 }
            d: { type: u64 }
            e: { type: i8 }
            f: { type: i16 }
            g: { type: i32 }
            h: { type: i64 }
            i: { type: f32 }
            j: { type: f64 }
            at: { type: timestamp }
            state: { type: DoorState }
            key: { type: bytes32, optional: true }
            text: { type: string, optional: true }
            short_text: { type: string(4), optional: true }
            raw: { type: bytes, optional: true }
            signature: { type: pq_signature, optional: true }
            place: { type: object, optional: true, fields: { x: { type: f64 }, label: { type: string(8), optional: true } } }
            numbers: { type: array(i32), optional: true }
            names: { type: array(string), optional: true }
            grid: { type: array(array(u8)), optional: true }
            tags: { type: "map(string, string)", optional: true }
            counts: { type: "map(u16, u64)", optional: true }
            states: { type: "map(DoorState, array(string(3)))", optional: true }
            hashes: { type: "map(bytes32, bool)", optional: true }
            parts: { type: "array(object)", optional: true, fields: { id: { type: u32 }, note: { type: string, optional: true } } }
        """);

    /// <summary>Two versions of one schema: the later one has an additional field, enum value and object field.</summary>
    public static string[] DoorsText { get; } =
    [
        """
        version: "1.0"
        namespace: test.doors
        schemas:
          DoorMoved:
            fields:
              door: { type: string(16) }
              count: { type: u8, optional: true }
              state: { type: DoorState }
              place: { type: object, optional: true, fields: { floor: { type: i16 } } }
              seen: { type: "map(DoorState, u8)", optional: true }
        enums:
          DoorState: { values: [Open, Closed] }
        """,
        """
        version: "1.0"
        namespace: test.doors
        schemas:
          DoorMoved:
            fields:
              door: { type: string(16) }
              count: { type: u8, optional: true }
              state: { type: DoorState }
              place: { type: object, optional: true, fields: { floor: { type: i16 }, wing: { type: string, optional: true }, lift: { type: bool, optional: true } } }
              seen: { type: "map(DoorState, u8)", optional: true }
              force: { type: u16, optional: true }
              note: { type: string, optional: true }
        enums:
          DoorState: { values: [Open, Closed, Ajar] }
        """,
    ];

    public static EsfSchema[] Doors { get; } =
        [.. DoorsText.Select(text => EsfSchemaSet.Parse(new EsfSchemaFile("doors.esf.yaml", text)).Schemas[0])];

    /// <summary>A message of each version in JSON, with every field of the version.</summary>
    public static string[] DoorsJson { get; } =
    [
        """{"door":"north","count":7,"state":"Closed","place":{"floor":-2},"seen":{"Open":1,"Closed":2}}""",
        """{"door":"north","count":7,"state":"Ajar","place":{"floor":-2,"wing":"west","lift":true},"seen":{"Open":1,"Ajar":2},"force":40,"note":"sticks"}""",
    ];

    /// <summary>The folders of the packs.</summary>
    public static string[] PackFolders { get; } =
        [.. Directory.GetDirectories(RepositoryRoot.Combine("schemas")).Order(StringComparer.Ordinal)];

    /// <summary>The schemas of the packs and the built-in schemas.</summary>
    public static EsfSchemaSet All { get; } = EsfSchemaSet.BuiltIn.With(EsfSchemaSet.Load(PackFolders.SelectMany(FilesOf)));

    /// <summary>Returns the schemas of one pack, by its name.</summary>
    public static EsfSchemaSet OfPack(string pack) => EsfSchemaSet.Load(FilesOf(RepositoryRoot.Combine("schemas", pack)));

    public static EsfSchema BuiltIn(string name) =>
        EsfSchemaSet.BuiltIn.TryGet(name, out EsfSchema? schema) ? schema : throw new InvalidOperationException(name);

    /// <summary>Returns the only schema of a file, given the text under <c>schemas:</c>; the file also has an enum DoorState.</summary>
    public static EsfSchema One(string schema)
    {
        string text = "version: \"1.0\"\nnamespace: test.one\nschemas:\n  " + schema.ReplaceLineEndings("\n")
            .Replace("\n", "\n  ", StringComparison.Ordinal)
            + "\nenums:\n  DoorState: { values: [Open, Closed, Locked] }\n";
        return EsfSchemaSet.Parse(new EsfSchemaFile("test.esf.yaml", text)).Schemas[0];
    }

    /// <summary>Encodes JSON as a message; fails the test if the JSON is rejected.</summary>
    public static byte[] Encode(EsfSchema schema, string json)
    {
        byte[] destination = new byte[64 * 1024];
        EsfStatus status = EsfJson.TryEncode(schema, Encoding.UTF8.GetBytes(json), destination, out int length);
        Assert.True(status.IsOk, status.ToString());
        return destination[..length];
    }

    /// <summary>Returns the status of encoding JSON.</summary>
    public static EsfStatus TryEncode(EsfSchema schema, string json) =>
        EsfJson.TryEncode(schema, Encoding.UTF8.GetBytes(json), new byte[64 * 1024], out _);

    /// <summary>Returns the JSON of a message with private values disclosed; fails the test if the message is rejected.</summary>
    public static string Print(EsfSchema schema, ReadOnlySpan<byte> message)
    {
        ArrayBufferWriter<byte> buffer = new();
        EsfStatus status = EsfJson.WriteJson(schema, message, buffer, EsfDisclosure.Disclosed);
        Assert.True(status.IsOk, status.ToString());
        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    private static string[] FilesOf(string packFolder) => Directory.GetFiles(Path.Combine(packFolder, "schemas"), "*.esf.yaml");
}
