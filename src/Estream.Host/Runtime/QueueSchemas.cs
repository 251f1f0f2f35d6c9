using Estream.Esf;

namespace Estream.Host.Runtime;

/// <summary>Which schemas mappings, egress and maps may name, whether a configuration or code describes them: those whose messages stand in
/// queues as they are.</summary>
internal static class QueueSchemas
{
    /// <summary>What is said of a setting that names a schema.</summary>
    /// <returns>Null where its messages stand in queues as they are, and for a schema that is not there; otherwise why it is
    /// refused.</returns>
    public static string? WhyNot(EsfSchemaSet schemas, string name) => schemas.TryGet(name, out EsfSchema? schema) && !schema.StandsInQueues
        ? $"is \"{name}\", which declares the pattern {schema.Pattern}, whose messages do not stand in a queue as they are. Name another "
            + "schema, or change 'pattern' in its file."
        : null;
}
