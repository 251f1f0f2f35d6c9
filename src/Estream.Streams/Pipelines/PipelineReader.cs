using Estream.Esf;
using Estream.Esf.Schema;
using Estream.Esf.Schema.Internal;
using Estream.Streams.Pipelines.Reading;

namespace Estream.Streams.Pipelines;

/// <summary>
/// Reads and validates files of declared pipelines: see docs/guides/pipelines.md. Never throws because of an error in a file: reports
/// every error with its line and column. Thread-safe; holds no state.
/// </summary>
public static class PipelineReader
{
    private const string VersionExample = "version: \"1.0\"";
    private const string PipelinesExample =
        "pipelines: { hot: { from: { queue: telemetry, schema: estream.iot.IoTTelemetry }, to: { queue: hot } } }";

    /// <summary>Reads a file.</summary>
    /// <param name="path">The path of the file. The schema files it names are in the same folder, or below.</param>
    /// <param name="known">Schemas that the file may use without naming their files.</param>
    public static PipelineReadResult Load(string path, EsfSchemaSet known)
    {
        ArgumentNullException.ThrowIfNull(path);
        ArgumentNullException.ThrowIfNull(known);
        return SchemaFiles.ReadWithSchemas(path, (text, load) => Read(text, path, known, load),
            error => new PipelineReadResult([], known, [error]));
    }

    /// <summary>Reads the text of a file.</summary>
    /// <param name="text">The text; may be any text.</param>
    /// <param name="file">The file name to show in messages.</param>
    /// <param name="known">Schemas that the file may use without naming their files.</param>
    /// <param name="load">Loads the schema files that the file names.</param>
    public static PipelineReadResult Read(string text, string file, EsfSchemaSet known, Func<IReadOnlyList<string>, EsfSchemaSet> load)
    {
        ArgumentNullException.ThrowIfNull(text);
        ArgumentNullException.ThrowIfNull(file);
        ArgumentNullException.ThrowIfNull(known);
        ArgumentNullException.ThrowIfNull(load);
        DiagnosticSink sink = new(file);
        List<DeclaredPipeline> pipelines = [];
        EsfSchemaSet schemas = known;
        if (SourceTreeReader.Read(text, sink) is SourceNode root && sink.AsMap(root, "a pipeline file", VersionExample) is MapNode map)
        {
            sink.OnlyKeys(map, "a pipeline file", "version", "schemas", "pipelines");
            CheckVersion(map, sink);
            schemas = SchemaFiles.Read(map, known, load, sink);
            ReadPipelines(map, new PipelineScope(sink, schemas), pipelines);
            PipelineConflicts.Check(pipelines, sink);
        }

        return new PipelineReadResult(pipelines, schemas, [.. sink.InOrder().Select(YamlErrors.Numbered)]);
    }

    private static void CheckVersion(MapNode map, DiagnosticSink sink)
    {
        if (map.Find("version") is not SourceNode node)
        {
            sink.Report(DiagnosticCodes.MissingKey, map, Messages.Missing("a pipeline file", "version", VersionExample));
        }
        else if (sink.AsScalar(node, "'version'", VersionExample) is ScalarNode scalar && scalar.Value != "1.0")
        {
            sink.Report(PipelineCodes.Version, scalar, Messages.Version(scalar.Value));
        }
    }

    private static void ReadPipelines(MapNode map, PipelineScope scope, List<DeclaredPipeline> pipelines)
    {
        if (map.Find("pipelines") is not SourceNode node)
        {
            scope.Sink.Report(DiagnosticCodes.MissingKey, map, Messages.Missing("a pipeline file", "pipelines", PipelinesExample));
            return;
        }

        if (scope.Sink.AsMap(node, "'pipelines'", PipelinesExample) is not MapNode declared)
        {
            return;
        }

        if (declared.Entries.Count == 0)
        {
            scope.Sink.Report(DiagnosticCodes.Empty, node, Messages.Empty("'pipelines'", PipelinesExample));
        }
        else if (declared.Entries.Count > PipelineLimits.MaxPipelines)
        {
            scope.Sink.Report(PipelineCodes.Limit, declared,
                PipelineMessages.TooMany("pipelines in this file", PipelineLimits.MaxPipelines));
            return;
        }

        foreach (KeyValuePair<ScalarNode, SourceNode> entry in declared.Entries)
        {
            if (PipelineDeclaration.Read(entry.Key, entry.Value, scope) is DeclaredPipeline pipeline)
            {
                pipelines.Add(pipeline);
            }
        }
    }
}

/// <summary>The result of reading pipeline files: pipelines, or errors.</summary>
public sealed class PipelineReadResult
{
    internal PipelineReadResult(IReadOnlyList<DeclaredPipeline> pipelines, EsfSchemaSet schemas,
        IReadOnlyList<SchemaDiagnostic> diagnostics)
    {
        Pipelines = diagnostics.Count == 0 ? pipelines : [];
        Schemas = schemas;
        Diagnostics = diagnostics;
    }

    /// <summary>The pipelines, in the order of the file; none if there is any error.</summary>
    public IReadOnlyList<DeclaredPipeline> Pipelines { get; }

    /// <summary>The known schemas, including the schemas of the named files.</summary>
    public EsfSchemaSet Schemas { get; }

    /// <summary>All errors, in the order of the file. Their codes are the constants of <see cref="PipelineCodes"/>.</summary>
    public IReadOnlyList<SchemaDiagnostic> Diagnostics { get; }
}
