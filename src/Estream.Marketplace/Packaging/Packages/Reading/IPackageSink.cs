using System.Buffers;

namespace Estream.Marketplace.Packages;

/// <summary>Receives the entries of a package while it is read, before the rest of the package is known to be valid.</summary>
/// <remarks>Everything that a sink does must be undone if the reader ends with a fault. Called by one thread.</remarks>
public interface IPackageSink
{
    /// <summary>Begins an entry. The path is valid and has not occurred before.</summary>
    /// <param name="path">The path of the entry.</param>
    /// <param name="kind">The kind of entry.</param>
    /// <param name="isExecutable">Whether the mode is 755 instead of 644.</param>
    /// <param name="length">The stated length of the content, in bytes; the package may end earlier.</param>
    void Begin(string path, PackageEntryKind kind, bool isExecutable, long length);

    /// <summary>Receives the next bytes of the content, valid during the call.</summary>
    /// <param name="data">At least one byte.</param>
    void Write(ReadOnlySpan<byte> data);

    /// <summary>Completes the entry.</summary>
    void Complete();
}

/// <summary>Keeps only the manifest of a package while it is read.</summary>
internal sealed class ManifestSink : IPackageSink
{
    private readonly ArrayBufferWriter<byte> _manifest = new();
    private bool _isManifest;

    /// <summary>The content of the manifest; valid only after the package was read without a fault.</summary>
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
