using Estream.Esf.Schema.Internal;

namespace Estream.Esf.Schema;

/// <summary>
/// Determines whether one schema is a later version of another, so that a reader of either version can read the messages of both. The rule
/// is append-only and is specified in docs/formats/esf.md. Thread-safe; holds no state.
/// </summary>
public static class SchemaCompatibility
{
    /// <summary>Whether a schema extends an earlier version with the same qualified name. Every schema extends itself.</summary>
    public static bool Extends(MessageSchema earlier, MessageSchema later) => Compare(earlier, later, "").Count == 0;

    /// <summary>Finds every change that breaks the rule.</summary>
    /// <param name="earlier">The published version.</param>
    /// <param name="later">The current schema.</param>
    /// <param name="file">The file of the current schema, for the messages.</param>
    /// <returns>The incompatible changes in the order of the file, each with its field, the rule and what to do; none if the schema is
    /// compatible.</returns>
    /// <exception cref="ArgumentException">The schemas have different qualified names, so they are not versions of one schema.</exception>
    public static IReadOnlyList<SchemaDiagnostic> Compare(MessageSchema earlier, MessageSchema later, string file)
    {
        if (earlier.QualifiedName != later.QualifiedName)
        {
            throw new ArgumentException(
                $"'{earlier.QualifiedName}' and '{later.QualifiedName}' are different schemas. Only versions of one can be compared.",
                nameof(later));
        }

        DiagnosticSink sink = new(file);
        if (earlier.Id != later.Id)
        {
            RecordComparison.Compare(earlier.Record, later.Record, later.Name, later.Position, sink);
        }

        return sink.InOrder();
    }
}
