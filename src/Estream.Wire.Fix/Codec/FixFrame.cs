using System.Numerics;

namespace Estream.Wire.Fix.Codec;

/// <summary>What came of looking for a message.</summary>
internal enum FixFrameStatus
{
    /// <summary>A whole message whose length and checksum are right.</summary>
    Complete,

    /// <summary>More bytes are needed.</summary>
    Incomplete,

    /// <summary>These bytes never become a message; they are passed over as if they had not come.</summary>
    Garbled,
}

/// <summary>Why bytes are passed over.</summary>
internal enum FixGarbled
{
    None,

    /// <summary>No message begins here, or its BeginString has no end.</summary>
    BeginString,

    /// <summary>The second field is not BodyLength, or is no length.</summary>
    BodyLength,

    /// <summary>The message is longer than MaxMessageBytes.</summary>
    TooLong,

    /// <summary>The third field is not MsgType.</summary>
    MsgType,

    /// <summary>No CheckSum stands where BodyLength says.</summary>
    Trailer,

    /// <summary>CheckSum is not the sum of the bytes before it.</summary>
    CheckSum,
}

/// <summary>
/// The frame around every message: <c>8=FIX…|9=n|</c>, n bytes that begin with <c>35=</c>, and <c>10=ccc|</c>. Each rule is decided by the
/// first byte that breaks it, so that nobody waits for bytes that cannot mend it.
/// </summary>
internal static class FixFrame
{
    /// <summary>The longest BeginString; FIXT.1.1 has 8.</summary>
    public const int MaxBeginString = 12;

    /// <summary>The most bytes in front of the body.</summary>
    public const int MaxHeaderLength = 2 + MaxBeginString + 1 + 2 + MaxLengthDigits + 1;

    /// <summary>10=ccc and SOH.</summary>
    public const int TrailerLength = 7;

    /// <summary>How every message begins.</summary>
    public static ReadOnlySpan<byte> Start => "8=FIX"u8;

    private const int MaxLengthDigits = 7;
    private const int SmallestBody = 5;

    private static ReadOnlySpan<byte> BodyStart => "35="u8;

    private static ReadOnlySpan<byte> TrailerStart => "10="u8;

    /// <summary>Reads the message that begins with the first byte.</summary>
    /// <param name="data">What is there of it, and what follows.</param>
    /// <param name="maxMessageBytes">The longest message that is accepted.</param>
    /// <param name="length">Of a message its length; of a garbled one the bytes that are certainly its; else 0.</param>
    /// <param name="why">Why it is garbled.</param>
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

    /// <summary>Reads what stands in front of the body, and checks how the body begins as far as it is there.</summary>
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

    /// <summary>Whether these bytes can be the last of the body, which is SOH, and the trailer; what is not there yet can.</summary>
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

    /// <summary>Whether data begins with these bytes, or ends before it could be seen that it does not.</summary>
    public static bool CanBegin(ReadOnlySpan<byte> data, ReadOnlySpan<byte> bytes)
    {
        int common = Math.Min(data.Length, bytes.Length);
        return data[..common].SequenceEqual(bytes[..common]);
    }

    /// <summary>The sum of all bytes, modulo 256.</summary>
    public static byte Sum(ReadOnlySpan<byte> data)
    {
        // Sums of bytes wrap by themselves, lane by lane.
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
