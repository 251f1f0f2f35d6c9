using System.Text;
using Estream.Crypto;
using Estream.Esf;

namespace Estream.Fuzz.Esf;

/// <summary>
/// The valid inputs to damage: schemas, JSON and messages with every kind of field, including private and tokenized fields.
/// Messages are in plaintext and sealed; keys are the same in every run, ciphertexts are not.
/// </summary>
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
              age: { type: u64, optional: true, privacy: encrypted }
              card: { type: string(19), optional: true, privacy: tokenized }
              place: { type: object, optional: true, fields: { x: { type: f64 }, label: { type: string, optional: true } } }
              tags: { type: "map(string, string)", optional: true }
              history: { type: "array(i32)", optional: true }
              insured: { type: bool, optional: true, privacy: { default_level: encrypted, audiences: [{ audience: owner, level: public }] } }
              home: { type: object, optional: true, privacy: { default_level: encrypted, audiences: [{ audience: owner, level: public }] }, fields: { street: { type: string }, floor: { type: i16, privacy: encrypted } } }
              visits: { type: array(object), optional: true, fields: { code: { type: u32 }, finding: { type: string, optional: true, privacy: encrypted } } }
              doses: { type: "map(string, f64)", optional: true, privacy: encrypted }
        enums:
          Level: { values: [Low, High] }
        """;

    // The fields of the message from 'place' on are appended fields; in the object, the label is the appended field.
    private const string FirstAppended = "      place:";

    private static readonly string s_earlierText = SchemaText[..SchemaText.IndexOf(FirstAppended, StringComparison.Ordinal)]
        + SchemaText[SchemaText.IndexOf("enums:", StringComparison.Ordinal)..];

    private static readonly string s_laterText = SchemaText
        .Replace("label: { type: string, optional: true } }", "label: { type: string, optional: true }, z: { type: i32, optional: true } }",
            StringComparison.Ordinal)
        .Replace("enums:",
            "      extra: { type: \"map(u8, array(string))\", optional: true }\n      late: { type: u16, optional: true }\nenums:",
            StringComparison.Ordinal)
        .Replace("[Low, High]", "[Low, High, Extreme]", StringComparison.Ordinal);

    private static readonly string[] s_json =
    [
        """{"name":"a","at":-1,"flag":true,"small":255,"large":18446744073709551615,"real":1e-300,"level":"High"}""",
        """{"name":"pumpe-ü","note":"é\"\\\n","at":1,"flag":false,"small":0,"large":0,"signed":-9223372036854775808,"half":1.5,"real":-0.0,"blob":"00ff","level":"Low"}""",
        """{"name":"","at":0,"flag":true,"small":1,"large":2,"real":3,"digest":"00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff","level":"Low","place":{"x":1,"label":"n"},"tags":{"a":"b","c":""},"history":[1,-2,3]}""",
        """{"name":"c","at":3,"flag":false,"small":4,"large":5,"real":6,"level":"Low","age":1234567890123,"card":"5555555555554444"}""",
        """{"name":"d","at":4,"flag":true,"small":5,"large":6,"real":7,"level":"High","age":0,"insured":true,"home":{"street":"Linden","floor":-3},"visits":[{"code":1,"finding":"mild"},{"code":2}],"doses":{"digoxin":0.25,"":0}}""",
    ];

    public static IReadOnlyList<byte[]> Schemas { get; } =
        [Encoding.UTF8.GetBytes(SchemaText), .. EsfSchemaSet.BuiltIn.Files.Select(file => Encoding.UTF8.GetBytes(file.Text))];

    public static EsfSchema Schema { get; } = Of(SchemaText);

    public static IReadOnlyList<byte[]> Json { get; } = [.. s_json.Select(Encoding.UTF8.GetBytes)];

    /// <summary>The private keys of the schema's audiences.</summary>
    public static EsfKeyRing Ring { get; } = new(Key("default"), Key("owner"));

    /// <summary>Messages of the schema, of an earlier and of a later version of it; messages with private values are also included
    /// sealed.</summary>
    public static IReadOnlyList<byte[]> Messages { get; } =
    [
        .. Json.Select(json => Encode(Schema, json)),
        .. Json.Take(2).Append(Json[3]).Select(json => Encode(Of(s_earlierText), json)),
        .. Json.Select(json => Encode(Of(s_laterText), json)),
        Encode(Of(s_laterText),
            """{"name":"b","at":2,"flag":false,"small":3,"large":4,"real":5,"level":"Extreme","place":{"x":6,"z":-7},"history":[8],"extra":{"9":["x","yz"]},"late":10}"""u8.ToArray()),
        .. Json.Skip(3).Select(json => Seal(Schema, Encode(Schema, json))),
        Seal(Of(s_earlierText), Encode(Of(s_earlierText), Json[3])),
        Seal(Of(s_laterText), Encode(Of(s_laterText), Json[4])),
    ];

    /// <summary>Encodes JSON as a plaintext message.</summary>
    public static byte[] Encode(EsfSchema schema, byte[] json)
    {
        byte[] message = new byte[4_096];
        EsfStatus status = EsfJson.TryEncode(schema, json, message, out int length);
        Assert.True(status.IsOk, status.Describe(json));
        return message[..length];
    }

    /// <summary>Seals a message for the audiences of <see cref="Ring"/>.</summary>
    public static byte[] Seal(EsfSchema schema, byte[] message)
    {
        using EsfSealer sealer = new(schema,
            EsfAudienceKeys.None.With("default", Key("default").PublicKey).With("owner", Key("owner").PublicKey), null, new OneCard());
        byte[] destination = new byte[sealer.MaxSealedLength(message.Length)];
        EsfStatus status = sealer.Seal(message, destination, out int written);
        Assert.True(status.IsOk, status.ToString());
        return destination[..written];
    }

    private static MlKem1024PrivateKey Key(string audience) =>
        MlKem1024PrivateKey.ImportSeed([.. Enumerable.Repeat((byte)audience.Length, MlKem1024.SeedBytes)]);

    private static EsfSchema Of(string text) => EsfSchemaSet.Parse(new EsfSchemaFile("fuzz.esf.yaml", text)).Schemas[0];
}
