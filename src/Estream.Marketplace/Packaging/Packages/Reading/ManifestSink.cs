using System.Buffers;

namespace Estream.Marketplace.Packages;

/// <summary>Keeps the manifest of a package while it is read, and nothing else of it.</summary>
internal sealed class ManifestSink : IPackageSink
{
    private readonly ArrayBufferWriter<byte> _manifest = new();
    private bool _isManifest;

    /// <summary>What came of it; means nothing before the package was read without a fault.</summary>
    public ReadOnlySpan<byte> Manifest => _manifest.WrittenSpan;

    public void Begin(string path, PackageEntryKind kind, bool isExecutable, long length) => _isManifest = path == PackagePath.Manifest;

    public void Write(ReadOnlySpan<byte> data)
    {
        if (_isManifest)
        {
            _manifest.Write(data);
        }
    }

    public void Complete()
    {
    }
}
