namespace Estream.Esf.Schema.Internal;

/// <summary>The names a file defines, and where its mistakes go.</summary>
internal sealed class FileScope
{
    public FileScope(DiagnosticSink sink)
    {
        Sink = sink;
        Objects = NamedObjects.Of(null, this);
        Imports = new Imports(this);
    }

    public DiagnosticSink Sink { get; }

    /// <summary>Enums that could be read.</summary>
    public Dictionary<string, EnumDefinition> Enums { get; } = new(StringComparer.Ordinal);

    /// <summary>Enums with a mistake of their own, already reported: using one is no second mistake.</summary>
    public HashSet<string> FailedEnums { get; } = new(StringComparer.Ordinal);

    /// <summary>Records that have a name.</summary>
    public NamedObjects Objects { get; set; }

    /// <summary>What the file takes from packs.</summary>
    public Imports Imports { get; }

    /// <summary>Schemas by name, with their places.</summary>
    public Dictionary<string, SourcePosition> SchemaNames { get; } = new(StringComparer.Ordinal);
}
