using System.Collections;
using System.Globalization;
using System.Text;

namespace Estream.Wire.OpcUa;

/// <summary>A value of a built-in type, or an array of them (Part 6, 5.1.6). Immutable if its arrays are not changed.</summary>
/// <remarks>The .NET types are: bool, sbyte, byte, short, ushort, int, uint, long, ulong, float, double, string, DateTime (UTC), Guid,
/// byte[] (ByteString), string (XmlElement), <see cref="UaNodeId"/>, <see cref="UaExpandedNodeId"/>, <see cref="UaStatus"/>, <see
/// cref="UaQualifiedName"/>, <see cref="UaLocalizedText"/>, <see cref="UaExtensionObject"/>, <see cref="UaDataValue"/> and <see
/// cref="UaVariant"/>. An array is an object?[] of them.</remarks>
public readonly struct UaVariant : IEquatable<UaVariant>
{
    /// <summary>Creates a value. No conversion is made; the value must have the .NET type of <paramref name="type"/>.</summary>
    /// <param name="type">The built-in type.</param>
    /// <param name="value">The value, or an object?[]; null for Null.</param>
    /// <param name="dimensions">The dimensions of an array; null for one dimension.</param>
    public UaVariant(UaType type, object? value, IReadOnlyList<int>? dimensions = null)
    {
        Type = value is null ? UaType.Null : type;
        Value = value;
        Dimensions = dimensions;
    }

    /// <summary>The built-in type.</summary>
    public UaType Type { get; }

    /// <summary>The value; an object?[] if it is an array.</summary>
    public object? Value { get; }

    /// <summary>The dimensions of an array with more than one; otherwise null.</summary>
    public IReadOnlyList<int>? Dimensions { get; }

    /// <summary>Whether the value is an array.</summary>
    public bool IsArray => Value is object?[];

    /// <summary>Parses a text as a value of a type, for command lines: numbers and times in the invariant culture.</summary>
    /// <returns>False if the text is not a value of the type, or the type has no text form.</returns>
    public static bool TryParse(UaType type, string text, out UaVariant value)
    {
        CultureInfo culture = CultureInfo.InvariantCulture;
        const NumberStyles Whole = NumberStyles.AllowLeadingSign;
        object? parsed = type switch
        {
            UaType.Boolean => text is "1" ? true : text is "0" ? false : bool.TryParse(text, out bool flag) ? flag : null,
            UaType.SByte => sbyte.TryParse(text, Whole, culture, out sbyte number) ? number : null,
            UaType.Byte => byte.TryParse(text, Whole, culture, out byte number) ? number : null,
            UaType.Int16 => short.TryParse(text, Whole, culture, out short number) ? number : null,
            UaType.UInt16 => ushort.TryParse(text, Whole, culture, out ushort number) ? number : null,
            UaType.Int32 => int.TryParse(text, Whole, culture, out int number) ? number : null,
            UaType.UInt32 => uint.TryParse(text, Whole, culture, out uint number) ? number : null,
            UaType.Int64 => long.TryParse(text, Whole, culture, out long number) ? number : null,
            UaType.UInt64 => ulong.TryParse(text, Whole, culture, out ulong number) ? number : null,
            UaType.Float => float.TryParse(text, NumberStyles.Float, culture, out float number) ? number : null,
            UaType.Double => double.TryParse(text, NumberStyles.Float, culture, out double number) ? number : null,
            UaType.String => text,
            UaType.LocalizedText => new UaLocalizedText(null, text),
            UaType.Guid => Guid.TryParse(text, out Guid guid) ? guid : null,
            UaType.NodeId => UaNodeId.TryParse(text, out UaNodeId node) ? node : null,
            UaType.DateTime => DateTime.TryParse(
                text, culture, DateTimeStyles.AdjustToUniversal | DateTimeStyles.AssumeUniversal, out DateTime time) ? time : null,
            _ => null,
        };
        value = new UaVariant(type, parsed);
        return parsed is not null;
    }

    /// <summary>The value in the invariant culture; an array in brackets.</summary>
    public override string ToString()
    {
        if (Value is not object?[] elements)
        {
            return Text(Value);
        }

        StringBuilder text = new("[");
        text.AppendJoin(", ", elements.Select(Text));
        return text.Append(']').ToString();
    }

    /// <inheritdoc/>
    public bool Equals(UaVariant other) =>
        Type == other.Type && StructuralComparisons.StructuralEqualityComparer.Equals(Value, other.Value);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is UaVariant other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() =>
        HashCode.Combine(Type, Value is null ? 0 : StructuralComparisons.StructuralEqualityComparer.GetHashCode(Value));

    /// <summary>Whether both values are equal in type and content.</summary>
    public static bool operator ==(UaVariant left, UaVariant right) => left.Equals(right);

    /// <summary>Whether the values differ.</summary>
    public static bool operator !=(UaVariant left, UaVariant right) => !left.Equals(right);

    private static string Text(object? value) => value switch
    {
        null => "null",
        byte[] bytes => Convert.ToHexString(bytes),
        bool flag => flag ? "true" : "false",
        DateTime time => time.ToString("O", CultureInfo.InvariantCulture),
        IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
        _ => value.ToString() ?? "",
    };
}
