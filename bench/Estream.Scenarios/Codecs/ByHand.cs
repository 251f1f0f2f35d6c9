using System.Buffers.Binary;
using System.Runtime.CompilerServices;

namespace Estream.Scenarios.Codecs;

/// <summary>
/// What the codecs are made of that one would write by hand for exactly the messages of a case, the references of the ESF ratios. A record
/// is presence bits and its values of fixed size in one block, cut out with one check of bounds, and behind it in order its texts with
/// their lengths and its objects. Read once from front to back; no schema id, no limits of lengths but those of their own fields, no check
/// that text is UTF-8, no versions, no way to a field but past those before it. A message that ends too early is refused, and so is what is
/// longer than its length can say. Ordinary spans keep their checks.
/// </summary>
internal static class ByHand
{
    /// <summary>The next bytes of a message.</summary>
    /// <exception cref="InvalidDataException">It has not so many.</exception>
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

    /// <summary>Bytes behind a length of one byte.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ReadOnlySpan<byte> Take8(ReadOnlySpan<byte> message, ref int at)
    {
        int length = Take(message, ref at, sizeof(byte))[0];
        return Take(message, ref at, length);
    }

    /// <summary>Bytes behind a length of two bytes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ReadOnlySpan<byte> Take16(ReadOnlySpan<byte> message, ref int at)
    {
        int length = BinaryPrimitives.ReadUInt16LittleEndian(Take(message, ref at, sizeof(ushort)));
        return Take(message, ref at, length);
    }

    /// <summary>Bytes behind a length of four bytes.</summary>
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

    /// <summary>A length of two bytes, or the number of items of a list.</summary>
    /// <exception cref="ArgumentException">It is more.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ushort Count(int length)
    {
        if (length > ushort.MaxValue)
        {
            ThrowTooLong();
        }

        return (ushort)length;
    }

    /// <summary>Appends bytes behind a length of one byte; returns where they end.</summary>
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

    /// <summary>Appends bytes behind a length of two bytes; returns where they end.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Put16(Span<byte> destination, int at, ReadOnlySpan<byte> bytes)
    {
        BinaryPrimitives.WriteUInt16LittleEndian(destination[at..], Count(bytes.Length));
        return Append(destination, at + sizeof(ushort), bytes);
    }

    /// <summary>Appends bytes behind a length of four bytes; returns where they end.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Put32(Span<byte> destination, int at, ReadOnlySpan<byte> bytes)
    {
        BinaryPrimitives.WriteInt32LittleEndian(destination[at..], bytes.Length);
        return Append(destination, at + sizeof(int), bytes);
    }

    /// <summary>The same where the bytes are there.</summary>
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

    /// <summary>The same where the bytes are there.</summary>
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

    /// <summary>The same where the bytes are there.</summary>
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

    /// <summary>Copies bytes to their place where they are there.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Copy(byte[]? bytes, ref uint has, uint bit, Span<byte> place)
    {
        if (bytes is not null)
        {
            has |= bit;
            bytes.CopyTo(place);
        }
    }

    /// <summary>What is stored for a value that may be absent.</summary>
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

    private static void ThrowTooLong() => throw new ArgumentException("A value is longer than its length can say.");

    private static void ThrowTruncated() => throw new InvalidDataException("The message ends too early.");
}
