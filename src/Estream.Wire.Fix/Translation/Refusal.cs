using System.Globalization;

namespace Estream.Wire.Fix.Translation;

/// <summary>Why a message cannot be translated: field and rule, never the value.</summary>
internal static class Refusal
{
    public static TranslateStatus Of(int tag, string why)
    {
        return TranslateStatus.Unfit(string.Create(CultureInfo.InvariantCulture, $"field {tag} {why}"));
    }

    /// <summary>What a field of ESF holds cannot be said in FIX.</summary>
    public static TranslateStatus Of(string field, string why)
    {
        return TranslateStatus.Unfit($"{field} {why}");
    }
}
