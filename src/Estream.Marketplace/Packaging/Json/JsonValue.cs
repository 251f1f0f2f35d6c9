namespace Estream.Marketplace.Json;

/// <summary>A value of the JSON used for signed documents: I-JSON (RFC 7493) restricted to integers. Two values are equal if their
/// canonical bytes are.</summary>
internal abstract record JsonValue
{
    /// <summary>The name of the kind of value in messages.</summary>
    public abstract string Kind { get; }

    public static implicit operator JsonValue(string text) => new JsonText(text);

    public static implicit operator JsonValue(long number) => new JsonInteger(number);

    public static implicit operator JsonValue(bool truth) => new JsonBoolean(truth);
}

/// <summary>A text: Unicode without lone surrogates and noncharacters.</summary>
internal sealed record JsonText(string Value) : JsonValue
{
    public override string Kind => "a text";
}

/// <summary>An integer that every JSON reader represents exactly.</summary>
internal sealed record JsonInteger : JsonValue
{
    /// <summary>The largest magnitude: 2^53 - 1 (RFC 7493, section 2.2).</summary>
    public const long Largest = (1L << 53) - 1;

    /// <exception cref="ArgumentOutOfRangeException">The magnitude is greater than <see cref="Largest"/>.</exception>
    public JsonInteger(long value)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(value, Largest);
        ArgumentOutOfRangeException.ThrowIfLessThan(value, -Largest);
        Value = value;
    }

    public long Value { get; }

    public override string Kind => "a whole number";
}

/// <summary><c>true</c> or <c>false</c>.</summary>
internal sealed record JsonBoolean(bool Value) : JsonValue
{
    public override string Kind => "true or false";
}

/// <summary><c>null</c>.</summary>
internal sealed record JsonNull : JsonValue
{
    public static JsonNull Instance { get; } = new();

    public override string Kind => "null";
}
