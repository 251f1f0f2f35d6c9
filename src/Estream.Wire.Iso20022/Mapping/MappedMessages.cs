using Estream.Esf;
using Estream.Wire.Iso20022.Schema;

namespace Estream.Wire.Iso20022.Mapping;

/// <summary>Which message of ISO 20022 is which of the pack esf-payments.</summary>
internal static class MappedMessages
{
    /// <summary>What the names of the schemas begin with.</summary>
    public const string Namespace = "estream.payments.";

    private static readonly (string Message, string Schema)[] s_all =
    [
        ("pacs.008.", "Pacs008CreditTransfer"),
        ("pacs.002.", "Pacs002StatusReport"),
        ("camt.053.", "Camt053Statement"),
        ("camt.052.", "Camt052Report"),
    ];

    /// <summary>The names of the messages, without versions.</summary>
    public static IEnumerable<string> Names => s_all.Select(one => one.Message.TrimEnd('.'));

    /// <summary>The names of their schemas.</summary>
    public static IEnumerable<string> SchemaNames => s_all.Select(one => Namespace + one.Schema);

    /// <summary>Whether a schema is one of them.</summary>
    public static bool IsOne(EsfSchema schema) => SchemaNames.Contains(schema.QualifiedName);

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

    /// <summary>The version that a message of ESF is written in; null where there is none of this name, or it is not one of this
    /// schema.</summary>
    /// <param name="schema">The schema of the message.</param>
    /// <param name="definition">What its field <c>message_definition</c> names.</param>
    public static MessageSchema? VersionOf(EsfSchema schema, string? definition) =>
        definition is not null && SchemaOf(definition) == schema.Name ? MessageSchemas.ByName(definition) : null;

    /// <summary>Looks for the schema of a message that was checked.</summary>
    /// <param name="definition">Its name and version.</param>
    /// <param name="find">Says the schema of a name; null where there is none.</param>
    /// <param name="schema">The schema.</param>
    public static TranslateStatus Find(string definition, Func<string, EsfSchema?> find, out EsfSchema? schema)
    {
        string? name = SchemaOf(definition);
        schema = name is null ? null : find(name);
        return schema is not null ? TranslateStatus.Ok
            : name is null ? TranslateStatus.Unsupported($"{definition} is checked, and not translated")
            : TranslateStatus.NotMapped($"there is no schema {name}: it comes with the pack esf-payments");
    }

    /// <summary>The schemas of a set by their names.</summary>
    public static Func<string, EsfSchema?> In(EsfSchemaSet schemas)
    {
        ArgumentNullException.ThrowIfNull(schemas);
        return name => schemas.TryGet(name, out EsfSchema? schema) ? schema : null;
    }

    /// <summary>A message that is longer than it may be on its way.</summary>
    public static TranslateStatus TooLong() => TranslateStatus.Unfit($"the message is longer than {nameof(Iso20022Limits.MaxMappedBytes)}");

    /// <summary>What is wrong with a message, without any of it.</summary>
    public static TranslateStatus Wrong(IReadOnlyList<Iso20022Finding> findings) =>
        TranslateStatus.Unfit(findings.Count == 1
            ? findings[0].ToPublicString() : $"{findings[0].ToPublicString()}, and {findings.Count - 1} more");
}
