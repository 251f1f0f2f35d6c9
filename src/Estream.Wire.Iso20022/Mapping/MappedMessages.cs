using Estream.Esf;

namespace Estream.Wire.Iso20022.Mapping;

/// <summary>Which message of ISO 20022 is which of the pack esf-payments.</summary>
internal static class MappedMessages
{
    private static readonly (string Message, string Schema)[] s_all =
    [
        ("pacs.008.", "Pacs008CreditTransfer"),
        ("pacs.002.", "Pacs002StatusReport"),
        ("camt.053.", "Camt053Statement"),
        ("camt.052.", "Camt052Report"),
    ];

    /// <summary>The schema of a message by its name and version; null where it has none.</summary>
    public static string? SchemaOf(string definition)
    {
        foreach ((string message, string schema) in s_all)
        {
            if (definition.StartsWith(message, StringComparison.Ordinal))
            {
                return schema;
            }
        }

        return null;
    }

    /// <summary>Looks for the schema of a message that was checked.</summary>
    /// <param name="definition">Its name and version.</param>
    /// <param name="schemas">Those that there are.</param>
    /// <param name="schema">The schema.</param>
    public static TranslateStatus Find(string definition, EsfSchemaSet schemas, out EsfSchema? schema)
    {
        schema = null;
        return SchemaOf(definition) is not { } name ? TranslateStatus.Unsupported($"{definition} is checked, and not translated")
            : schemas.TryGet(name, out schema) ? TranslateStatus.Ok
            : TranslateStatus.NotMapped($"there is no schema {name}: it comes with the pack esf-payments");
    }

    /// <summary>A message that is longer than it may be on its way.</summary>
    public static TranslateStatus TooLong() => TranslateStatus.Unfit($"the message is longer than {nameof(Iso20022Limits.MaxMappedBytes)}");

    /// <summary>What is wrong with a message.</summary>
    public static TranslateStatus Wrong(IReadOnlyList<Iso20022Finding> findings) =>
        TranslateStatus.Unfit(findings.Count == 1 ? findings[0].ToString() : $"{findings[0]}, and {findings.Count - 1} more");
}
