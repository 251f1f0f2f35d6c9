using System.Text;

namespace Estream.Esf.Tests.Sealing;

/// <summary>A schema with private fields of every kind at every level, a message of it, and helpers to seal and open.</summary>
internal static class SealCase
{
    private const string Both =
        "{ default_level: encrypted, audiences: [{ audience: owner, level: public }, { audience: auditor, level: public }] }";

    public static EsfSchema Schema { get; } = Schemas.One($$"""
        Visit:
          fields:
            id: { type: string(16) }
            age: { type: u64, privacy: encrypted }
            well: { type: bool, optional: true, privacy: encrypted }
            state: { type: DoorState, privacy: encrypted }
            key: { type: bytes32, optional: true, privacy: {{Both}} }
            name: { type: string(40), privacy: {{Both}} }
            alias: { type: string(40), optional: true, privacy: {{Both}} }
            raw: { type: bytes, optional: true, privacy: encrypted }
            weight: { type: f64, optional: true, privacy: encrypted }
            home: { type: object, optional: true, privacy: {{Both}}, fields: { street: { type: string }, floor: { type: i16, privacy: encrypted } } }
            parts:
              type: "map(string, array(object))"
              optional: true
              fields: { code: { type: u32 }, finding: { type: string, optional: true, privacy: encrypted } }
            codes: { type: "map(string, bool)", optional: true, privacy: encrypted }
            note: { type: string, optional: true }
        """);

    public const string Json =
        """
        {"id":"visit-1","age":9007199254740993,"well":true,"state":"Locked","key":"f1e1d1c1b1a191817161514131211101f0e0d0c0b0a090807060504030201000",
        "name":"Katharina Musterfrau","alias":"Katharina Mustermann","raw":"deadbeefcafebabe0123456789","weight":71.25,"home":{"street":"Unter den Linden 77","floor":-3},
        "parts":{"left":[{"code":1,"finding":"arrhythmia, mild"},{"code":2},{"code":3,"finding":"murmur of a heart"}],"right":[]},"codes":{"penicillin":true},"note":"seen at noon"}
        """;

    /// <summary>The private values of <see cref="Json"/>, as bytes of the unsealed message.</summary>
    public static byte[][] Cleartexts { get; } =
    [
        BitConverter.GetBytes(9007199254740993UL),
        Convert.FromHexString("f1e1d1c1b1a191817161514131211101f0e0d0c0b0a090807060504030201000"),
        .. new[] { "Katharina Musterfrau", "Katharina Mustermann", "Unter den Linden 77", "arrhythmia, mild", "murmur of a heart",
            "penicillin" }.Select(Encoding.UTF8.GetBytes),
        Convert.FromHexString("deadbeefcafebabe0123456789"),
        BitConverter.GetBytes(71.25),
    ];

    public static byte[] Open() => Schemas.Encode(Schema, Json);

    public static byte[] Sealed()
    {
        using EsfSealer sealer = new(Schema, Generation.TestKeys.Public);
        return sealer.SealOrFail(Open());
    }

    /// <summary>Seals a message; fails the test if the message is rejected.</summary>
    public static byte[] SealOrFail(this EsfSealer sealer, ReadOnlySpan<byte> message)
    {
        byte[] destination = new byte[sealer.MaxSealedLength(message.Length)];
        EsfStatus status = sealer.Seal(message, destination, out int written);
        Assert.True(status.IsOk, status.ToString());
        return destination[..written];
    }

    /// <summary>Returns the JSON of a message opened with some keys, with opened values disclosed; fails the test if the message is
    /// rejected.</summary>
    public static string Print(EsfSchema schema, ReadOnlySpan<byte> message, EsfKeyRing ring)
    {
        using EsfUnsealer unsealer = new(schema, ring);
        EsfStatus status = unsealer.Open(message, out ReadOnlySpan<byte> opened, out _);
        Assert.True(status.IsOk, status.ToString());
        return Schemas.Print(schema, opened);
    }
}
