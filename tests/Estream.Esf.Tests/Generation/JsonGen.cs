using System.Text.Encodings.Web;
using System.Text.Json;
using Estream.Esf.Schema;
using FsCheck;
using FsCheck.Fluent;

namespace Estream.Esf.Tests.Generation;

/// <summary>Generates JSON for a schema, spelt as the library spells it, so that a round trip can be compared as text.</summary>
public static class JsonGen
{
    private static readonly JsonSerializerOptions s_options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private static readonly string[] s_texts = ["", "a", "pump-7", "°C", "漢字", "\"\\\b\n\u0001", "{}", "0123456789", "naïve"];

    private static readonly double[] s_doubles = [0, -0.0, 1, -1.5, 0.1, 1e300, 5e-324, double.MaxValue, 123456789.125, 1e-7];

    private static readonly string[] s_cards = ["4111111111111111", "5555555555554444", "378282246310005", "4222222222222"];

    /// <summary>A JSON object for a record.</summary>
    public static Gen<string> Record(RecordDefinition record)
    {
        Gen<IEnumerable<string>> members = Gen.Constant(Enumerable.Empty<string>());
        foreach (FieldDefinition field in record.Fields)
        {
            members = from before in members
                      from there in Gen.Choose(0, field.IsOptional ? 1 : 0)
                      from value in field.IsTokenized ? Gen.Elements(s_cards).Select(Quote) : Value(field.Type)
                      select there == 0 || !field.IsOptional ? before.Append("\"" + field.Name + "\":" + value) : before;
        }

        return members.Select(all => "{" + string.Join(",", all) + "}");
    }

    private static Gen<string> Value(EsfType type) => type.Kind switch
    {
        EsfTypeKind.Bool => Gen.Elements("true", "false"),
        EsfTypeKind.F32 => Gen.OneOf(Gen.Elements(s_doubles).Where(d => Math.Abs(d) < 1e30).Select(d => Number((float)d)), Gen.Constant("\"NaN\"")),
        EsfTypeKind.F64 => Gen.OneOf(Gen.Elements(s_doubles).Select(Number), Gen.Elements("\"NaN\"", "\"Infinity\"", "\"-Infinity\"")),
        EsfTypeKind.Bytes or EsfTypeKind.PqSignature => Gen.Choose(0, 40).SelectMany(Hex).Select(Quote),
        EsfTypeKind.Object => Record(type.Record!),
        EsfTypeKind.Array => from count in Gen.Choose(0, 3) from items in Value(type.Element!).ArrayOf(count) select "[" + string.Join(",", items) + "]",
        EsfTypeKind.Map => Map(type),
        _ => Text(type).Select(text => type.Kind is EsfTypeKind.String or EsfTypeKind.Enum or EsfTypeKind.Bytes32 ? Quote(text) : text),
    };

    private static Gen<string> Map(EsfType type) =>
        from count in Gen.Choose(0, 3)
        from keys in Text(type.Key!).ArrayOf(count)
        from values in Value(type.Element!).ArrayOf(count)
        select "{" + string.Join(",", keys.Zip(values).DistinctBy(pair => pair.First).Select(pair => Quote(pair.First) + ":" + pair.Second)) + "}";

    /// <summary>The text form of a value.</summary>
    private static Gen<string> Text(EsfType type) => type.Kind switch
    {
        EsfTypeKind.Bool => Gen.Elements("true", "false"),
        EsfTypeKind.U8 => Gen.Elements("0", "7", "255"),
        EsfTypeKind.U16 => Gen.Elements("0", "7", "65535"),
        EsfTypeKind.U32 => Gen.Elements("0", "7", "4294967295"),
        EsfTypeKind.U64 => Gen.Elements("0", "7", "9007199254740993", "18446744073709551615"),
        EsfTypeKind.I8 => Gen.Elements("0", "-128", "127"),
        EsfTypeKind.I16 => Gen.Elements("0", "-32768", "32767"),
        EsfTypeKind.I32 => Gen.Elements("0", "-2147483648", "2147483647"),
        EsfTypeKind.I64 or EsfTypeKind.Timestamp => Gen.Elements("0", "-9223372036854775808", "9223372036854775807", "1700000000000000001"),
        EsfTypeKind.Enum => Gen.Elements(type.Enumeration!.Values.ToArray()),
        EsfTypeKind.Bytes32 => Hex(32),
        _ => Gen.Elements(s_texts).Where(text => System.Text.Encoding.UTF8.GetByteCount(text) <= (type.MaxLength ?? 99)),
    };

    private static Gen<string> Hex(int bytes) => Gen.Choose(0, 255).ArrayOf(bytes).Select(all => string.Concat(all.Select(b => b.ToString("x2"))));

    /// <summary>A JSON string as the library spells it.</summary>
    public static string Quote(string text) => JsonSerializer.Serialize(text, s_options);

    private static string Number<T>(T value) => JsonSerializer.Serialize(value, s_options);
}
