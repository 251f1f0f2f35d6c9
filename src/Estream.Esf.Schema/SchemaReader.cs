using Estream.Esf.Schema.Internal;

namespace Estream.Esf.Schema;

/// <summary>
/// Reads <c>.esf.yaml</c> files. Every error in the file is reported with its line and column; none is thrown. Thread-safe; holds no
/// state.
/// </summary>
public static class SchemaReader
{
    private const string Example = "version: \"1.0\"";

    /// <summary>Reads the text of a schema file.</summary>
    /// <param name="text">The content of the file.</param>
    /// <param name="file">The name of the file in messages.</param>
    /// <returns>The document, or all errors in the order of the file.</returns>
    /// <remarks>An import is reported as an error. Use <see cref="SchemaComposer"/> with the packs to read files that import from
    /// packs.</remarks>
    public static SchemaReadResult Read(string text, string file) => Read(text, file, null);

    internal static SchemaReadResult Read(string text, string file, IImportSource? imports)
    {
        DiagnosticSink sink = new(file);
        SchemaDocument? document = null;
        if (SourceTreeReader.Read(text, sink) is SourceNode root && sink.AsMap(root, "a schema file", Example) is MapNode map)
        {
            document = ReadDocument(map, sink, imports);
        }

        return new SchemaReadResult(document, sink.InOrder());
    }

    /// <summary>Reads declarations that were converted to nodes from another schema language. Errors have the positions of the original
    /// declarations.</summary>
    internal static SchemaDocument Read(MapNode map, DiagnosticSink sink) => ReadDocument(map, sink, null);

    private static SchemaDocument ReadDocument(MapNode map, DiagnosticSink sink, IImportSource? imports)
    {
        sink.OnlyKeys(map, "a schema file", "version", "namespace", "imports", "schemas", "objects", "enums");
        CheckVersion(map, sink);
        string ns = ReadNamespace(map, sink);
        FileScope scope = new(sink);
        MapNode? schemas = ReadSchemasNode(map, sink);
        EnumReader.ReadAll(map.Find("enums"), scope);
        scope.Imports.Read(map.Find("imports"), imports);
        scope.Objects = NamedObjects.Of(map.Find("objects"), scope);
        List<MessageSchema> read = MessageReader.ReadAll(schemas, ns, scope);
        scope.Objects.ReadAll();
        return new SchemaDocument(ns, read, [.. scope.Enums.Values], scope.Objects.Records, [.. scope.Imports.Enums],
            scope.Imports.Requirements);
    }

    private static void CheckVersion(MapNode map, DiagnosticSink sink)
    {
        SourceNode? node = map.Find("version");
        if (node is null)
        {
            sink.Report(DiagnosticCodes.MissingKey, map, Messages.Missing("a schema file", "version", Example));
        }
        else if (sink.AsScalar(node, "'version'", Example) is ScalarNode scalar && scalar.Value != "1.0")
        {
            sink.Report(DiagnosticCodes.Version, scalar, Messages.Version(scalar.Value));
        }
    }

    private static string ReadNamespace(MapNode map, DiagnosticSink sink)
    {
        const string NamespaceExample = "namespace: estream.iot";
        SourceNode? node = map.Find("namespace");
        if (node is null)
        {
            sink.Report(DiagnosticCodes.MissingKey, map, Messages.Missing("a schema file", "namespace", NamespaceExample));
            return "";
        }

        if (sink.AsScalar(node, "'namespace'", NamespaceExample) is not ScalarNode scalar)
        {
            return "";
        }

        if (!NameRule.IsDottedName(scalar.Value))
        {
            sink.Report(DiagnosticCodes.Name, scalar, Messages.BadNamespace(scalar.Value));
        }

        return scalar.Value;
    }

    private static MapNode? ReadSchemasNode(MapNode map, DiagnosticSink sink)
    {
        const string SchemasExample = "schemas: { DoorOpened: { fields: { door_id: { type: string(64) } } } }";
        SourceNode? node = map.Find("schemas");
        if (node is null)
        {
            sink.Report(DiagnosticCodes.MissingKey, map, Messages.Missing("a schema file", "schemas", SchemasExample));
            return null;
        }

        MapNode? schemas = sink.AsMap(node, "'schemas'", SchemasExample);
        if (schemas is { Entries.Count: 0 })
        {
            sink.Report(DiagnosticCodes.Empty, node, Messages.Empty("'schemas'", SchemasExample));
        }

        return schemas;
    }
}

/// <summary>The result of reading a schema file: a document, or the errors in the file.</summary>
public sealed class SchemaReadResult
{
    internal SchemaReadResult(SchemaDocument? document, IReadOnlyList<SchemaDiagnostic> diagnostics)
    {
        Document = diagnostics.Count == 0 ? document : null;
        Diagnostics = diagnostics;
    }

    /// <summary>The document; null if there is any error.</summary>
    public SchemaDocument? Document { get; }

    /// <summary>All errors, in the order of the file.</summary>
    public IReadOnlyList<SchemaDiagnostic> Diagnostics { get; }
}
