namespace Estream.Esf.Schema.Internal;

/// <summary>A pack while it is read: its manifest, its files, and what they hold.</summary>
internal sealed class Pack(PackManifest manifest)
{
    public PackManifest Manifest { get; } = manifest;

    public string Name => Manifest.Name;

    /// <summary>The folder of the manifest with the separator behind it; empty for the folder all paths begin in.</summary>
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
