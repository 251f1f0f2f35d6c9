using System.Buffers.Binary;
using System.Runtime.CompilerServices;

namespace Estream.Scenarios.Codecs;

/// <summary>
/// Building blocks of the hand-written codecs, which are the references of the ESF ratios. Each is written for exactly the messages of its
/// case. A record starts with a block of presence bits and fixed-size values, read with one bounds check. Its texts with their lengths and
/// its objects follow in order. A record is read once from front to back: a field can be reached only through the fields before it. There
/// is no schema id, no version, no check that text is UTF-8, and no length limit except that of the length fields. A message that ends too
/// early is rejected, and so is a value that is longer than its length field can express. Ordinary spans keep their bounds checks.
/// </summary>
internal static class ByHand
{
    /// <summary>Returns the next bytes of a message.</summary>
    /// <exception cref="InvalidDataException">The message is shorter.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ReadOnlySpan<byte> Take(ReadOnlySpan<byte> message, ref int at, int count)
    {
        if (count > message.Length - at)
        {
            ThrowTruncated();
        }

        ReadOnlySpan<byte> taken = message.Slice(at, count);
        at += count;
        return taken;
    }

    /// <summary>Reads bytes with a length prefix of one byte.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ReadOnlySpan<byte> Take8(ReadOnlySpan<byte> message, ref int at)
    {
        int length = Take(message, ref at, sizeof(byte))[0];
        return Take(message, ref at, length);
    }

    /// <summary>Reads bytes with a length prefix of two bytes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ReadOnlySpan<byte> Take16(ReadOnlySpan<byte> message, ref int at)
    {
        int length = BinaryPrimitives.ReadUInt16LittleEndian(Take(message, ref at, sizeof(ushort)));
        return Take(message, ref at, length);
    }

    /// <summary>Reads bytes with a length prefix of four bytes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ReadOnlySpan<byte> Take32(ReadOnlySpan<byte> message, ref int at)
    {
        int length = BinaryPrimitives.ReadInt32LittleEndian(Take(message, ref at, sizeof(int)));
        if (length < 0)
        {
            ThrowTruncated();
        }

        return Take(message, ref at, length);
    }

    /// <summary>Returns a length, or the number of items of a list, as a value of two bytes.</summary>
    /// <exception cref="ArgumentException">The value does not fit.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ushort Count(int length)
    {
        if (length > ushort.MaxValue)
        {
            ThrowTooLong();
        }

        return (ushort)length;
    }

    /// <summary>Appends bytes with a length prefix of one byte; returns the offset of their end.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Put8(Span<byte> destination, int at, ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length > byte.MaxValue)
        {
            ThrowTooLong();
        }

        destination[at] = (byte)bytes.Length;
        return Append(destination, at + sizeof(byte), bytes);
    }

    /// <summary>Appends bytes with a length prefix of two bytes; returns the offset of their end.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Put16(Span<byte> destination, int at, ReadOnlySpan<byte> bytes)
    {
        BinaryPrimitives.WriteUInt16LittleEndian(destination[at..], Count(bytes.Length));
        return Append(destination, at + sizeof(ushort), bytes);
    }

    /// <summary>Appends bytes with a length prefix of four bytes; returns the offset of their end.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Put32(Span<byte> destination, int at, ReadOnlySpan<byte> bytes)
    {
        BinaryPrimitives.WriteInt32LittleEndian(destination[at..], bytes.Length);
        return Append(destination, at + sizeof(int), bytes);
    }

    /// <summary>Appends bytes with a length prefix of one byte and sets their presence bit; appends nothing if they are null.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Put8(Span<byte> destination, int at, byte[]? bytes, ref uint has, uint bit)
    {
        if (bytes is null)
        {
            return at;
        }

        has |= bit;
        return Put8(destination, at, bytes);
    }

    /// <summary>Appends bytes with a length prefix of two bytes and sets their presence bit; appends nothing if they are null.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Put16(Span<byte> destination, int at, byte[]? bytes, ref uint has, uint bit)
    {
        if (bytes is null)
        {
            return at;
        }

        has |= bit;
        return Put16(destination, at, bytes);
    }

    /// <summary>Appends bytes with a length prefix of four bytes and sets their presence bit; appends nothing if they are null.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Put32(Span<byte> destination, int at, byte[]? bytes, ref uint has, uint bit)
    {
        if (bytes is null)
        {
            return at;
        }

        has |= bit;
        return Put32(destination, at, bytes);
    }

    /// <summary>Copies bytes to their fixed position and sets their presence bit; copies nothing if they are null.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Copy(byte[]? bytes, ref uint has, uint bit, Span<byte> place)
    {
        if (bytes is not null)
        {
            has |= bit;
            bytes.CopyTo(place);
        }
    }

    /// <summary>Returns the value and sets its presence bit; returns the default value if it is absent.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Value<T>(T? value, ref uint has, uint bit)
        where T : struct
    {
        has |= value.HasValue ? bit : 0;
        return value.GetValueOrDefault();
    }

    /// <summary>Appends numbers.</summary>
    public static int PutAll(Span<byte> destination, int at, ushort[] numbers)
    {
        Span<byte> place = destination.Slice(at, numbers.Length * sizeof(ushort));
        foreach (ushort number in numbers)
        {
            BinaryPrimitives.WriteUInt16LittleEndian(place, number);
            place = place[sizeof(ushort)..];
        }

        return at + (numbers.Length * sizeof(ushort));
    }

    /// <summary>Appends numbers.</summary>
    public static int PutAll(Span<byte> destination, int at, uint[] numbers)
    {
        Span<byte> place = destination.Slice(at, numbers.Length * sizeof(uint));
        foreach (uint number in numbers)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(place, number);
            place = place[sizeof(uint)..];
        }

        return at + (numbers.Length * sizeof(uint));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int Append(Span<byte> destination, int at, ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(destination[at..]);
        return at + bytes.Length;
    }

    private static void ThrowTooLong() => throw new ArgumentException("A value is longer than its length field allows.");

    private static void ThrowTruncated() => throw new InvalidDataException("The message ends too early.");
}
