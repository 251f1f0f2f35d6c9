using Estream.Esf;

namespace Estream.Host.Runtime;

/// <summary>Checks the schemas of mappings, egress and maps: their messages must be stored in queues as they are.</summary>
internal static class QueueSchemas
{
    /// <summary>Returns why a schema is refused, worded to follow the name of a setting.</summary>
    /// <returns>Null if the schema is accepted, and for an unknown schema; otherwise the reason.</returns>
    public static string? WhyNot(EsfSchemaSet schemas, string name) => schemas.TryGet(name, out EsfSchema? schema) && !schema.StandsInQueues
        ? $"is \"{name}\", whose pattern {schema.Pattern} does not allow its messages to be stored in a queue directly. Name another "
            + "schema, or change 'pattern' in its file."
        : null;
}
