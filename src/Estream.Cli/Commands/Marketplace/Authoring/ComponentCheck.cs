using System.Text.RegularExpressions;
using Estream.Circuits;
using Estream.Cli.Data;
using Estream.Esf;
using Estream.Esf.Schema;
using Estream.Marketplace.Manifests;
using Estream.Marketplace.Packages;
using Estream.Marketplace.Publishing;
using Estream.Streams.Pipelines;

namespace Estream.Cli.Commands.Marketplace;

/// <summary>Checks the folder of a component: its manifest, and the schemas, circuits and pipelines of its package.</summary>
internal sealed class ComponentCheck
{
    private const string SchemaEnding = ".esf.yaml";
    private const string CircuitEnding = ".circuit.yaml";

    private ComponentCheck(ComponentFolder folder, EsfSchemaSet known, IReadOnlyList<SchemaDiagnostic> errors) =>
        (Folder, Known, Errors) = (folder, known, errors);

    public ComponentFolder Folder { get; }

    /// <summary>The schemas available without an import: the built-in schemas and those named on the command line.</summary>
    public EsfSchemaSet Known { get; }

    public IReadOnlyList<SchemaDiagnostic> Errors { get; }

    public bool IsGood => Errors.Count == 0 && Folder.Problems.Count == 0;

    public static ComponentCheck Run(CliContext context, string path, string[] schemas)
    {
        if (!Directory.Exists(path))
        {
            throw new CliException($"There is no folder '{path}'. Check the path.");
        }

        EsfSchemaSet known = SchemaCatalog.Load(new DataFolder(context.DataFolder), schemas).Known;
        ComponentFolder folder = ComponentFolder.Read(path);
        return new ComponentCheck(folder, known,
            [.. folder.Errors, .. folder.Package is { } package ? OfFiles(folder, package, known, schemas) : []]);
    }

    /// <summary>Prints every error and returns the exit code.</summary>
    public int Report(MarketplaceOutput output)
    {
        foreach (SchemaDiagnostic error in Errors)
        {
            output.Say(error);
        }

        foreach (FolderProblem problem in Folder.Problems)
        {
            output.Say($"{Path.Combine(Folder.Path, problem.Path)}: {problem.Message}", json =>
            {
                json.WriteString("file", Path.Combine(Folder.Path, problem.Path));
                json.WriteString("message", problem.Message);
            });
        }

        return IsGood ? ExitCode.Ok : ExitCode.No;
    }

    private static IEnumerable<SchemaDiagnostic> OfFiles(ComponentFolder folder, Package package, EsfSchemaSet known, string[] imports)
    {
        string[] schemas = [.. Files(folder, package, SchemaEnding)];
        IReadOnlyList<LockedSchemaFile> read = LockedSchemaFile.ReadAll(schemas, imports, out List<SchemaDiagnostic> errors);
        IEnumerable<SchemaDiagnostic> circuits = Files(folder, package, CircuitEnding)
            .SelectMany(file => CircuitReader.Load(file, known).Diagnostics);
        IEnumerable<SchemaDiagnostic> pipelines = Pipelines(folder).SelectMany(file => PipelineReader.Load(file, known).Diagnostics);
        return [.. errors, .. errors.Count == 0 ? Provided(folder, read) : [],
            .. read.SelectMany(file => file.Lock?.Check(file.Document, file.Path) ?? []), .. circuits, .. pipelines,
            .. TopModule(folder)];
    }

    // A card circuit is built from its top-level module.
    private static IEnumerable<SchemaDiagnostic> TopModule(ComponentFolder folder)
    {
        if (folder.Manifest?.Details is FpgaDetails card
            && !card.Rtl.Any(file => Regex.IsMatch(File.ReadAllText(Path.Combine(folder.Path, file)), $@"\bmodule\s+{card.Top}\b")))
        {
            string manifest = Path.Combine(folder.Path, ComponentManifest.FileName);
            yield return new SchemaDiagnostic(ManifestCodes.Contradiction, manifest, PlaceOf(manifest, $"\"{card.Top}\""),
                $"'top' is the module '{card.Top}', which no file of 'rtl' declares. Name the top-level module, or add its file.");
        }
    }

    private static IEnumerable<string> Files(ComponentFolder folder, Package package, string ending) =>
        package.Files.Where(file => file.Path.EndsWith(ending, StringComparison.Ordinal))
            .Select(file => Path.Combine(folder.Path, file.Path));

    private static IEnumerable<string> Pipelines(ComponentFolder folder) =>
        folder.Manifest?.Details is IntegrationDetails integration
            ? integration.Pipelines.Select(file => Path.Combine(folder.Path, file))
            : [];

    // Other components resolve dependencies by the schemas that a manifest provides, so these schemas must exist.
    private static IEnumerable<SchemaDiagnostic> Provided(ComponentFolder folder, IReadOnlyList<LockedSchemaFile> files)
    {
        string manifest = Path.Combine(folder.Path, ComponentManifest.FileName);
        HashSet<string> there = [.. files.SelectMany(file => file.Document.Schemas).Select(schema => schema.Name)];
        foreach (string name in folder.Manifest!.ProvidedSchemas.Where(name => !there.Contains(name)))
        {
            yield return new SchemaDiagnostic(ManifestCodes.Contradiction, manifest, PlaceOf(manifest, $"\"{name}\""),
                $"schema '{name}' is listed in 'provides' but not defined in a schema file of the package. Define it, or remove it from "
                + "'provides'.");
        }
    }

    private static SourcePosition PlaceOf(string file, string text)
    {
        string[] lines = File.ReadAllLines(file);
        int line = Array.FindIndex(lines, one => one.Contains(text, StringComparison.Ordinal));
        return line < 0 ? new SourcePosition(1, 1) : new SourcePosition(line + 1, lines[line].IndexOf(text, StringComparison.Ordinal) + 1);
    }
}
