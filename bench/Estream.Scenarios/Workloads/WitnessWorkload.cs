using Estream.Scenarios.Harness;

namespace Estream.Scenarios.Workloads;

/// <summary>What the cases of `witness` do in a round. Messages and attestations come in the sizes that the witness has by
/// default.</summary>
internal sealed record WitnessWorkload(RunSize Size)
{
    public const int BatchOperations = 1024;

    /// <summary>So many messages at most wait for their attestation: a burst has as many, and who puts waits where more would.</summary>
    public long Backlog => Size.Of(1 << 20, 1 << 12);

    /// <summary>Bursts of a round, each of them timed alone; the witness comes up to the writer between them.</summary>
    public int Bursts => (int)Size.Of(8, 2);

    /// <summary>Messages in the queue before a round of `attest`.</summary>
    public long Filled => Size.Of(4_000_000, 20_000);

    /// <summary>Entries of the map.</summary>
    public ulong Entries(bool hasState) => (ulong)Size.Of(hasState ? 1_000_000 : 16_000_000, 10_000);

    /// <summary>Puts of a round: ten seconds of them at what must be kept. The feed of a map with a state is kept whole, and so is
    /// small.</summary>
    public long Puts(bool hasState) => Size.Of(hasState ? 1 << 20 : 48 << 20, 1 << 14);
}
