namespace Estream.Witness;

/// <summary>What a check of a queue against its attestations found.</summary>
/// <param name="Attestations">Attestations that are whole, signed, and follow each other, up to the first damage.</param>
/// <param name="Unchecked">Of these, those at the beginning of which no message is there: given up by retention, or removed, which nothing
/// tells apart.</param>
/// <param name="Messages">Messages that were read and are those attested.</param>
/// <param name="Unproven">Messages that are there, are said to be attested, and cannot be proven to be, since retention, or somebody else,
/// has taken others beside them: at most 255 where the attestations are there.</param>
/// <param name="Unattested">Messages behind the last attestation.</param>
/// <param name="Last">What the last whole attestation says; <see langword="null"/> when there is none.</param>
/// <param name="Damage">The first damage, or <see langword="null"/> when there is none.</param>
public sealed record WitnessVerification(long Attestations, long Unchecked, long Messages, long Unproven, long Unattested, TreeHead? Last, WitnessDamage? Damage)
{
    /// <summary>Whether everything that was ever attested is there and as it was attested. Where nothing was, there is nothing that could
    /// be.</summary>
    public bool IsWhole => IsWholeButGivenUp && Unchecked == 0 && Unproven == 0;

    /// <summary>Whether there are attestations, and nothing contradicts them, but for messages that are not there or not proven: of a queue
    /// with retention there is no more to be had.</summary>
    public bool IsWholeButGivenUp => Damage is null && Attestations > 0;
}

/// <summary>How a queue contradicts its attestations.</summary>
/// <param name="Fault">What is wrong.</param>
/// <param name="Reason">Where, and what contradicts what.</param>
public sealed record WitnessDamage(WitnessFault Fault, string Reason);
