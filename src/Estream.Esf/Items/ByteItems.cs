namespace Estream.Esf.Items;

/// <summary>Items of type bytes32.</summary>
public readonly struct Bytes32Item : IEsfValueItem<ReadOnlySpan<byte>>
{
    /// <inheritdoc/>
    public static int Size => 32;

    /// <inheritdoc/>
    public static ReadOnlySpan<byte> Read(ReadOnlySpan<byte> item) => item;

    /// <inheritdoc/>
    public static int Write(ReadOnlySpan<byte> value, Span<byte> destination)
    {
        Runtime.EsfPut.Bytes32(destination, value, "An item");
        return 32;
    }

    /// <inheritdoc/>
    public static bool Holds(ReadOnlySpan<byte> item, ReadOnlySpan<byte> value) => item.SequenceEqual(value);
}

/// <summary>Items of type bytes.</summary>
public readonly struct BytesItem : IEsfValueItem<ReadOnlySpan<byte>>
{
    /// <inheritdoc/>
    public static int Size => 0;

    /// <inheritdoc/>
    public static ReadOnlySpan<byte> Read(ReadOnlySpan<byte> item) => item;

    /// <inheritdoc/>
    public static int Write(ReadOnlySpan<byte> value, Span<byte> destination) => ItemBytes.Write(value, destination, int.MaxValue);

    /// <inheritdoc/>
    public static bool Holds(ReadOnlySpan<byte> item, ReadOnlySpan<byte> value) => item.SequenceEqual(value);
}

/// <summary>Items of type pq_signature.</summary>
public readonly struct PqSignatureItem : IEsfValueItem<ReadOnlySpan<byte>>
{
    /// <inheritdoc/>
    public static int Size => 0;

    /// <inheritdoc/>
    public static ReadOnlySpan<byte> Read(ReadOnlySpan<byte> item) => item;

    /// <inheritdoc/>
    public static int Write(ReadOnlySpan<byte> value, Span<byte> destination) =>
        ItemBytes.Write(value, destination, Schema.EsfLimits.PqSignatureBytes);

    /// <inheritdoc/>
    public static bool Holds(ReadOnlySpan<byte> item, ReadOnlySpan<byte> value) => item.SequenceEqual(value);
}

/// <summary>Items of type string, as UTF-8. Generated code defines its own item types for <c>string(N)</c>.</summary>
public readonly struct TextItem : IEsfValueItem<ReadOnlySpan<byte>>
{
    /// <inheritdoc/>
    public static int Size => 0;

    /// <inheritdoc/>
    public static ReadOnlySpan<byte> Read(ReadOnlySpan<byte> item) => item;

    /// <inheritdoc/>
    public static int Write(ReadOnlySpan<byte> value, Span<byte> destination) => Write(value, destination, int.MaxValue);

    /// <summary>Writes text of at most <paramref name="maxBytes"/> UTF-8 bytes; returns its length.</summary>
    /// <exception cref="ArgumentException">The text is longer, is not UTF-8, or does not fit the destination.</exception>
    public static int Write(ReadOnlySpan<byte> value, Span<byte> destination, int maxBytes)
    {
        if (value.Length > maxBytes)
        {
            ThrowHelper.ThrowTooLong("An item", value.Length, maxBytes);
        }

        return Internal.Utf8Copy.Append(destination, 0, value, "An item");
    }

    /// <inheritdoc/>
    public static bool Holds(ReadOnlySpan<byte> item, ReadOnlySpan<byte> value) => item.SequenceEqual(value);
}

/// <summary>Bytes of limited length.</summary>
internal static class ItemBytes
{
    public static int Write(ReadOnlySpan<byte> value, Span<byte> destination, int maxBytes)
    {
        if (value.Length > maxBytes)
        {
            ThrowHelper.ThrowTooLong("An item", value.Length, maxBytes);
        }

        if (!value.TryCopyTo(destination))
        {
            ThrowHelper.ThrowNoRoom("An item", value.Length, destination.Length);
        }

        return value.Length;
    }
}
