using System.Buffers.Binary;

namespace Estream.Esf.Items;

/// <summary>Items of type i16.</summary>
public readonly struct Int16Item : IEsfValueItem<short>
{
    /// <inheritdoc/>
    public static int Size => 2;

    /// <inheritdoc/>
    public static short Read(ReadOnlySpan<byte> item) => BinaryPrimitives.ReadInt16LittleEndian(item);

    /// <inheritdoc/>
    public static int Write(short value, Span<byte> destination)
    {
        BinaryPrimitives.WriteInt16LittleEndian(destination, value);
        return 2;
    }

    /// <inheritdoc/>
    public static bool Holds(ReadOnlySpan<byte> item, short value) => Read(item) == value;
}

/// <summary>Items of type u16.</summary>
public readonly struct UInt16Item : IEsfValueItem<ushort>
{
    /// <inheritdoc/>
    public static int Size => 2;

    /// <inheritdoc/>
    public static ushort Read(ReadOnlySpan<byte> item) => BinaryPrimitives.ReadUInt16LittleEndian(item);

    /// <inheritdoc/>
    public static int Write(ushort value, Span<byte> destination)
    {
        BinaryPrimitives.WriteUInt16LittleEndian(destination, value);
        return 2;
    }

    /// <inheritdoc/>
    public static bool Holds(ReadOnlySpan<byte> item, ushort value) => Read(item) == value;
}

/// <summary>Items of type i32.</summary>
public readonly struct Int32Item : IEsfValueItem<int>
{
    /// <inheritdoc/>
    public static int Size => 4;

    /// <inheritdoc/>
    public static int Read(ReadOnlySpan<byte> item) => BinaryPrimitives.ReadInt32LittleEndian(item);

    /// <inheritdoc/>
    public static int Write(int value, Span<byte> destination)
    {
        BinaryPrimitives.WriteInt32LittleEndian(destination, value);
        return 4;
    }

    /// <inheritdoc/>
    public static bool Holds(ReadOnlySpan<byte> item, int value) => Read(item) == value;
}

/// <summary>Items of type u32.</summary>
public readonly struct UInt32Item : IEsfValueItem<uint>
{
    /// <inheritdoc/>
    public static int Size => 4;

    /// <inheritdoc/>
    public static uint Read(ReadOnlySpan<byte> item) => BinaryPrimitives.ReadUInt32LittleEndian(item);

    /// <inheritdoc/>
    public static int Write(uint value, Span<byte> destination)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(destination, value);
        return 4;
    }

    /// <inheritdoc/>
    public static bool Holds(ReadOnlySpan<byte> item, uint value) => Read(item) == value;
}

/// <summary>Items of type i64 or timestamp.</summary>
public readonly struct Int64Item : IEsfValueItem<long>
{
    /// <inheritdoc/>
    public static int Size => 8;

    /// <inheritdoc/>
    public static long Read(ReadOnlySpan<byte> item) => BinaryPrimitives.ReadInt64LittleEndian(item);

    /// <inheritdoc/>
    public static int Write(long value, Span<byte> destination)
    {
        BinaryPrimitives.WriteInt64LittleEndian(destination, value);
        return 8;
    }

    /// <inheritdoc/>
    public static bool Holds(ReadOnlySpan<byte> item, long value) => Read(item) == value;
}

/// <summary>Items of type u64.</summary>
public readonly struct UInt64Item : IEsfValueItem<ulong>
{
    /// <inheritdoc/>
    public static int Size => 8;

    /// <inheritdoc/>
    public static ulong Read(ReadOnlySpan<byte> item) => BinaryPrimitives.ReadUInt64LittleEndian(item);

    /// <inheritdoc/>
    public static int Write(ulong value, Span<byte> destination)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(destination, value);
        return 8;
    }

    /// <inheritdoc/>
    public static bool Holds(ReadOnlySpan<byte> item, ulong value) => Read(item) == value;
}
