namespace Estream.Wire.Dnp3.Codec;

/// <summary>What a received segment did to a fragment.</summary>
internal enum SegmentStatus
{
    /// <summary>The fragment is complete.</summary>
    Complete,

    /// <summary>More segments are to come.</summary>
    Partial,

    /// <summary>The segment does not continue a fragment, or the fragment is too long. Both are dropped.</summary>
    Dropped,
}

/// <summary>Assembles fragments from transport segments of one sender (IEEE 1815, 8.2). Not thread-safe; allocates nothing per
/// segment.</summary>
internal sealed class TransportAssembler(int maxFragmentBytes)
{
    private readonly byte[] _fragment = new byte[maxFragmentBytes];
    private int _length;
    private int _next = -1;

    /// <summary>The complete fragment; valid until the next segment.</summary>
    public ReadOnlyMemory<byte> Fragment => _fragment.AsMemory(0, _length);

    /// <summary>Forgets a partial fragment.</summary>
    public void Reset() => (_length, _next) = (0, -1);

    /// <summary>Adds a segment: the transport header, and at least one octet.</summary>
    public SegmentStatus Add(ReadOnlySpan<byte> segment)
    {
        if (segment.Length < 2)
        {
            Reset();
            return SegmentStatus.Dropped;
        }

        byte header = segment[0];
        int sequence = header & TransportSegments.SequenceMask;
        bool isFirst = (header & TransportSegments.FirstBit) != 0;
        if (isFirst)
        {
            _length = 0;
        }
        else if (sequence != _next)
        {
            Reset();
            return SegmentStatus.Dropped;
        }

        ReadOnlySpan<byte> data = segment[1..];
        if (data.Length > _fragment.Length - _length)
        {
            Reset();
            return SegmentStatus.Dropped;
        }

        data.CopyTo(_fragment.AsSpan(_length));
        _length += data.Length;
        bool isFinal = (header & TransportSegments.FinalBit) != 0;
        _next = isFinal ? -1 : (sequence + 1) & TransportSegments.SequenceMask;
        return isFinal ? SegmentStatus.Complete : SegmentStatus.Partial;
    }
}

/// <summary>Writes a fragment as link frames with transport segments of up to 249 octets (IEEE 1815, 8.2).</summary>
internal static class TransportSegments
{
    public const byte FinalBit = 0x80;
    public const byte FirstBit = 0x40;
    public const byte SequenceMask = 0x3F;

    private const int MaxDataBytes = LinkFrame.MaxUserBytes - 1;

    /// <summary>The octets of all frames of a fragment.</summary>
    public static int MaxLength(int fragmentBytes) => ((fragmentBytes / MaxDataBytes) + 1) * LinkFrame.MaxBytes;

    /// <summary>Writes the frames of a fragment.</summary>
    /// <param name="header">The header of each frame.</param>
    /// <param name="fragment">At least one octet.</param>
    /// <param name="sequence">The sequence number of the next segment, which is advanced.</param>
    /// <param name="destination">At least <see cref="MaxLength"/>.</param>
    /// <returns>The octets written.</returns>
    public static int Write(in LinkHeader header, ReadOnlySpan<byte> fragment, ref byte sequence, Span<byte> destination)
    {
        Span<byte> segment = stackalloc byte[LinkFrame.MaxUserBytes];
        int length = 0;
        byte first = FirstBit;
        while (fragment.Length > 0)
        {
            int count = Math.Min(MaxDataBytes, fragment.Length);
            byte final = count == fragment.Length ? FinalBit : (byte)0;
            segment[0] = (byte)(first | final | sequence);
            sequence = (byte)((sequence + 1) & SequenceMask);
            fragment[..count].CopyTo(segment[1..]);
            length += LinkFrame.Write(header, segment[..(count + 1)], destination[length..]);
            fragment = fragment[count..];
            first = 0;
        }

        return length;
    }
}
