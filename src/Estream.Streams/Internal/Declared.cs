using Estream.Esf;
using Estream.Esf.Schema;

namespace Estream.Streams.Internal;

/// <summary>What a schema declares its messages to be.</summary>
internal static class Declared
{
    /// <summary>Whether messages of a schema may be used as a pattern: it declares that one, or none.</summary>
    /// <exception cref="InvalidOperationException">It declares another one.</exception>
    public static void Require(EsfSchema schema, StreamPattern pattern)
    {
        if (schema.Pattern is StreamPattern declared && declared != pattern)
        {
            throw new InvalidOperationException(
                $"{schema} declares the pattern {declared}, and this is for {pattern}. Use what {declared} has (docs/guides/streams.md), or change 'pattern' in the schema file.");
        }
    }
}
