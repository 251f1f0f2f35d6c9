namespace Estream.Net.Multicast;

/// <summary>Counters of a <see cref="MulticastPublisher"/>, since it was created.</summary>
public sealed record MulticastPublisherStatistics
{
    /// <summary>Packets sent, of all types.</summary>
    public long PacketsSent { get; init; }

    /// <summary>Bytes sent, headers of this protocol included.</summary>
    public long BytesSent { get; init; }

    /// <summary>Live data packets sent.</summary>
    public long DataPacketsSent { get; init; }

    /// <summary>FEC parity packets sent.</summary>
    public long ParityPacketsSent { get; init; }

    /// <summary>Heartbeats sent.</summary>
    public long HeartbeatsSent { get; init; }

    /// <summary>Data packets retransmitted.</summary>
    public long RetransmittedPackets { get; init; }

    /// <summary>Bytes retransmitted.</summary>
    public long RetransmittedBytes { get; init; }

    /// <summary>NAKs received in this session.</summary>
    public long NaksReceived { get; init; }

    /// <summary>NAK ranges that were not answered, because of a limit or because they had just been answered.</summary>
    public long NaksIgnored { get; init; }

    /// <summary>Requests that were refused because the log cannot be read there: a segment is damaged or the storage failed.</summary>
    public long UnreadableRequests { get; init; }

    /// <summary>How often retention deleted messages before they were sent live, so the live stream continued after the last
    /// message.</summary>
    public long RetentionSkips { get; init; }

    /// <summary>Status packets received.</summary>
    public long StatusesReceived { get; init; }

    /// <summary>Packets refused because they violate the format, or are not authentic.</summary>
    public long InvalidPackets { get; init; }

    /// <summary>Packets refused by a replay window.</summary>
    public long ReplayedPackets { get; init; }

    /// <summary>The receivers present now.</summary>
    public int Receivers { get; init; }

    /// <summary>Status packets of receivers beyond <see cref="MulticastPublisherOptions.MaxReceivers"/>.</summary>
    public long ReceiversRefused { get; init; }

    /// <summary>The position of the last message sent live; 0 if none.</summary>
    public long LastPosition { get; init; }

    /// <summary>The addresses between the slowest receiver that flow control counts and the end of what was sent.</summary>
    public long LagBytes { get; init; }

    /// <summary>The congestion window; 0 if there is none.</summary>
    public long CongestionWindowBytes { get; init; }

    /// <summary>The smoothed round trip; zero without a congestion window.</summary>
    public TimeSpan RoundTrip { get; init; }
}

/// <summary>Counters of a <see cref="MulticastSubscriber"/>, since it was created.</summary>
public sealed record MulticastSubscriberStatistics
{
    /// <summary>Valid packets of the session received.</summary>
    public long PacketsReceived { get; init; }

    /// <summary>Bytes of these packets.</summary>
    public long BytesReceived { get; init; }

    /// <summary>Messages appended to the copy.</summary>
    public long MessagesAppended { get; init; }

    /// <summary>Messages that the copy already had after a restart and that were equal to the source.</summary>
    public long MessagesVerified { get; init; }

    /// <summary>Data packets that brought nothing new.</summary>
    public long DuplicatePackets { get; init; }

    /// <summary>Data packets dropped because they were too far ahead.</summary>
    public long OverrunPackets { get; init; }

    /// <summary>Gaps for which a NAK was due.</summary>
    public long Losses { get; init; }

    /// <summary>NAK ranges sent.</summary>
    public long NaksSent { get; init; }

    /// <summary>NAK ranges not sent, because another receiver had asked for them.</summary>
    public long NaksSuppressed { get; init; }

    /// <summary>Data packets restored by FEC.</summary>
    public long PacketsRestored { get; init; }

    /// <summary>Packets refused because they violate the format, or are not authentic.</summary>
    public long InvalidPackets { get; init; }

    /// <summary>Packets refused by a replay window, and setups that answer no request of this subscriber.</summary>
    public long ReplayedPackets { get; init; }

    /// <summary>The source position of the last message of the copy; 0 if none.</summary>
    public long LastPosition { get; init; }

    /// <summary>The addresses between the copy and the end of what the publisher has sent.</summary>
    public long LagBytes { get; init; }

    /// <summary>Whether every message of the copy has the position of its source message.</summary>
    public bool PositionsAreEqual { get; init; }

    /// <summary>Whether every message of the copy has the sequence number of its source message.</summary>
    public bool SequencesAreEqual { get; init; }

    /// <summary>Whether every message of the copy has the time of its source message.</summary>
    public bool TimesAreEqual { get; init; }
}
