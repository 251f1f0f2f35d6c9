using Estream.Esf;
using Estream.Esf.Schema;

namespace Estream.Streams.Internal;

/// <summary>Checks the pattern that a schema declares for its messages.</summary>
internal static class SchemaDeclarations
{
    /// <summary>Requires that a schema declares a given pattern or none.</summary>
    /// <exception cref="InvalidOperationException">The schema declares another pattern.</exception>
    public static void Require(EsfSchema schema, StreamPattern pattern)
    {
        if (schema.Pattern is StreamPattern declared && declared != pattern)
        {
            throw new InvalidOperationException(
                $"{schema} declares the pattern {declared}, but {pattern} is needed. Use types for {declared} (docs/guides/streams.md), "
                + "or change 'pattern' in the schema file.");
        }
    }

    /// <summary>Requires that messages of a schema may be appended to a queue and read from it directly: as events, states, proposals, or
    /// log entries.</summary>
    /// <exception cref="InvalidOperationException">The schema declares a pattern whose guarantees direct access would break, or whose
    /// messages cannot be in a queue directly.</exception>
    public static void RequirePlain(EsfSchema schema)
    {
        if (!schema.StandsInQueues)
        {
            throw new InvalidOperationException(
                $"{schema} declares the pattern {schema.Pattern}, whose messages cannot be in a queue directly. Use the types for "
                + $"{schema.Pattern} (docs/guides/streams.md), or change 'pattern' in the schema file.");
        }
    }
}
