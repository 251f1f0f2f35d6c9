using Estream.Esf;
using Estream.Wire.Iso20022.Schema;

namespace Estream.Wire.Iso20022.Mapping;

/// <summary>The mapping of ISO 20022 messages to schemas of the pack esf-payments.</summary>
internal static class MappedMessages
{
    /// <summary>The prefix of the schema names.</summary>
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

    /// <summary>The qualified names of their schemas.</summary>
    public static IEnumerable<string> SchemaNames => s_all.Select(one => Namespace + one.Schema);

    /// <summary>Whether a schema is one of these schemas.</summary>
    public static bool IsOne(EsfSchema schema) => SchemaNames.Contains(schema.QualifiedName);

    /// <summary>Returns the schema name for a message definition; null if it is not mapped.</summary>
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

    /// <summary>Returns the XML schema of the version in which an ESF message is written; null if the definition is unknown or belongs to
    /// another ESF schema.</summary>
    /// <param name="schema">The ESF schema of the message.</param>
    /// <param name="definition">The value of its field <c>message_definition</c>.</param>
    public static MessageSchema? VersionOf(EsfSchema schema, string? definition) =>
        definition is not null && SchemaOf(definition) == schema.Name ? MessageSchemas.ByName(definition) : null;

    /// <summary>Finds the ESF schema of a checked message.</summary>
    /// <param name="definition">The name and version of the message.</param>
    /// <param name="find">Returns the schema with a name; null if there is none.</param>
    /// <param name="schema">The schema.</param>
    public static TranslateStatus Find(string definition, Func<string, EsfSchema?> find, out EsfSchema? schema)
    {
        string? name = SchemaOf(definition);
        schema = name is null ? null : find(name);
        return schema is not null ? TranslateStatus.Ok
            : name is null ? TranslateStatus.Unsupported($"{definition} can be validated, but not translated")
            : TranslateStatus.NotMapped($"there is no schema {name}: it comes with the pack esf-payments");
    }

    /// <summary>Returns a function that finds schemas of a set by name.</summary>
    public static Func<string, EsfSchema?> In(EsfSchemaSet schemas)
    {
        ArgumentNullException.ThrowIfNull(schemas);
        return name => schemas.TryGet(name, out EsfSchema? schema) ? schema : null;
    }

    /// <summary>The status of a message that exceeds the buffer limit.</summary>
    public static TranslateStatus TooLong() => TranslateStatus.Unfit($"the message is longer than {nameof(Iso20022Limits.MaxMappedBytes)}");

    /// <summary>The status of an invalid message. Its text quotes no content of the message.</summary>
    public static TranslateStatus Wrong(IReadOnlyList<Iso20022Finding> findings) =>
        TranslateStatus.Unfit(findings.Count == 1
            ? findings[0].ToPublicString() : $"{findings[0].ToPublicString()}, and {findings.Count - 1} more");
}
