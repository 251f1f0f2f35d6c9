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

/// <summary>License tiers as manifests and messages write them.</summary>
internal static class LicenseTierNames
{
    private static readonly string[] s_names = ["open-source", "source-available", "commercial"];

    public static string Of(LicenseTier tier) => s_names[(int)tier];

    public static bool TryParse(string text, out LicenseTier tier)
    {
        int index = Array.IndexOf(s_names, text);
        tier = (LicenseTier)Math.Max(index, 0);
        return index >= 0;
    }
}
