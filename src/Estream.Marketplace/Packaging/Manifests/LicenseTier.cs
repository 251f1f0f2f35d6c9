namespace Estream.Marketplace;

/// <summary>License tiers in ascending order; each tier allows everything that the previous one allows.</summary>
public enum LicenseTier
{
    /// <summary>Free to use by anyone.</summary>
    OpenSource,

    /// <summary>The source is readable; production use is subject to terms.</summary>
    SourceAvailable,

    /// <summary>Use requires a contract.</summary>
    Commercial,
}

/// <summary>The names of license tiers in manifests and messages.</summary>
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
