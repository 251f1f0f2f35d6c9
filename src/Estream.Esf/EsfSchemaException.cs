using Estream.Core;
using Estream.Esf.Schema;

namespace Estream.Esf;

/// <summary>Schema files that cannot be used. The message holds every mistake with file, line and column.</summary>
public sealed class EsfSchemaException : EstreamException
{
    /// <summary>An exception for the mistakes of schema files.</summary>
    public EsfSchemaException(string message, IReadOnlyList<SchemaDiagnostic> diagnostics, string? path = null, Exception? inner = null)
        : base(message, path, isTransient: false, inner) => Diagnostics = diagnostics;

    /// <summary>The mistakes, in the order of the files.</summary>
    public IReadOnlyList<SchemaDiagnostic> Diagnostics { get; }

    internal static EsfSchemaException Of(IReadOnlyList<SchemaDiagnostic> diagnostics)
    {
        string list = string.Join(Environment.NewLine, diagnostics.Select(d => d.ToString()));
        return new EsfSchemaException(list, diagnostics, diagnostics[0].File);
    }
}
