using System.Globalization;
using Estream.Esf;
using Estream.Esf.Schema;

namespace Estream.Host.Tests.Process;

/// <summary>
/// JSON for a schema with every field present and one item in each array. A private text or 64-bit number is a secret that appears nowhere
/// else. If the schema has no room for a secret (such as a currency of three letters), the value is meaningless.
/// </summary>
internal sealed class CanaryJson
{
    /// <summary>The value of public texts.</summary>
    public const string Clear = "shown";

    private const string Filler = "QQQQQQQQ";
    private const long FirstNumber = 7_310_000_000_000_000;

    /// <summary>The texts among the secrets.</summary>
    public List<string> Texts { get; } = [];

    /// <summary>The numbers among the secrets.</summary>
    public List<long> Numbers { get; } = [];

    public string Of(EsfSchema schema) => Record(schema.Definition.Record, isPrivate: false);

    private string Record(RecordDefinition record, bool isPrivate) =>
        "{" + string.Join(",", record.Fields.Select(field => $"\"{field.Name}\":{Value(field.Type, isPrivate || field.IsPrivate)}")) + "}";

    private string Value(EsfType type, bool isPrivate) => type.Kind switch
    {
        EsfTypeKind.Object => Record(type.Record!, isPrivate),
        EsfTypeKind.Array => "[" + Value(type.Element!, isPrivate) + "]",
        EsfTypeKind.String => $"\"{Text(type.MaxLength ?? int.MaxValue, isPrivate)}\"",
        EsfTypeKind.Enum => $"\"{type.Enumeration!.Values[0]}\"",
        EsfTypeKind.Bool => "true",
        EsfTypeKind.I64 or EsfTypeKind.U64 or EsfTypeKind.Timestamp => isPrivate ? Number().ToString(CultureInfo.InvariantCulture) : "1",
        EsfTypeKind.I8 or EsfTypeKind.I16 or EsfTypeKind.I32 or EsfTypeKind.U8 or EsfTypeKind.U16 or EsfTypeKind.U32 => "1",
        _ => throw new NotSupportedException($"The schemas of these tests have no {type}."),
    };

    private string Text(int maxLength, bool isPrivate)
    {
        if (!isPrivate)
        {
            return Clear[..Math.Min(Clear.Length, maxLength)];
        }

        string secret = $"cnry{Texts.Count:d4}";
        if (secret.Length > maxLength)
        {
            return Filler[..maxLength];
        }

        Texts.Add(secret);
        return secret;
    }

    private long Number()
    {
        Numbers.Add(FirstNumber + Numbers.Count);
        return Numbers[^1];
    }
}
