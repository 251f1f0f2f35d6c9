using Estream.Core;
using Estream.Esf.Schema;

namespace Estream.Cli.Data;

/// <summary>A schema file and the lock file next to it, as read from disk. Immutable.</summary>
internal sealed class LockedSchemaFile
{
    /// <summary>The maximum size of a schema file or a lock, far above real files.</summary>
    private const int MaxBytes = 16 << 20;

    private LockedSchemaFile(string path, SchemaDocument document, SchemaLock? published)
    {
        Path = path;
        Document = document;
        Lock = published;
    }

    public string Path { get; }

    public SchemaDocument Document { get; }

    /// <summary>The published schemas of the file; null if there is no lock file.</summary>
    public SchemaLock? Lock { get; }

    /// <summary>Reads schema files with their locks, and the packs they import from. Does not check the files against their
    /// locks.</summary>
    /// <param name="paths">The files.</param>
    /// <param name="imports">Manifests and schema files of packs. They are not returned; only their errors are reported.</param>
    /// <param name="errors">The errors in all files and locks.</param>
    /// <returns>The files without errors, in their order.</returns>
    /// <exception cref="CliException">A file does not exist or is too long.</exception>
    /// <exception cref="EstreamStorageException">A file is a pipe or a device.</exception>
    /// <exception cref="IOException">A file cannot be read.</exception>
    public static IReadOnlyList<LockedSchemaFile> ReadAll(string[] paths, string[] imports, out List<SchemaDiagnostic> errors)
    {
        SchemaSource[] sources =
            [.. paths.Concat(imports).Distinct().Select(path => new SchemaSource(path, NamedFile.ReadText(path, MaxBytes)))];
        SchemaComposition composition = SchemaComposer.Read(sources);
        errors = [.. composition.ManifestDiagnostics,
            .. sources.SelectMany(source => composition.Files.TryGetValue(source, out SchemaReadResult? read) ? read.Diagnostics : [])];
        List<LockedSchemaFile> files = [];
        foreach (SchemaSource source in sources.Where(source => paths.Contains(source.Path)))
        {
            SchemaLockReadResult? published = ReadLock(SchemaLock.PathFor(source.Path));
            errors.AddRange(published?.Diagnostics ?? []);
            if (composition.Files.TryGetValue(source, out SchemaReadResult? read) && read.Document is { } document
                && published is not { Lock: null })
            {
                files.Add(new LockedSchemaFile(source.Path, document, published?.Lock));
            }
        }

        return files;
    }

    private static SchemaLockReadResult? ReadLock(string? path)
    {
        return File.Exists(path) ? SchemaLockReader.Read(NamedFile.ReadText(path, MaxBytes), path) : null;
    }
}
