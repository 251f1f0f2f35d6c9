using Estream.Esf;
using Estream.Esf.Schema;

namespace Estream.Streams.Internal;

/// <summary>What a schema declares its messages to be.</summary>
internal static class SchemaDeclarations
{
    /// <summary>Whether messages of a schema may be used as a pattern: it declares that one, or none.</summary>
    /// <exception cref="InvalidOperationException">It declares another one.</exception>
    public static void Require(EsfSchema schema, StreamPattern pattern)
    {
        if (schema.Pattern is StreamPattern declared && declared != pattern)
        {
            throw new InvalidOperationException(
                $"{schema} declares the pattern {declared}, and this is for {pattern}. Use what {declared} has (docs/guides/streams.md), "
                + "or change 'pattern' in the schema file.");
        }
    }

    /// <summary>Has messages be appended to a queue and read there as they are: as an event, a state, a proposal, or an entry of a
    /// log.</summary>
    /// <exception cref="InvalidOperationException">The schema declares a pattern of which that would break the promise, or read
    /// nothing.</exception>
    public static void RequirePlain(EsfSchema schema)
    {
        if (!schema.StandsInQueues)
        {
            throw new InvalidOperationException(
                $"{schema} declares the pattern {schema.Pattern}, whose messages do not stand in a queue as they are. Use what "
                + $"{schema.Pattern} has (docs/guides/streams.md), or change 'pattern' in the schema file.");
        }
    }
}
