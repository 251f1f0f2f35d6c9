namespace Estream.Net.Feeds;

/// <summary>Reads the packets of a feed protocol. Use <see cref="MoldUdp64Codec"/>, or implement a codec for your venue.</summary>
/// <remarks>Packets come from the network: an implementation reads nothing outside the span, and throws no exceptions. One thread at
/// a time uses a codec.</remarks>
public interface IFeedCodec
{
    /// <summary>Reads the header of a packet.</summary>
    /// <param name="packet">The UDP payload.</param>
    /// <param name="header">Receives the header.</param>
    /// <returns>False if the packet is not of this protocol.</returns>
    bool TryReadHeader(ReadOnlySpan<byte> packet, out FeedHeader header);

    /// <summary>Reads the next message of a packet.</summary>
    /// <param name="packet">The UDP payload.</param>
    /// <param name="offset">The offset of the message; at first <see cref="FeedHeader.Offset"/>. Receives the offset of the next message;
    /// after the last message, the end of the packet.</param>
    /// <param name="message">Receives the message, which may be empty.</param>
    /// <returns>False if the packet ends within the message.</returns>
    bool TryReadMessage(ReadOnlySpan<byte> packet, ref int offset, out ReadOnlySpan<byte> message);
}

/// <summary>The fields of a packet header.</summary>
public readonly record struct FeedHeader
{
    /// <summary>Identifies the sequence of messages, such as a trading day. Constant if the protocol has no sessions.</summary>
    public UInt128 Session { get; init; }

    /// <summary>The sequence number of the first message. In a packet without messages, the sequence number of the next
    /// message.</summary>
    public long Sequence { get; init; }

    /// <summary>The number of messages; 0 for a heartbeat.</summary>
    public int Count { get; init; }

    /// <summary>Where the first message starts, in bytes.</summary>
    public int Offset { get; init; }

    /// <summary>Whether the session ends before <see cref="Sequence"/>: no message follows.</summary>
    public bool IsEnd { get; init; }
}
