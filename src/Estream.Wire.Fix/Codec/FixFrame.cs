using System.Numerics;

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

    private static ReadOnlySpan<byte> BodyStart => "35="u8;

    private static ReadOnlySpan<byte> TrailerStart => "10="u8;

    /// <summary>Reads the message that starts at the first byte.</summary>
    /// <param name="data">The received bytes of the message, and any that follow.</param>
    /// <param name="maxMessageBytes">The maximum length of a message.</param>
    /// <param name="length">The length of a complete message, or the number of garbled bytes to skip; otherwise 0.</param>
    /// <param name="why">Why the message is garbled.</param>
    public static FixFrameStatus TryRead(ReadOnlySpan<byte> data, int maxMessageBytes, out int length, out FixGarbled why)
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
        // Byte additions wrap in each lane, which is the modulo 256.
        Vector<byte> lanes = Vector<byte>.Zero;
        while (data.Length >= Vector<byte>.Count)
        {
            lanes += new Vector<byte>(data);
            data = data[Vector<byte>.Count..];
        }

        int sum = Vector.Sum(lanes);
        foreach (byte value in data)
        {
            sum += value;
        }

        return (byte)sum;
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
