using Estream.Scenarios.Harness;

namespace Estream.Scenarios.Workloads;

/// <summary>The work of the cases of `witness` in a round. Messages and attestations have the witness's default
/// sizes.</summary>
internal sealed record WitnessWorkload(RunSize Size)
{
    public const int BatchOperations = 1024;

    /// <summary>The maximum number of messages that wait for attestation. A burst has this many messages, and a put waits if more messages
    /// would wait.</summary>
    public long Backlog => Size.Of(1 << 20, 1 << 12);

    /// <summary>Bursts of a round, each timed separately; the witness catches up with the writer between them.</summary>
    public int Bursts => (int)Size.Of(8, 2);

    /// <summary>Messages in the queue before a round of `attest`.</summary>
    public long Filled => Size.Of(4_000_000, 20_000);

    /// <summary>Returns the number of entries of the map.</summary>
    public ulong Entries(bool hasState) => (ulong)Size.Of(hasState ? 1_000_000 : 16_000_000, 10_000);

    /// <summary>Returns the puts of a round: ten seconds at the required rate. If the state of the map is attested, the
    /// whole feed is kept, so there are fewer puts.</summary>
    public long Puts(bool hasState) => Size.Of(hasState ? 1 << 20 : 48 << 20, 1 << 14);
}
