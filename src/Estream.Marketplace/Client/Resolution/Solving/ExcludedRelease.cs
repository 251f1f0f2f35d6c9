namespace Estream.Marketplace.Resolution;

/// <summary>A release that exists and is not chosen, and why.</summary>
/// <param name="Release">The release.</param>
/// <param name="Reason">The kind of reason.</param>
/// <param name="Detail">What the publisher or the trust policy says of it; the age that is asked for, of a cooldown.</param>
internal sealed record ExcludedRelease(CandidateRelease Release, ExclusionReason Reason, string Detail);
