using Estream.Witness;

namespace Estream.Host.Runtime;

/// <summary>One queue to be witnessed.</summary>
/// <param name="Queue">Its name.</param>
/// <param name="KeyFile">The key that signs.</param>
/// <param name="Options">How.</param>
internal sealed record WitnessPlan(string Queue, string KeyFile, WitnessOptions Options)
{
    /// <summary>The queue of the attestations, where <c>estream witness</c> looks for them.</summary>
    public string Attestations => Queue + QueueWitness.DirectoryEnding;
}
