using System.Buffers;

namespace Estream.Marketplace.Packages;

/// <summary>Takes the entries of a package while it is read, before anybody can know that the rest of it is right.</summary>
/// <remarks>Whatever it does has to be taken back where the reader ends with a fault. Called by one thread.</remarks>
public interface IPackageSink
{
    /// <summary>An entry begins. Its path has no fault and was not there before.</summary>
    /// <param name="path">Its path.</param>
    /// <param name="kind">What it is.</param>
    /// <param name="isExecutable">Whether its mode is 755 and not 644.</param>
    /// <param name="length">Bytes that will come, if the package has them.</param>
    void Begin(string path, PackageEntryKind kind, bool isExecutable, long length);

    /// <summary>The next bytes of its content, valid during the call.</summary>
    /// <param name="data">At least one.</param>
    void Write(ReadOnlySpan<byte> data);

    /// <summary>The entry is whole.</summary>
    void Complete();
}

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
