using System.Buffers.Binary;

namespace Estream.Net.Multicast.Internal;

/// <summary>What precedes the bytes of the first message of a data packet.</summary>
internal readonly record struct DataHeader(
    long Position, long Previous, long Sequence, long Time, int Length, int Offset, uint Group, byte Index)
{
    /// <summary>The message is the first of the log.</summary>
    public const long NoPrevious = 0;

    /// <summary>The publisher does not know the message before this one.</summary>
    public const long UnknownPrevious = -1;

    public void Write(Span<byte> body)
    {
        BinaryPrimitives.WriteInt64LittleEndian(body, Position);
        BinaryPrimitives.WriteInt64LittleEndian(body[8..], Previous);
        BinaryPrimitives.WriteInt64LittleEndian(body[16..], Sequence);
        BinaryPrimitives.WriteInt64LittleEndian(body[24..], Time);
        BinaryPrimitives.WriteInt32LittleEndian(body[32..], Length);
        BinaryPrimitives.WriteInt32LittleEndian(body[36..], Offset);
        BinaryPrimitives.WriteUInt32LittleEndian(body[PacketLayout.DataGroupOffset..], Group);
        BinaryPrimitives.WriteUInt32LittleEndian(body[PacketLayout.DataIndexOffset..], Index);
    }

    public static DataHeader Read(ReadOnlySpan<byte> body) => new(
        BinaryPrimitives.ReadInt64LittleEndian(body),
        BinaryPrimitives.ReadInt64LittleEndian(body[8..]),
        BinaryPrimitives.ReadInt64LittleEndian(body[16..]),
        BinaryPrimitives.ReadInt64LittleEndian(body[24..]),
        BinaryPrimitives.ReadInt32LittleEndian(body[32..]),
        BinaryPrimitives.ReadInt32LittleEndian(body[36..]),
        BinaryPrimitives.ReadUInt32LittleEndian(body[PacketLayout.DataGroupOffset..]),
        body[PacketLayout.DataIndexOffset]);
}

/// <summary>
/// The body of a data packet: a fragment of a message, or one or more whole messages. Valid as long as the received bytes. <see
/// cref="TryRead"/> checks every length, so the iteration cannot fail.
/// </summary>
internal readonly ref struct DataPacket
{
    private readonly ReadOnlySpan<byte> _body;

    private DataPacket(ReadOnlySpan<byte> body, DataHeader header, long lastPosition, long endAddress)
    {
        _body = body;
        Header = header;
        LastPosition = lastPosition;
        EndAddress = endAddress;
    }

    public DataHeader Header { get; }

    /// <summary>The position of the last message in the packet.</summary>
    public long LastPosition { get; }

    /// <summary>The first address after the packet.</summary>
    public long EndAddress { get; }

    /// <summary>The first address in the packet.</summary>
    public long StartAddress => StartOf(Header);

    /// <summary>Whether the packet ends with the end of a message.</summary>
    public bool IsLastComplete => LastPosition != Header.Position || EndAddress == PacketLayout.EndOf(Header.Position, Header.Length);

    /// <summary>The bytes of the first message in this packet.</summary>
    public ReadOnlySpan<byte> First =>
        _body.Slice(PacketLayout.DataBytes, Math.Min(Header.Length - Header.Offset, _body.Length - PacketLayout.DataBytes));

    public Records Rest => new(_body[(PacketLayout.DataBytes + First.Length)..], Header);

    public static long StartOf(in DataHeader header) =>
        header.Offset == 0 ? header.Position : header.Position + PacketLayout.FrameBytes + header.Offset;

    public static bool TryRead(ReadOnlySpan<byte> body, out DataPacket packet)
    {
        packet = default;
        if (body.Length < PacketLayout.DataBytes)
        {
            return false;
        }

        DataHeader header = DataHeader.Read(body);
        int rest = body.Length - PacketLayout.DataBytes;
        if (!IsValid(header, rest) || (BinaryPrimitives.ReadUInt32LittleEndian(body[PacketLayout.DataIndexOffset..]) >> 8) != 0)
        {
            return false;
        }

        int first = Math.Min(header.Length - header.Offset, rest);
        long last = header.Position;
        long end = PacketLayout.EndOf(header.Position, header.Offset + first);
        if (first < rest)
        {
            Records records = new(body[(PacketLayout.DataBytes + first)..], header);
            while (records.TryNext(out DataHeader next, out ReadOnlySpan<byte> message))
            {
                last = next.Position;
                end = PacketLayout.EndOf(last, message.Length);
            }

            if (header.Offset != 0 || !records.IsAtEnd)
            {
                return false;
            }
        }

        packet = new DataPacket(body, header, last, end);
        return true;
    }

    private static bool IsValid(in DataHeader header, int rest) =>
        PacketLayout.IsPosition(header.Position)
        && (header.Previous is DataHeader.NoPrevious or DataHeader.UnknownPrevious
            || (PacketLayout.IsPosition(header.Previous) && header.Previous < header.Position))
        && header.Sequence >= 0 && header.Time >= 0
        && header.Length is >= 0 and < 1 << 28 && header.Offset >= 0 && header.Offset <= header.Length
        && (rest > 0 || header.Length == 0) && (header.Offset < header.Length || header.Length == 0)
        && (header.Group != 0 || header.Index == 0) && header.Index < PacketLayout.MaxGroupData;

    /// <summary>Iterates over the messages after the first one.</summary>
    internal ref struct Records(ReadOnlySpan<byte> bytes, DataHeader before)
    {
        private ReadOnlySpan<byte> _bytes = bytes;
        private DataHeader _before = before;

        /// <summary>Whether every byte belongs to a message.</summary>
        public readonly bool IsAtEnd => _bytes.IsEmpty;

        public bool TryNext(out DataHeader header, out ReadOnlySpan<byte> message)
        {
            header = default;
            message = default;
            if (_bytes.Length < PacketLayout.RecordBytes)
            {
                return false;
            }

            uint step = BinaryPrimitives.ReadUInt32LittleEndian(_bytes);
            uint length = BinaryPrimitives.ReadUInt32LittleEndian(_bytes[4..]);
            uint numbers = BinaryPrimitives.ReadUInt32LittleEndian(_bytes[8..]);
            uint units = BinaryPrimitives.ReadUInt32LittleEndian(_bytes[12..]);
            if (length > _bytes.Length - PacketLayout.RecordBytes || (step & 7) != 0 || numbers == 0
                || step < PacketLayout.FrameBytes + (uint)_before.Length)
            {
                return false;
            }

            header = new DataHeader(
                _before.Position + step, _before.Position, _before.Sequence + numbers,
                _before.Time + (units * PacketLayout.TimeUnitNanos), (int)length, 0, 0, 0);
            message = _bytes.Slice(PacketLayout.RecordBytes, (int)length);
            _bytes = _bytes[(PacketLayout.RecordBytes + (int)length)..];
            _before = header;
            return true;
        }
    }
}
