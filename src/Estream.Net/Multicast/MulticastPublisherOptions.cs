using Estream.Core;

namespace Estream.Net.Multicast;

/// <summary>Options of a <see cref="MulticastPublisher"/>. The defaults suit a local network.</summary>
public sealed record MulticastPublisherOptions
{
    internal const int MinPacketBytes = 576;
    internal const int LargestPacketBytes = 65_507;
    private const int MostReceivers = 1_024;

    /// <summary>The stream id, which distinguishes queues that share a group. Default: 1.</summary>
    public uint StreamId { get; init; } = 1;

    /// <summary>The largest packet in bytes, from 576 to 65,507. Larger messages are sent in fragments. Default: 1,408, which fits into an
    /// Ethernet frame with IP, UDP and tunnel headers.</summary>
    public int MaxPacketBytes { get; init; } = 1_408;

    /// <summary>The flow control strategy. Default: <see cref="MulticastFlowControl.Min"/>.</summary>
    public MulticastFlowControl FlowControl { get; init; }

    /// <summary>The tag of the receivers that count with <see cref="MulticastFlowControl.Tagged"/>.</summary>
    public long FlowControlTag { get; init; }

    /// <summary>The number of receivers that must count before data is sent, at least 1. Default: 1.</summary>
    public int MinimumReceivers { get; init; } = 1;

    /// <summary>The largest number of receivers, from 1 to 1,024. More are refused. Default: 64.</summary>
    public int MaxReceivers { get; init; } = 64;

    /// <summary>How long a receiver may be silent before it is removed. Default: 5 s.</summary>
    public TimeSpan ReceiverTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>The time between heartbeats. Default: 100 ms.</summary>
    public TimeSpan HeartbeatInterval { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>The largest rate of live data in bytes per second; 0, the default, for no limit.</summary>
    public long MaxBytesPerSecond { get; init; }

    /// <summary>Whether a congestion window (CUBIC, RFC 9438) limits the data in flight, for networks that are shared or far. Default:
    /// false.</summary>
    public bool UseCongestionWindow { get; init; }

    /// <summary>The largest number of NAK ranges of one receiver per second that are answered. Default: 1,000.</summary>
    public int NaksPerSecond { get; init; } = 1_000;

    /// <summary>The largest number of bytes per second retransmitted for one receiver. Default: 64 MiB.</summary>
    public long RetransmitBytesPerSecond { get; init; } = 64L << 20;

    /// <summary>The largest number of bytes per second retransmitted for all receivers. Default: 256 MiB.</summary>
    public long TotalRetransmitBytesPerSecond { get; init; } = 256L << 20;

    /// <summary>The number of live data packets in a FEC group, up to 128; 0, the default, for no FEC.</summary>
    public int FecData { get; init; }

    /// <summary>The number of parity packets for each group, up to 32; 0, the default, for no FEC.</summary>
    public int FecParity { get; init; }

    /// <summary>The shared key of 32 bytes that encrypts every packet; empty, the default, for plaintext packets.</summary>
    public ReadOnlyMemory<byte> Key { get; init; }

    /// <summary>The clock; the system clock by default.</summary>
    public IClock Clock { get; init; } = SystemClock.Instance;

    internal void Validate()
    {
        Require(MaxPacketBytes is >= MinPacketBytes and <= LargestPacketBytes, nameof(MaxPacketBytes), MaxPacketBytes, "576 to 65,507");
        Require(Enum.IsDefined(FlowControl), nameof(FlowControl), (int)FlowControl, "Min, Max or Tagged");
        Require(MaxReceivers is >= 1 and <= MostReceivers, nameof(MaxReceivers), MaxReceivers, "1 to 1,024");
        Require(MinimumReceivers >= 1 && MinimumReceivers <= MaxReceivers, nameof(MinimumReceivers), MinimumReceivers,
            "1 to MaxReceivers");
        Require(ReceiverTimeout > TimeSpan.Zero, nameof(ReceiverTimeout), ReceiverTimeout, "more than zero");
        Require(HeartbeatInterval > TimeSpan.Zero, nameof(HeartbeatInterval), HeartbeatInterval, "more than zero");
        Require(MaxBytesPerSecond >= 0, nameof(MaxBytesPerSecond), MaxBytesPerSecond, "0 or a number of bytes");
        Require(NaksPerSecond >= 1, nameof(NaksPerSecond), NaksPerSecond, "at least 1");
        Require(RetransmitBytesPerSecond >= 1, nameof(RetransmitBytesPerSecond), RetransmitBytesPerSecond, "at least 1");
        Require(TotalRetransmitBytesPerSecond >= 1, nameof(TotalRetransmitBytesPerSecond), TotalRetransmitBytesPerSecond, "at least 1");
        Require(FecData is >= 0 and <= 128, nameof(FecData), FecData, "0 to 128");
        Require(FecParity is >= 0 and <= 32, nameof(FecParity), FecParity, "0 to 32");
        Require((FecData == 0) == (FecParity == 0), nameof(FecParity), FecParity, "0 exactly if FecData is 0");
        Require(Key.Length is 0 or 32, nameof(Key) + ".Length", Key.Length, "0 or 32");
    }

    internal static void RequireFits(int maxPacketBytes, IPacketSender sender) => Require(
        maxPacketBytes <= sender.MaxPacketBytes, nameof(MaxPacketBytes), maxPacketBytes,
        $"at most {sender.MaxPacketBytes}, the largest packet of the transport");

    internal static void Require(bool isValid, string name, object value, string expected)
    {
        if (!isValid)
        {
            throw new ArgumentException($"{name} is {value}; it must be {expected}.", name);
        }
    }
}

/// <summary>How the pace of the receivers limits a publisher.</summary>
public enum MulticastFlowControl
{
    /// <summary>The slowest receiver sets the pace.</summary>
    Min,

    /// <summary>The fastest receiver sets the pace; slower ones fall behind and catch up from the log.</summary>
    Max,

    /// <summary>The slowest receiver with a given tag sets the pace.</summary>
    Tagged,
}
