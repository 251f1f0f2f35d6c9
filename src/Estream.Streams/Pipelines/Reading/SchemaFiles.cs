using System.Text;
using Estream.Core;
using Estream.Esf;
using Estream.Esf.Schema;
using Estream.Esf.Schema.Internal;

namespace Estream.Streams.Pipelines.Reading;

/// <summary>Loads the schema files that a file names under <c>schemas</c>.</summary>
internal static class SchemaFiles
{
    private const string Example = "schemas: [rooms.esf.yaml]";

    /// <summary>Reads a file of declarations whose schema files are in the same folder, or below.</summary>
    /// <param name="path">The path of the file.</param>
    /// <param name="read">Reads the text of the file, with a function that loads the schema files it names.</param>
    /// <param name="refuse">Returns the result if the file itself cannot be read.</param>
    public static TResult ReadWithSchemas<TResult>(string path, Func<string, Func<IReadOnlyList<string>, EsfSchemaSet>, TResult> read,
        Func<SchemaDiagnostic, TResult> refuse)
    {
        string folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        try
        {
            FileKinds.ThrowIfSpecial(path);
            return read(File.ReadAllText(path, Encoding.UTF8),
                names => EsfSchemaSet.Load(names.Select(name => Path.Combine(folder, name))));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or EstreamStorageException)
        {
            return refuse(
                new SchemaDiagnostic(PipelineCodes.Syntax, path, new SourcePosition(1, 1), $"the file cannot be read: {e.Message}"));
        }
    }

    /// <summary>Returns the known schemas together with the schemas of the named files; reports an error in a schema file.</summary>
    public static EsfSchemaSet Read(MapNode map, EsfSchemaSet known, Func<IReadOnlyList<string>, EsfSchemaSet> load, DiagnosticSink sink)
    {
        if (map.Find("schemas") is not SourceNode node || sink.AsList(node, "'schemas'", Example) is not ListNode list)
        {
            return known;
        }

        if (list.Items.Count > PipelineLimits.MaxSchemaFiles)
        {
            sink.Report(PipelineCodes.Limit, list, PipelineMessages.TooMany("schema files", PipelineLimits.MaxSchemaFiles));
            return known;
        }

        List<string> names = [.. list.Items.Select(item => sink.AsScalar(item, "a schema file", Example)?.Value).OfType<string>()];
        try
        {
            return known.With(load(names));
        }
        catch (Exception e) when (e is EsfSchemaException or ArgumentException or NotSupportedException)
        {
            sink.Report(PipelineCodes.Schema, list, PipelineMessages.SchemaFile(e.Message));
            return known;
        }
    }
}
