using System.Text;
using Estream.Esf;

namespace Estream.Fuzz.Esf;

/// <summary>What the damage starts from: right schemas, right JSON, right messages, with every kind of field in them.</summary>
internal static class EsfSeeds
{
    private const string SchemaText =
        """
        version: "1.0"
        namespace: fuzz.kinds
        schemas:
          Everything:
            description: "One field of each kind"
            lattice: fuzz.kinds.everything
            path: /fuzz/{name}
            fields:
              name: { type: string(16) }
              note: { type: string, optional: true }
              at: { type: timestamp }
              flag: { type: bool }
              small: { type: u8 }
              large: { type: u64 }
              signed: { type: i64, optional: true }
              half: { type: f32, optional: true }
              real: { type: f64 }
              blob: { type: bytes, optional: true }
              digest: { type: bytes32, optional: true }
              level: { type: Level }
              place: { type: object, optional: true, fields: { x: { type: f64 }, label: { type: string, optional: true } } }
              tags: { type: "map(string, string)", optional: true }
              history: { type: "array(i32)", optional: true }
        enums:
          Level: { values: [Low, High] }
        """;

    private static readonly string[] s_json =
    [
        """{"name":"a","at":-1,"flag":true,"small":255,"large":18446744073709551615,"real":1e-300,"level":"High"}""",
        """{"name":"pumpe-ü","note":"é\"\\\n","at":1,"flag":false,"small":0,"large":0,"signed":-9223372036854775808,"half":1.5,"real":-0.0,"blob":"00ff","level":"Low"}""",
        """{"name":"","at":0,"flag":true,"small":1,"large":2,"real":3,"digest":"00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff","level":"Low","place":{"x":1,"label":"n"},"tags":{"a":"b","c":""},"history":[1,-2,3]}""",
    ];

    public static IReadOnlyList<byte[]> Schemas { get; } = [Encoding.UTF8.GetBytes(SchemaText), .. EsfSchemaSet.BuiltIn.Files.Select(file => Encoding.UTF8.GetBytes(file.Text))];

    public static EsfSchema Schema { get; } = EsfSchemaSet.Parse(new EsfSchemaFile("fuzz.esf.yaml", SchemaText)).Schemas[0];

    public static IReadOnlyList<byte[]> Json { get; } = [.. s_json.Select(Encoding.UTF8.GetBytes)];

    public static IReadOnlyList<byte[]> Messages { get; } = [.. Json.Select(Encode)];

    private static byte[] Encode(byte[] json)
    {
        byte[] message = new byte[4_096];
        EsfStatus status = EsfJson.TryEncode(Schema, json, message, out int length);
        Assert.True(status.IsOk, status.Describe(json));
        return message[..length];
    }
}
