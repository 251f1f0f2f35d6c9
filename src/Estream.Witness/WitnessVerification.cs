namespace Estream.Witness;

/// <summary>What a check of a queue against its attestations found.</summary>
/// <param name="Attestations">Attestations that are whole, signed, and follow each other, up to the first damage.</param>
/// <param name="Unchecked">Of these, those at the beginning that could not be checked against messages, since messages or the attestations before them were given up by retention.</param>
/// <param name="Messages">Messages that were read and are those attested.</param>
/// <param name="Unattested">Messages behind the last attestation.</param>
/// <param name="Last">What the last whole attestation says; <see langword="null"/> when there is none.</param>
/// <param name="Damage">The first damage, or <see langword="null"/> when everything is as it was attested.</param>
public sealed record WitnessVerification(long Attestations, long Unchecked, long Messages, long Unattested, TreeHead? Last, WitnessDamage? Damage)
{
    /// <summary>Whether everything is as it was attested.</summary>
    public bool IsWhole => Damage is null;
}

/// <summary>How a queue contradicts its attestations.</summary>
/// <param name="Fault">What is wrong.</param>
/// <param name="Reason">Where, and what contradicts what.</param>
public sealed record WitnessDamage(WitnessFault Fault, string Reason);
