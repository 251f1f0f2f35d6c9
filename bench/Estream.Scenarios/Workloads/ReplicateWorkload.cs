using Estream.Scenarios.Harness;

namespace Estream.Scenarios.Workloads;

/// <summary>The work of the scenarios of replication.</summary>
/// <param name="Size">The size of the run.</param>
/// <param name="PayloadBytes">The length of a message.</param>
internal sealed record ReplicateWorkload(RunSize Size, int PayloadBytes)
{
    /// <summary>The limit of an entry of the stream in bytes, the default of the product.</summary>
    public const int EntryBytes = 256 << 10;

    /// <summary>The bytes that are sent and not confirmed, the default of the product.</summary>
    public const int InFlightBytes = 8 << 20;

    private const int FrameHeaderBytes = 16;
    private const int FrameAlignment = 8;

    /// <summary>Brokers of the cluster. A tiny run has one: three take half a minute to start on two processors.</summary>
    public int Brokers => (int)Size.Of(3, 1);

    /// <summary>Messages of a round.</summary>
    public long Messages => Size.Of(PayloadBytes < 512 ? 400_000 : 80_000, 2_000);

    /// <summary>Messages of a round that wait for each other.</summary>
    public long Waits => Size.Of(300, 20);

    /// <summary>The length of a message in the log of a queue.</summary>
    public int FrameBytes => (FrameHeaderBytes + PayloadBytes + FrameAlignment - 1) / FrameAlignment * FrameAlignment;
}
