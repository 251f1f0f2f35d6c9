namespace Estream.Esf.Schema.Internal;

/// <summary>The source of imports for a file that belongs to a pack or to no pack.</summary>
internal sealed class PackImports(PackGraph graph, Pack? user) : IImportSource
{
    public IEnumerable<string> Names => graph.Names;

    public PackContents? Find(PackRequirement requirement, DiagnosticSink sink)
    {
        if (graph.Find(requirement.Pack) is not Pack pack)
        {
            return null;
        }

        if (user is not null && !user.Manifest.Requires.Any(wanted => wanted.Pack == pack.Name))
        {
            sink.Report(DiagnosticCodes.Undeclared, requirement.Position, PackMessages.Undeclared(pack.Name, user.Manifest.File));
        }
        else if (graph.VersionConflict(pack, requirement, user?.Name ?? sink.File) is string conflict)
        {
            sink.Report(DiagnosticCodes.PackVersion, requirement.Position, conflict);
        }

        return pack.Contents;
    }
}

/// <summary>A pack while it is being read: its manifest, its files, and their definitions.</summary>
internal sealed class Pack(PackManifest manifest)
{
    public PackManifest Manifest { get; } = manifest;

    public string Name => Manifest.Name;

    /// <summary>The folder of the manifest with a trailing separator; empty for the root folder of the paths.</summary>
    public string Folder { get; } = manifest.File.Substring(0, manifest.File.Length - PackManifest.FileName.Length);

    public List<SchemaSource> Sources { get; } = [];

    public List<MessageSchema> Schemas { get; } = [];

    public PackContents Contents { get; } = new(manifest.Name, manifest.Version);

    public void Take(SchemaDocument? document)
    {
        Schemas.AddRange(document?.Schemas ?? []);
        Contents.Add(document);
    }
}
