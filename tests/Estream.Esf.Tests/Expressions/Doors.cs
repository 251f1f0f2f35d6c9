using Estream.Esf.Expressions;

namespace Estream.Esf.Tests.Expressions;

/// <summary>The messages used by the expression tests: a door, and its limits.</summary>
internal static class Doors
{
    private const string Text = """
        version: "1.0"
        namespace: test.doors
        schemas:
          Door:
            fields:
              name: { type: string(32) }
              count: { type: u8 }
              total: { type: u64, optional: true }
              delta: { type: i64, optional: true }
              at: { type: timestamp, optional: true }
              warm: { type: f32, optional: true }
              value: { type: f64, optional: true }
              is_open: { type: bool, optional: true }
              state: { type: DoorState, optional: true }
              note: { type: string, optional: true }
              badge: { type: bytes32, optional: true }
              blob: { type: bytes, optional: true }
              place: { type: object, optional: true, fields: { floor: { type: i16 }, room: { type: string, optional: true }, inner: { type: object, optional: true, fields: { x: { type: f64, optional: true }, side: { type: Side } } } } }
              tags: { type: "map(string, string)", optional: true }
              counts: { type: array(u32), optional: true }
          Limit:
            fields:
              high: { type: f64, optional: true }
              most: { type: i64, optional: true }
              label: { type: string, optional: true }
        enums:
          DoorState: { values: [Closed, Ajar, Open] }
          Side: { values: [Left, Right] }
        """;

    private static readonly EsfSchemaSet s_set = EsfSchemaSet.Parse(new EsfSchemaFile("doors.esf.yaml", Text));

    public static EsfSchema Door { get; } = s_set.Schemas[0];

    public static EsfSchema Limit { get; } = s_set.Schemas[1];

    public static EsfExpressionScope Scope { get; } = new EsfExpressionScope(Door).With("limit", Limit);

    /// <summary>Returns a door with additional members after its name and count.</summary>
    public static byte[] Message(string members = "") =>
        Schemas.Encode(Door, """{"name":"north","count":7""" + (members.Length > 0 ? "," : "") + members + "}");
}
