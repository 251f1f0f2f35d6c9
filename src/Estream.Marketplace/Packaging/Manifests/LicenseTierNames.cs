namespace Estream.Marketplace;

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
