namespace Estream.Marketplace;

/// <summary>Why a release that exists is not chosen.</summary>
public enum ExclusionReason
{
    /// <summary>Its publisher took it back.</summary>
    Yanked,

    /// <summary>It is younger than the workspace lets in.</summary>
    Cooldown,

    /// <summary>The trust policy refuses it.</summary>
    Trust,
}
