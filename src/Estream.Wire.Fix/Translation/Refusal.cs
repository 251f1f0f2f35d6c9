using System.Globalization;

namespace Estream.Wire.Fix.Translation;

/// <summary>Creates statuses for messages that cannot be translated. A status names the field and the rule, never the value.</summary>
internal static class Refusal
{
    public static TranslateStatus Of(int tag, string why)
    {
        return TranslateStatus.Unfit(string.Create(CultureInfo.InvariantCulture, $"field {tag} {why}"));
    }

    /// <summary>Creates the status for a field whose name is known.</summary>
    public static TranslateStatus Of(int tag, string? name, string why)
    {
        return name is null
            ? Of(tag, why)
            : TranslateStatus.Unfit(string.Create(CultureInfo.InvariantCulture, $"field {tag} ({name}) {why}"));
    }

    /// <summary>Creates the status for an ESF field whose value FIX cannot express.</summary>
    public static TranslateStatus Of(string field, string why)
    {
        return TranslateStatus.Unfit($"{field} {why}");
    }
}

/// <summary>A field that cannot be translated, or none. Unlike a status, it is returned in registers.</summary>
/// <param name="Tag">The tag of the field.</param>
/// <param name="Why">The rule that the field breaks; null for none.</param>
internal readonly record struct FieldRefusal(int Tag, string? Why)
{
    public bool IsRefused => Why is not null;

    /// <summary>Ok, or the status that names the field and the rule.</summary>
    public TranslateStatus Status => Why is null ? TranslateStatus.Ok : Refusal.Of(Tag, Why);
}
