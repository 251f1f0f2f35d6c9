using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Text;
using Estream.Core;

namespace Estream.Wire.Fix.Codec;

/// <summary>The result of reading a message frame.</summary>
internal enum FixFrameStatus
{
    /// <summary>A complete message with a valid length and checksum.</summary>
    Complete,

    /// <summary>More bytes are needed.</summary>
    Incomplete,

    /// <summary>The bytes cannot become a message and are ignored.</summary>
    Garbled,
}

/// <summary>Why bytes are ignored as garbled.</summary>
internal enum FixGarbled
{
    None,

    /// <summary>No message starts here, or BeginString does not end within its limit.</summary>
    BeginString,

    /// <summary>The second field is not a valid BodyLength.</summary>
    BodyLength,

    /// <summary>The message is longer than MaxMessageBytes.</summary>
    TooLong,

    /// <summary>The third field is not MsgType.</summary>
    MsgType,

    /// <summary>There is no CheckSum field at the offset that BodyLength gives.</summary>
    Trailer,

    /// <summary>CheckSum does not match the sum of the preceding bytes.</summary>
    CheckSum,
}

/// <summary>Reads the frame of a message: <c>8=FIX…|9=n|</c>, n bytes that start with <c>35=</c>, and <c>10=ccc|</c>. A frame is reported
/// as garbled at the first byte that breaks a rule, without waiting for more bytes.</summary>
internal static class FixFrame
{
    /// <summary>The maximum length of BeginString in bytes; FIXT.1.1 has 8.</summary>
    public const int MaxBeginString = 12;

    /// <summary>The maximum number of bytes before the body.</summary>
    public const int MaxHeaderLength = 2 + MaxBeginString + 1 + 2 + MaxLengthDigits + 1;

    /// <summary>The length of the trailer: 10=ccc and SOH.</summary>
    public const int TrailerLength = 7;

    /// <summary>The first bytes of every message.</summary>
    public static ReadOnlySpan<byte> Start => "8=FIX"u8;

    private const int MaxLengthDigits = 7;
    private const int SmallestBody = 5;
    private const int BlockLength = 64;

    // Expected bytes as little-endian words: the starts of the message, the body and BodyLength.
    private const ulong StartWord = 0x5849_463D38;
    private const ulong StartMask = 0xFF_FFFF_FFFF;
    private const uint BodyWord = 0x3D3533;
    private const uint BodyMask = 0xFF_FFFF;
    private const int LengthWord = 0x3D39;

    // For each checksum, the trailer with the SOH before it as a little-endian word.
    private static readonly ulong[] s_trailers = [.. Enumerable.Range(0, 256).Select(
        checksum => BinaryPrimitives.ReadUInt64LittleEndian(Encoding.ASCII.GetBytes($"\u000110={checksum:000}\u0001")))];

    private static ReadOnlySpan<byte> BodyStart => "35="u8;

    private static ReadOnlySpan<byte> TrailerStart => "10="u8;

    /// <summary>Reads the message that starts at the first byte.</summary>
    /// <param name="data">The received bytes of the message, and any that follow.</param>
    /// <param name="maxMessageBytes">The maximum length of a message.</param>
    /// <param name="length">The length of a complete message, or the number of garbled bytes to skip; otherwise 0.</param>
    /// <param name="why">Why the message is garbled.</param>
    public static FixFrameStatus TryRead(ReadOnlySpan<byte> data, int maxMessageBytes, out int length, out FixGarbled why)
    {
        length = ReadWhole(data, maxMessageBytes);
        why = FixGarbled.None;
        return length > 0 ? FixFrameStatus.Complete : TryReadByFields(data, maxMessageBytes, out length, out why);
    }

    /// <summary>Returns the same as <see cref="TryRead"/>, but always reads field by field.</summary>
    public static FixFrameStatus TryReadByFields(ReadOnlySpan<byte> data, int maxMessageBytes, out int length, out FixGarbled why)
    {
        length = 0;
        FixFrameStatus status = TryReadHeader(data, maxMessageBytes, out int bodyStart, out int bodyLength, out why);
        if (status == FixFrameStatus.Incomplete)
        {
            return status;
        }

        int bodyEnd = bodyStart + bodyLength;
        if (status == FixFrameStatus.Complete && data.Length >= bodyEnd && !CanBeTrailer(data[(bodyEnd - 1)..]))
        {
            why = FixGarbled.Trailer;
            status = FixFrameStatus.Garbled;
        }

        if (status == FixFrameStatus.Garbled)
        {
            length = 1;
            return status;
        }

        if (data.Length < bodyEnd + TrailerLength)
        {
            return FixFrameStatus.Incomplete;
        }

        length = bodyEnd + TrailerLength;
        why = IsChecksumRight(data[..length]) ? FixGarbled.None : FixGarbled.CheckSum;
        return why == FixGarbled.None ? FixFrameStatus.Complete : FixFrameStatus.Garbled;
    }

    /// <summary>Reads the fields before the body, and checks the start of the body as far as it was received.</summary>
    public static FixFrameStatus TryReadHeader(
        ReadOnlySpan<byte> data, int maxMessageBytes, out int bodyStart, out int bodyLength, out FixGarbled why)
    {
        bodyStart = 0;
        bodyLength = 0;
        why = FixGarbled.BeginString;
        if (!CanBegin(data, Start))
        {
            return FixFrameStatus.Garbled;
        }

        int end = data[..Math.Min(data.Length, MaxBeginString + 3)].IndexOf(FixText.Soh);
        if (end < 0)
        {
            return IsEnough(data.Length >= MaxBeginString + 3, ref why);
        }

        why = FixGarbled.BodyLength;
        ReadOnlySpan<byte> rest = data[(end + 1)..];
        if (!CanBegin(rest, "9="u8))
        {
            return FixFrameStatus.Garbled;
        }

        FixFrameStatus status = TryReadLength(rest, out int lengthEnd, out bodyLength);
        if (status != FixFrameStatus.Complete)
        {
            return IsEnough(status == FixFrameStatus.Garbled, ref why);
        }

        bodyStart = end + 1 + lengthEnd;
        if (bodyLength > maxMessageBytes - bodyStart - TrailerLength)
        {
            why = FixGarbled.TooLong;
            return FixFrameStatus.Garbled;
        }

        bool isBody = CanBegin(data[bodyStart..], BodyStart);
        why = isBody ? FixGarbled.None : FixGarbled.MsgType;
        return isBody ? FixFrameStatus.Complete : FixFrameStatus.Garbled;
    }

    /// <summary>Whether these bytes can be the last byte of the body, which is SOH, and the trailer. Bytes not yet received count as
    /// matching.</summary>
    public static bool CanBeTrailer(ReadOnlySpan<byte> data)
    {
        if (data.IsEmpty)
        {
            return true;
        }

        ReadOnlySpan<byte> trailer = data[1..];
        if (data[0] != FixText.Soh || !CanBegin(trailer, TrailerStart))
        {
            return false;
        }

        for (int index = TrailerStart.Length; index < Math.Min(trailer.Length, TrailerLength - 1); index++)
        {
            if (!FixText.IsDigit(trailer[index]))
            {
                return false;
            }
        }

        return trailer.Length < TrailerLength || trailer[TrailerLength - 1] == FixText.Soh;
    }

    /// <summary>Whether the data starts with these bytes, or is a prefix of them.</summary>
    public static bool CanBegin(ReadOnlySpan<byte> data, ReadOnlySpan<byte> bytes)
    {
        int common = Math.Min(data.Length, bytes.Length);
        return data[..common].SequenceEqual(bytes[..common]);
    }

    /// <summary>The sum of all bytes, modulo 256.</summary>
    public static byte Sum(ReadOnlySpan<byte> data)
    {
        if (data.Length < BlockLength)
        {
            int few = 0;
            foreach (byte value in data)
            {
                few += value;
            }

            return (byte)few;
        }

        // Byte additions wrap in each lane, so each lane is a sum modulo 256. The last block overlaps the block before it; a mask leaves
        // out the bytes that the loop counts.
        int last = data.Length - BlockLength;
        int counted = -data.Length & (BlockLength - 1);
        Vector512<byte> sums = SpanValue.Read<Vector512<byte>>(data, last)
            & Vector512.GreaterThanOrEqual(Vector512<byte>.Indices, Vector512.Create((byte)counted));
        for (int block = 0; block < last; block += BlockLength)
        {
            sums += SpanValue.Read<Vector512<byte>>(data, block);
        }

        Vector256<byte> half = sums.GetLower() + sums.GetUpper();
        Vector128<byte> quarter = half.GetLower() + half.GetUpper();

        return Vector128.Sum(quarter);
    }

    /// <summary>Writes the trailer of a message.</summary>
    /// <param name="destination">Receives the trailer.</param>
    /// <param name="checksum">The sum of all bytes before the trailer, modulo 256.</param>
    public static void WriteTrailer(Span<byte> destination, byte checksum)
    {
        Span<byte> bytes = stackalloc byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, s_trailers[checksum]);
        bytes[1..].CopyTo(destination);
    }

    /// <summary>Reads the header and trailer of a whole message by comparing words. Nearly all calls take this fast path.</summary>
    /// <param name="data">The received bytes.</param>
    /// <param name="maxMessageBytes">The maximum length of a message.</param>
    /// <returns>The length of the message; 0 if the message is incomplete, garbled or not of the usual form. The caller must then read the
    /// fields one by one.</returns>
    private static int ReadWhole(ReadOnlySpan<byte> data, int maxMessageBytes)
    {
        if (data.Length < 2 * Vector128<byte>.Count || (SpanValue.Read<ulong>(data, 0) & StartMask) != StartWord)
        {
            return 0;
        }

        uint ends = Vector128.Equals(SpanValue.Read<Vector128<byte>>(data, 0), Vector128.Create(FixText.Soh)).ExtractMostSignificantBits();
        int lengthStart = BitOperations.TrailingZeroCount(ends) + 1;
        if (lengthStart > MaxBeginString + 3)
        {
            return 0;
        }

        // The word has six bytes after 9=. In the usual form, SOH follows one to four digits.
        ulong field = SpanValue.Read<ulong>(data, lengthStart);
        int digits = EightBytes.IndexOf(field >> 16, FixText.Soh);
        if ((ushort)field != LengthWord || (uint)(digits - 1) >= sizeof(uint)
            || !EightBytes.TryFourDigits((uint)(field >> 16), digits, out int bodyLength) || bodyLength < SmallestBody)
        {
            return 0;
        }

        int bodyStart = lengthStart + 2 + digits + 1;
        int bodyEnd = bodyStart + bodyLength;
        if (bodyEnd > Math.Min(data.Length, maxMessageBytes) - TrailerLength
            || (SpanValue.Read<uint>(data, bodyStart) & BodyMask) != BodyWord)
        {
            return 0;
        }

        return SpanValue.Read<ulong>(data, bodyEnd - 1) == s_trailers[Sum(data[..bodyEnd])] ? bodyEnd + TrailerLength : 0;
    }

    private static FixFrameStatus TryReadLength(ReadOnlySpan<byte> rest, out int end, out int length)
    {
        end = 0;
        length = 0;
        for (int index = 2; index < rest.Length; index++)
        {
            byte current = rest[index];
            if (current == FixText.Soh)
            {
                end = index + 1;
                return length >= SmallestBody ? FixFrameStatus.Complete : FixFrameStatus.Garbled;
            }

            if (!FixText.IsDigit(current) || index >= 2 + MaxLengthDigits)
            {
                return FixFrameStatus.Garbled;
            }

            length = (length * 10) + (current - '0');
        }

        return FixFrameStatus.Incomplete;
    }

    private static FixFrameStatus IsEnough(bool isGarbled, ref FixGarbled why)
    {
        why = isGarbled ? why : FixGarbled.None;
        return isGarbled ? FixFrameStatus.Garbled : FixFrameStatus.Incomplete;
    }

    private static bool IsChecksumRight(ReadOnlySpan<byte> message)
    {
        ReadOnlySpan<byte> digits = message[^4..^1];
        int expected = ((digits[0] - '0') * 100) + ((digits[1] - '0') * 10) + (digits[2] - '0');
        return Sum(message[..^TrailerLength]) == expected;
    }
}
