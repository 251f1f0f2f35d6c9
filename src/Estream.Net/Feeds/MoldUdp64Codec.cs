using System.Buffers.Binary;

namespace Estream.Net.Feeds;

/// <summary>
/// MoldUDP64, the protocol of Nasdaq's feeds: a header with session, sequence number and message count, then messages, each after a
/// two-byte length. Reads downstream packets, and writes them for tests and simulators.
/// </summary>
/// <remarks>Follows "MoldUDP64 Protocol Specification", version 1.00. Thread-safe.</remarks>
public sealed class MoldUdp64Codec : IFeedCodec
{
    /// <summary>The length of the header in bytes: session 10, sequence number 8, count 2. Numbers are big-endian.</summary>
    public const int HeaderBytes = 20;

    private const int SessionBytes = 10;
    private const int CountOffset = 18;
    private const int LengthBytes = sizeof(ushort);
    private const int EndOfSession = 0xFFFF;

    /// <summary>Returns the session that a text of ten ASCII characters names. Pads a shorter text with spaces on the
    /// left.</summary>
    /// <param name="session">The text.</param>
    /// <exception cref="ArgumentException">The text is longer, or not ASCII.</exception>
    public static UInt128 SessionOf(string session)
    {
        ArgumentNullException.ThrowIfNull(session);
        if (session.Length > SessionBytes || session.Any(character => character is < ' ' or > '~'))
        {
            throw new ArgumentException($"'{session}' is not a session. Use at most {SessionBytes} ASCII characters.", nameof(session));
        }

        UInt128 value = 0;
        foreach (char character in session.PadLeft(SessionBytes))
        {
            value = value << 8 | character;
        }

        return value;
    }

    /// <summary>Writes the header of a packet. The messages follow it, each written by <see cref="WriteMessage"/>.</summary>
    /// <param name="packet">Receives the header; at least <see cref="HeaderBytes"/> bytes.</param>
    /// <param name="session">The session.</param>
    /// <param name="sequence">The sequence number of the first message, or of the next message if the packet has none.</param>
    /// <param name="count">The number of messages, 0 to 65,534. 0 writes a heartbeat.</param>
    /// <returns>The length of the header.</returns>
    /// <exception cref="ArgumentException">The span is too short, or a number is out of range.</exception>
    public static int WriteHeader(Span<byte> packet, UInt128 session, long sequence, int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(count, EndOfSession);
        return Write(packet, session, sequence, count);
    }

    /// <summary>Writes a packet that ends a session.</summary>
    /// <param name="packet">Receives the packet; at least <see cref="HeaderBytes"/> bytes.</param>
    /// <param name="session">The session.</param>
    /// <param name="sequence">The sequence number of the last message plus one.</param>
    /// <returns>The length of the packet.</returns>
    /// <exception cref="ArgumentException">The span is too short, or the number is negative.</exception>
    public static int WriteEnd(Span<byte> packet, UInt128 session, long sequence) => Write(packet, session, sequence, EndOfSession);

    /// <summary>Writes a message with its length.</summary>
    /// <param name="destination">Receives the message; at least two bytes longer than the message.</param>
    /// <param name="message">The message, at most 65,535 bytes.</param>
    /// <returns>The number of bytes written.</returns>
    /// <exception cref="ArgumentException">The message is too long, or the span is too short.</exception>
    public static int WriteMessage(Span<byte> destination, ReadOnlySpan<byte> message)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(message.Length, ushort.MaxValue);
        ArgumentOutOfRangeException.ThrowIfLessThan(destination.Length, LengthBytes + message.Length);
        BinaryPrimitives.WriteUInt16BigEndian(destination, (ushort)message.Length);
        message.CopyTo(destination[LengthBytes..]);
        return LengthBytes + message.Length;
    }

    /// <inheritdoc/>
    public bool TryReadHeader(ReadOnlySpan<byte> packet, out FeedHeader header)
    {
        if (packet.Length < HeaderBytes)
        {
            header = default;
            return false;
        }

        ushort high = BinaryPrimitives.ReadUInt16BigEndian(packet);
        ulong low = BinaryPrimitives.ReadUInt64BigEndian(packet[LengthBytes..]);
        ulong sequence = BinaryPrimitives.ReadUInt64BigEndian(packet[SessionBytes..]);
        int count = BinaryPrimitives.ReadUInt16BigEndian(packet[CountOffset..]);
        header = new FeedHeader
        {
            Session = new UInt128(high, low),
            Sequence = (long)Math.Min(sequence, long.MaxValue),
            Count = count == EndOfSession ? 0 : count,
            Offset = HeaderBytes,
            IsEnd = count == EndOfSession,
        };
        return true;
    }

    /// <inheritdoc/>
    public bool TryReadMessage(ReadOnlySpan<byte> packet, ref int offset, out ReadOnlySpan<byte> message)
    {
        ReadOnlySpan<byte> rest = packet[offset..];
        int length = rest.Length < LengthBytes ? int.MaxValue : BinaryPrimitives.ReadUInt16BigEndian(rest);
        if (length > rest.Length - LengthBytes)
        {
            message = default;
            return false;
        }

        message = rest.Slice(LengthBytes, length);
        offset += LengthBytes + length;
        return true;
    }

    private static int Write(Span<byte> packet, UInt128 session, long sequence, int count)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(packet.Length, HeaderBytes);
        ArgumentOutOfRangeException.ThrowIfNegative(sequence);
        BinaryPrimitives.WriteUInt16BigEndian(packet, (ushort)(session >> 64));
        BinaryPrimitives.WriteUInt64BigEndian(packet[LengthBytes..], (ulong)session);
        BinaryPrimitives.WriteInt64BigEndian(packet[SessionBytes..], sequence);
        BinaryPrimitives.WriteUInt16BigEndian(packet[CountOffset..], (ushort)count);
        return HeaderBytes;
    }
}
