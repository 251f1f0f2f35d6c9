namespace Estream.Wire.Mqtt.Codec;

/// <summary>The result of reading a fixed header.</summary>
internal enum HeaderStatus
{
    /// <summary>The header is complete; the body may not have arrived yet.</summary>
    Complete,

    /// <summary>More bytes are needed.</summary>
    Incomplete,

    /// <summary>The bytes are not a valid header.</summary>
    Refused,
}

/// <summary>The fixed header of a packet (section 2.1): one byte of type and flags, then the length of the rest.</summary>
internal readonly struct FixedHeader
{
    /// <summary>One byte of type and flags and at most four bytes of length.</summary>
    public const int MaxLength = 5;

    /// <summary>The largest value of a four-byte variable byte integer.</summary>
    public const int MaxRemainingLength = 268_435_455;

    private const int Retain = 1;

    // The flags that each type must have [MQTT-2.1.3-1], indexed by type. CheckPublishFlags checks the flags of PUBLISH.
    private static ReadOnlySpan<byte> RequiredFlags => [0, 0, 0, 0, 0, 0, 2, 0, 2, 0, 2, 0, 0, 0, 0, 0];

    private FixedHeader(byte first, int remainingLength, int headerLength)
    {
        First = first;
        RemainingLength = remainingLength;
        HeaderLength = headerLength;
    }

    public byte First { get; }

    public int RemainingLength { get; }

    public int HeaderLength { get; }

    public PacketType Type => (PacketType)(First >> 4);

    public int PacketLength => HeaderLength + RemainingLength;

    /// <summary>Reads a header. Refuses an invalid type, flag or length as soon as its byte has arrived.</summary>
    public static HeaderStatus TryRead(ReadOnlySpan<byte> data, out FixedHeader header, out Fault fault)
    {
        header = default;
        fault = default;
        if (data.IsEmpty)
        {
            return HeaderStatus.Incomplete;
        }

        fault = CheckFirst(data[0]);
        if (fault.IsFault)
        {
            return HeaderStatus.Refused;
        }

        VarIntStatus status = VarInt.TryRead(data[1..], out uint length, out int lengthBytes);
        if (status == VarIntStatus.Incomplete)
        {
            return HeaderStatus.Incomplete;
        }

        if (status == VarIntStatus.Invalid)
        {
            fault = Fault.Malformed("the Remaining Length is encoded longer than necessary, or than four bytes [MQTT-1.5.5-1]");
            return HeaderStatus.Refused;
        }

        header = new FixedHeader(data[0], (int)length, 1 + lengthBytes);
        return HeaderStatus.Complete;
    }

    /// <summary>Returns the total length in bytes of the complete QoS 0 PUBLISH packets at the start of the data.</summary>
    public static int CountSimple(ReadOnlySpan<byte> data)
    {
        int length = 0;
        while (TryRead(data[length..], out FixedHeader header, out _) == HeaderStatus.Complete
            && (header.First & ~Retain) == (int)PacketType.Publish << 4 && header.PacketLength <= data.Length - length)
        {
            length += header.PacketLength;
        }

        return length;
    }

    private static Fault CheckFirst(byte first)
    {
        int type = first >> 4;
        int flags = first & 0x0F;
        if (type == (int)PacketType.Publish)
        {
            return CheckPublishFlags(flags);
        }

        if (type == 0)
        {
            return Fault.Malformed("packet type 0 is reserved (section 2.1.2)");
        }

        return flags == RequiredFlags[type]
            ? default
            : Fault.Malformed("a reserved bit of the fixed header has the wrong value [MQTT-2.1.3-1]");
    }

    private static Fault CheckPublishFlags(int flags)
    {
        int qos = (flags >> 1) & 3;
        if (qos == 3)
        {
            return Fault.Malformed("both QoS bits of a PUBLISH are set [MQTT-3.3.1-4]");
        }

        return qos == 0 && (flags & 8) != 0
            ? Fault.Malformed("DUP is set on a PUBLISH of QoS 0 [MQTT-3.3.1-2]")
            : default;
    }
}
