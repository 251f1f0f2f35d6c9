namespace Estream.Marketplace;

/// <summary>What a license allows, in the order in which one has all that the one before has.</summary>
public enum LicenseTier
{
    /// <summary>Free to use by anybody.</summary>
    OpenSource,

    /// <summary>The source can be read; use in production is bound to terms.</summary>
    SourceAvailable,

    /// <summary>Use needs a contract.</summary>
    Commercial,
}
