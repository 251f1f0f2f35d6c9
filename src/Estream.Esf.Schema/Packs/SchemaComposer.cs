using Estream.Esf.Schema.Internal;

namespace Estream.Esf.Schema;

/// <summary>
/// Reads schema files that depend on each other: packs with their manifests, and files that import from packs. Checks that the given files
/// and versions fit together; does not search for other files. Errors are reported and never thrown. Thread-safe; holds no state.
/// </summary>
public static class SchemaComposer
{
    /// <summary>
    /// Reads the files of packs, each pack before the packs that require it, and then the files that belong to no pack. A schema file
    /// belongs to the pack whose manifest is in its folder or in the nearest folder above.
    /// </summary>
    /// <param name="sources">Manifests (<see cref="PackManifest.FileName"/>) and schema files, in any order.</param>
    public static SchemaComposition Read(IEnumerable<SchemaSource> sources)
    {
        SchemaSource[] all = [.. sources];
        List<SchemaDiagnostic> errors = [];
        List<Pack> packs = [];
        foreach (SchemaSource source in all.Where(source => PackManifest.IsManifest(source.Path)))
        {
            if (packs.Count == EsfLimits.MaxPacks)
            {
                errors.Add(
                    new SchemaDiagnostic(DiagnosticCodes.Limit, source.Path, new SourcePosition(1, 1),
                        Messages.TooMany("packs", EsfLimits.MaxPacks)));
                break;
            }

            if (PackManifestReader.Read(source.Text, source.Path, out IReadOnlyList<SchemaDiagnostic> wrong) is PackManifest manifest)
            {
                packs.Add(new Pack(manifest));
            }

            errors.AddRange(wrong);
        }

        List<SchemaSource> free = [];
        foreach (SchemaSource source in all.Where(source => !PackManifest.IsManifest(source.Path)))
        {
            Pack? owner = packs.Where(pack => source.Path.StartsWith(pack.Folder, StringComparison.Ordinal))
                .OrderByDescending(pack => pack.Folder.Length).FirstOrDefault();
            (owner?.Sources ?? free).Add(source);
        }

        PackGraph graph = new(packs, errors);
        Dictionary<SchemaSource, SchemaReadResult> files = [];
        foreach (Pack pack in graph.InOrder().Concat(packs.Except(graph.InOrder())))
        {
            foreach (SchemaSource source in pack.Sources)
            {
                files[source] = SchemaReader.Read(source.Text, source.Path, new PackImports(graph, pack));
                pack.Take(files[source].Document);
            }
        }

        foreach (SchemaSource source in free)
        {
            files[source] = SchemaReader.Read(source.Text, source.Path, new PackImports(graph, null));
        }

        PackProvides.Check(packs, errors);
        return new SchemaComposition([.. packs.Select(pack => pack.Manifest)], files, errors);
    }
}

/// <summary>The result of a composition: the result of each file, and the errors of the packs. Immutable.</summary>
public sealed class SchemaComposition
{
    internal SchemaComposition(
        IReadOnlyList<PackManifest> packs, IReadOnlyDictionary<SchemaSource, SchemaReadResult> files,
        IReadOnlyList<SchemaDiagnostic> manifestDiagnostics)
    {
        Packs = packs;
        Files = files;
        ManifestDiagnostics = manifestDiagnostics;
    }

    /// <summary>The manifests that could be read.</summary>
    public IReadOnlyList<PackManifest> Packs { get; }

    /// <summary>The result of each schema file, by its source.</summary>
    public IReadOnlyDictionary<SchemaSource, SchemaReadResult> Files { get; }

    /// <summary>The errors in manifests, and conflicts between packs.</summary>
    public IReadOnlyList<SchemaDiagnostic> ManifestDiagnostics { get; }
}

/// <summary>A schema file or a manifest: its path and its text.</summary>
public sealed class SchemaSource
{
    /// <summary>Creates a source.</summary>
    /// <param name="path">The path, as shown in messages. Its folders determine the pack of a schema file.</param>
    /// <param name="text">The content.</param>
    public SchemaSource(string path, string text)
    {
        Path = path;
        Text = text;
    }

    /// <summary>The path.</summary>
    public string Path { get; }

    /// <summary>The content.</summary>
    public string Text { get; }
}
