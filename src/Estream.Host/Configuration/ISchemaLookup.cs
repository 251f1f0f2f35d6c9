namespace Estream.Host.Configuration;

/// <summary>What the configuration check needs to know about schemas.</summary>
internal interface ISchemaLookup
{
    /// <summary>Names of all known schemas, for suggestions.</summary>
    IEnumerable<string> Names { get; }

    /// <summary>The field names of a schema, top level only; null for an unknown schema.</summary>
    IReadOnlyCollection<string>? FieldsOf(string schema);

    /// <summary>The audiences of a schema's private fields; empty where it has none, and for an unknown schema.</summary>
    IReadOnlyCollection<string> AudiencesOf(string schema);

    /// <summary>The sub-lexes of a schema; empty where it has none, and for an unknown schema.</summary>
    IReadOnlyCollection<string> SubLexesOf(string schema);

    /// <summary>Null when the messages of a schema stand in queues as they are, and for an unknown schema; otherwise why they do
    /// not.</summary>
    string? WhyNotInQueues(string schema);

    /// <summary>Whether a schema has tokenized fields.</summary>
    bool HasTokenizedFields(string schema);

    /// <summary>Null when the field can be the key of a map, otherwise why it cannot.</summary>
    string? WhyNotKey(string schema, string field);
}
