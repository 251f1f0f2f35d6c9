using Estream.Witness;

namespace Estream.Host.Runtime;

/// <summary>The configuration of a witness.</summary>
/// <param name="Queue">The name of the witnessed queue.</param>
/// <param name="KeyFile">The signing key.</param>
/// <param name="Options">The options.</param>
/// <param name="Card">The address of the card that hashes the leaves; null for the processor.</param>
internal sealed record WitnessPlan(string Queue, string KeyFile, WitnessOptions Options, string? Card = null)
{
    /// <summary>The name of the attestation queue. <c>estream witness</c> derives the name by the same rule.</summary>
    public string Attestations => Queue + QueueWitness.DirectoryEnding;
}
