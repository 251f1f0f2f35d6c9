using Estream.Core;
using Estream.Queue;

namespace Estream.Net.Multicast;

/// <summary>Options of a <see cref="MulticastSubscriber"/>. The defaults suit a local network.</summary>
public sealed record MulticastSubscriberOptions
{
    private const int MostBufferedPackets = 65_536;

    /// <summary>The stream id, as that of the publisher. Default: 1.</summary>
    public uint StreamId { get; init; } = 1;

    /// <summary>Where a new copy starts. A copy that exists continues after its last message. Default: <see
    /// cref="MulticastStart.Oldest"/>.</summary>
    public MulticastStart Start { get; init; }

    /// <summary>The source position of the first message with <see cref="MulticastStart.Position"/>.</summary>
    public long StartPosition { get; init; }

    /// <summary>The queue id of the source; null, the default, for any. A copy that exists accepts only its own source.</summary>
    public long? SourceQueueId { get; init; }

    /// <summary>The largest packet that this subscriber receives and sends, from 576 to 65,507, at least that of the publisher. Default:
    /// 1,408.</summary>
    public int MaxPacketBytes { get; init; } = 1_408;

    /// <summary>The number of packets kept while earlier ones are missing, from 16 to 65,536. Half of their bytes are the receive window.
    /// Default: 1,024.</summary>
    public int BufferedPackets { get; init; } = 1_024;

    /// <summary>The largest message in bytes. Bounds the memory in which fragments are joined. Default: 64 MiB.</summary>
    public int MaxMessageBytes { get; init; } = 64 << 20;

    /// <summary>The tag that a publisher with <see cref="MulticastFlowControl.Tagged"/> looks at. Default: 0.</summary>
    public long FlowControlTag { get; init; }

    /// <summary>The longest random delay before a NAK. Default: 5 ms.</summary>
    public TimeSpan NakDelay { get; init; } = TimeSpan.FromMilliseconds(5);

    /// <summary>The time after which a NAK is repeated; doubles up to 500 ms. Set it to more than the round trip. Default: 20
    /// ms.</summary>
    public TimeSpan NakRetry { get; init; } = TimeSpan.FromMilliseconds(20);

    /// <summary>The longest time between two status packets. Default: 50 ms.</summary>
    public TimeSpan StatusInterval { get; init; } = TimeSpan.FromMilliseconds(50);

    /// <summary>The time between requests to join. Default: 100 ms.</summary>
    public TimeSpan JoinInterval { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>How long the publisher may be silent before another session is accepted. Default: 10 s.</summary>
    public TimeSpan SessionTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>The shared key of 32 bytes; empty, the default, for plaintext packets.</summary>
    public ReadOnlyMemory<byte> Key { get; init; }

    /// <summary>The options of the copy. The segment size is that of the source, and the clock of the copy follows the times of the source;
    /// both options are ignored.</summary>
    public QueueOptions Queue { get; init; } = new();

    /// <summary>The clock of the protocol; the system clock by default.</summary>
    public IClock Clock { get; init; } = SystemClock.Instance;

    /// <summary>The seed of random delays; null, the default, for a random one. For repeatable tests.</summary>
    public int? Seed { get; init; }

    internal void Validate()
    {
        Require(Enum.IsDefined(Start), nameof(Start), (int)Start, "Oldest, Newest or Position");
        Require(Start != MulticastStart.Position || (StartPosition >= 0 && (StartPosition & 7) == 0), nameof(StartPosition), StartPosition,
            "the position of a message");
        Require(MaxPacketBytes is >= MulticastPublisherOptions.MinPacketBytes and <= MulticastPublisherOptions.LargestPacketBytes,
            nameof(MaxPacketBytes), MaxPacketBytes, "576 to 65,507");
        Require(BufferedPackets is >= 16 and <= MostBufferedPackets, nameof(BufferedPackets), BufferedPackets, "16 to 65,536");
        Require(MaxMessageBytes >= 1, nameof(MaxMessageBytes), MaxMessageBytes, "at least 1");
        Require(NakDelay >= TimeSpan.Zero, nameof(NakDelay), NakDelay, "zero or more");
        Require(NakRetry > TimeSpan.Zero, nameof(NakRetry), NakRetry, "more than zero");
        Require(StatusInterval > TimeSpan.Zero, nameof(StatusInterval), StatusInterval, "more than zero");
        Require(JoinInterval > TimeSpan.Zero, nameof(JoinInterval), JoinInterval, "more than zero");
        Require(SessionTimeout > TimeSpan.Zero, nameof(SessionTimeout), SessionTimeout, "more than zero");
        Require(Key.Length is 0 or 32, nameof(Key) + ".Length", Key.Length, "0 or 32");
    }

    private static void Require(bool isValid, string name, object value, string expected) =>
        MulticastPublisherOptions.Require(isValid, name, value, expected);
}

/// <summary>Where a new copy starts.</summary>
public enum MulticastStart
{
    /// <summary>At the oldest message that the source has.</summary>
    Oldest,

    /// <summary>After the last message sent when the subscriber joins.</summary>
    Newest,

    /// <summary>At the message with a given position.</summary>
    Position,
}

/// <summary>What a subscriber is doing.</summary>
public enum MulticastState
{
    /// <summary>It looks for a publisher.</summary>
    Joining,

    /// <summary>It requests messages that were sent before it joined, or that it was too slow for.</summary>
    CatchingUp,

    /// <summary>It receives messages as they are published.</summary>
    Live,

    /// <summary>It stopped; Poll throws the reason.</summary>
    Failed,
}
