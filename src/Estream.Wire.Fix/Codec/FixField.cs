namespace Estream.Wire.Fix;

/// <summary>One field of a message: a view, valid for as long as the message.</summary>
public readonly ref struct FixField
{
    internal FixField(int tag, ReadOnlySpan<byte> value)
    {
        Tag = tag;
        Value = value;
    }

    /// <summary>Its number.</summary>
    public int Tag { get; }

    /// <summary>Its value as it came.</summary>
    public ReadOnlySpan<byte> Value { get; }
}
