namespace Estream.Esf.Items;

/// <summary>Items of type i8.</summary>
public readonly struct Int8Item : IEsfValueItem<sbyte>
{
    /// <inheritdoc/>
    public static int Size => 1;

    /// <inheritdoc/>
    public static sbyte Read(ReadOnlySpan<byte> item) => (sbyte)item[0];

    /// <inheritdoc/>
    public static int Write(sbyte value, Span<byte> destination)
    {
        destination[0] = (byte)value;
        return 1;
    }

    /// <inheritdoc/>
    public static bool Holds(ReadOnlySpan<byte> item, sbyte value) => Read(item) == value;
}

/// <summary>Items of type u8.</summary>
public readonly struct UInt8Item : IEsfValueItem<byte>
{
    /// <inheritdoc/>
    public static int Size => 1;

    /// <inheritdoc/>
    public static byte Read(ReadOnlySpan<byte> item) => item[0];

    /// <inheritdoc/>
    public static int Write(byte value, Span<byte> destination)
    {
        destination[0] = value;
        return 1;
    }

    /// <inheritdoc/>
    public static bool Holds(ReadOnlySpan<byte> item, byte value) => Read(item) == value;
}

/// <summary>Items of type bool.</summary>
public readonly struct BoolItem : IEsfValueItem<bool>
{
    /// <inheritdoc/>
    public static int Size => 1;

    /// <inheritdoc/>
    public static bool Read(ReadOnlySpan<byte> item) => item[0] != 0;

    /// <inheritdoc/>
    public static int Write(bool value, Span<byte> destination)
    {
        destination[0] = value ? (byte)1 : (byte)0;
        return 1;
    }

    /// <inheritdoc/>
    public static bool Holds(ReadOnlySpan<byte> item, bool value) => Read(item) == value;
}
