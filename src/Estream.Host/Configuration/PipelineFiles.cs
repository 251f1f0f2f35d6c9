using Estream.Esf;
using Estream.Esf.Schema;
using Estream.Host.Runtime;
using Estream.Streams.Pipelines;
using Microsoft.Extensions.Configuration;

namespace Estream.Host.Configuration;

/// <summary>The declared pipelines of a configuration, and the schemas that come with them.</summary>
/// <param name="Pipelines">Those of all files; none where there is a mistake.</param>
/// <param name="Schemas">The schemas of the configuration and of the pipelines' files.</param>
internal sealed record PipelineFiles(IReadOnlyList<DeclaredPipeline> Pipelines, SchemaLookup Schemas)
{
    private const string Pattern = "*.pipeline.yaml";
    private const int MaxFiles = 256;

    /// <summary>Reads the files below <c>Estream:Pipelines</c>. A mistake adds an error that shows file, line and column.</summary>
    public static PipelineFiles Load(IConfiguration configuration, SchemaLookup schemas, SettingErrors errors)
    {
        EsfSchemaSet known = schemas.Schemas;
        List<(string File, IReadOnlyList<DeclaredPipeline> Pipelines)> read = [];
        int index = 0;
        foreach (string path in SettingsReader.PipelinePaths(configuration))
        {
            string setting = $"{EstreamShape.SectionName}:Pipelines:{index++}";
            foreach (string file in FilesOf(path, setting, errors))
            {
                PipelineReadResult result = PipelineReader.Load(file, known);
                Tell(setting, result.Diagnostics, errors);
                known = WithSchemas(known, result.Schemas, setting, errors);
                read.Add((file, result.Pipelines));
            }
        }

        string all = $"{EstreamShape.SectionName}:Pipelines";
        Tell(all, PipelineClashes.Check(read), errors);
        DeclaredPipeline[] declared = [.. read.SelectMany(each => each.Pipelines)];
        PipelinePlaces places = new(configuration, declared);
        foreach ((string file, IReadOnlyList<DeclaredPipeline> pipelines) in read)
        {
            Tell(all, places.Check(file, pipelines), errors);
        }

        return new PipelineFiles(declared, new SchemaLookup(known));
    }

    private static string[] FilesOf(string path, string setting, SettingErrors errors)
    {
        if (!Directory.Exists(path))
        {
            return [path];
        }

        string[] files = [.. Directory.EnumerateFiles(path, Pattern).Order(StringComparer.Ordinal).Take(MaxFiles + 1)];
        if (files.Length is 0 or > MaxFiles)
        {
            errors.Add(setting, files.Length == 0 ? $"is {ScalarShape.Quote(path)}, in which there is no file {Pattern}. Name a file, or put one there." : $"is a folder with more than {MaxFiles} files {Pattern}. Name several folders.");
            return [];
        }

        return files;
    }

    /// <summary>The schema files are kept beside the data under their names.</summary>
    private static EsfSchemaSet WithSchemas(EsfSchemaSet known, EsfSchemaSet more, string setting, SettingErrors errors)
    {
        foreach (EsfSchemaFile file in more.Files.Skip(known.Files.Count))
        {
            bool isKnown = known.Files.Any(other => Path.GetFullPath(other.Name) == Path.GetFullPath(file.Name));
            if (!isKnown && SchemaLookup.WhyNotKept(file.Name, known) is { } reason)
            {
                errors.Add(setting, $"names a schema file that {reason}");
                return known;
            }
        }

        return more;
    }

    private static void Tell(string setting, IEnumerable<SchemaDiagnostic> mistakes, SettingErrors errors)
    {
        foreach (SchemaDiagnostic mistake in mistakes)
        {
            errors.Add(setting, $"has a mistake: {mistake}");
        }
    }
}
