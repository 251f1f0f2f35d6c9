using System.Text.Encodings.Web;
using System.Text.Json;
using Estream.Esf.Schema;
using FsCheck;
using FsCheck.Fluent;

namespace Estream.Esf.Tests.Generation;

/// <summary>Generates JSON for a schema in the library's notation, so that a round trip can be compared as text.</summary>
public static class JsonGen
{
    private const ulong SignBit = 1UL << 63;
    private const ulong SubnormalBits = (1UL << 52) - 1;

    private static readonly JsonSerializerOptions s_options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private static readonly string[] s_texts = ["", "a", "pump-7", "°C", "漢字", "\"\\\b\n\u0001", "{}", "0123456789", "naïve"];

    private static readonly double[] s_doubles = [0, -0.0, 1, -1.5, 0.1, 1e300, 5e-324, double.MaxValue, 123456789.125, 1e-7];

    /// <summary>64-bit values of any magnitude: random ones shifted by a random number of bits, and their complements.</summary>
    private static readonly Gen<ulong> s_bits =
        from parts in Gen.Choose(0, 0xffff).ArrayOf(4)
        from shift in Gen.Choose(0, 63)
        from isInverted in Gen.Elements(true, false)
        let bits = parts.Aggregate(0UL, (all, part) => (all << 16) | (uint)part) >> shift
        select isInverted ? ~bits : bits;

    /// <summary>Doubles of every kind: edge cases, random bits including subnormals, whole numbers, and short decimals.</summary>
    private static readonly Gen<double> s_anyDouble = Gen.OneOf(
        Gen.Elements(s_doubles),
        s_bits.Select(BitConverter.UInt64BitsToDouble).Where(double.IsFinite),
        from bits in s_bits from isNegative in Gen.Elements(true, false) select BitConverter.UInt64BitsToDouble((bits & SubnormalBits)
            | (isNegative ? SignBit : 0)),
        s_bits.Select(bits => (double)(long)bits),
        from digits in Gen.Choose(-9_999_999, 9_999_999) from point in Gen.Choose(0, 12) select digits / Math.Pow(10, point));

    private static readonly Gen<string> s_notNumbers = Gen.Elements("\"NaN\"", "\"Infinity\"", "\"-Infinity\"");

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
        EsfTypeKind.F32 => Gen.Frequency((4, AnySingle().Select(Number)), (1, s_notNumbers)),
        EsfTypeKind.F64 => Gen.Frequency((4, s_anyDouble.Select(Number)), (1, s_notNumbers)),
        EsfTypeKind.Bytes or EsfTypeKind.PqSignature => Gen.Choose(0, 40).SelectMany(Hex).Select(Quote),
        EsfTypeKind.Object => Record(type.Record!),
        EsfTypeKind.Array => from count in Gen.Choose(0, 3) from items in Value(type.Element!).ArrayOf(count) select "["
            + string.Join(",", items) + "]",
        EsfTypeKind.Map => Map(type),
        _ => Text(type).Select(text => type.Kind is EsfTypeKind.String or EsfTypeKind.Enum or EsfTypeKind.Bytes32 ? Quote(text) : text),
    };

    private static Gen<string> Map(EsfType type) =>
        from count in Gen.Choose(0, 3)
        from keys in Text(type.Key!).ArrayOf(count)
        from values in Value(type.Element!).ArrayOf(count)
        select "{" + string.Join(",", keys.Zip(values).DistinctBy(pair => pair.First).Select(pair => Quote(pair.First) + ":" + pair.Second))
            + "}";

    /// <summary>The text form of a value.</summary>
    private static Gen<string> Text(EsfType type) => type.Kind switch
    {
        EsfTypeKind.Bool => Gen.Elements("true", "false"),
        EsfTypeKind.U8 or EsfTypeKind.U16 or EsfTypeKind.U32 or EsfTypeKind.U64 => Unsigned(type.FixedSize * 8).Select(Number),
        EsfTypeKind.I8 or EsfTypeKind.I16 or EsfTypeKind.I32 or EsfTypeKind.I64 or EsfTypeKind.Timestamp =>
            Signed(type.FixedSize * 8).Select(Number),
        EsfTypeKind.Enum => Gen.Elements(type.Enumeration!.Values.ToArray()),
        EsfTypeKind.Bytes32 => Hex(32),
        _ => Gen.Elements(s_texts).Where(text => System.Text.Encoding.UTF8.GetByteCount(text) <= (type.MaxLength ?? 99)),
    };

    private static Gen<ulong> Unsigned(int width) =>
        Gen.OneOf(Gen.Elements(0UL, 7UL, ulong.MaxValue, (1UL << 53) + 1), s_bits).Select(bits => bits << (64 - width) >> (64 - width));

    private static Gen<long> Signed(int width) =>
        Gen.OneOf(Gen.Elements(0L, long.MinValue, long.MaxValue, 1_700_000_000_000_000_001),
            s_bits.Select(bits => (long)bits << (64 - width))).Select(bits => bits >> (64 - width));

    /// <summary>Doubles rounded to single precision, and random single-precision bits.</summary>
    private static Gen<float> AnySingle() => Gen.OneOf(
        s_anyDouble.Select(wide => (float)wide),
        s_bits.Select(bits => BitConverter.UInt32BitsToSingle((uint)bits)),
        s_bits.Select(bits => BitConverter.UInt32BitsToSingle((uint)bits & 0x807f_ffff))).Where(float.IsFinite);

    private static Gen<string> Hex(int bytes) =>
        Gen.Choose(0, 255).ArrayOf(bytes).Select(all => string.Concat(all.Select(b => b.ToString("x2"))));

    /// <summary>Returns a JSON string in the library's notation.</summary>
    public static string Quote(string text) => JsonSerializer.Serialize(text, s_options);

    private static string Number<T>(T value) => JsonSerializer.Serialize(value, s_options);
}
