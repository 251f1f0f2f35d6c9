using Estream.Core;

namespace Estream.Marketplace.Packages;

/// <summary>Writes the content of a package to a folder. Skips signatures and attestations, which are not part of the content.</summary>
internal sealed class InstallSink(string root) : IPackageSink, IDisposable
{
    private const UnixFileMode Plain = (UnixFileMode)PackageTree.PlainMode;
    private const UnixFileMode Executable = (UnixFileMode)PackageTree.ExecutableMode;

    private readonly HashSet<string> _folders = new(StringComparer.Ordinal);
    private FileStream? _file;

    public void Begin(string path, PackageEntryKind kind, bool isExecutable, long length)
    {
        if (kind != PackageEntryKind.Content)
        {
            return;
        }

        for (int slash = path.IndexOf('/', StringComparison.Ordinal); slash >= 0; slash = path.IndexOf('/', slash + 1))
        {
            MakeFolder(path[..slash]);
        }

        // CreateNew ensures that no link is followed. The mode never exceeds these bits, whatever the umask of the process.
        FileStreamOptions options = new() { Mode = FileMode.CreateNew, Access = FileAccess.Write, BufferSize = 0 };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = isExecutable ? Executable : Plain;
        }

        _file = new FileStream(Path.Combine(root, path), options);
    }

    public void Write(ReadOnlySpan<byte> data) => _file?.Write(data);

    public void Complete()
    {
        _file?.Flush(flushToDisk: true);
        _file?.Dispose();
        _file = null;
    }

    /// <summary>Makes the directory entries of all files durable; their contents already are.</summary>
    public void Flush()
    {
        foreach (string folder in _folders)
        {
            FileStorage.Instance.SyncDirectory(Path.Combine(root, folder));
        }

        FileStorage.Instance.SyncDirectory(root);
    }

    public void Dispose() => _file?.Dispose();

    private void MakeFolder(string folder)
    {
        if (!_folders.Add(folder))
        {
            return;
        }

        string path = Path.Combine(root, folder);
        if (FileKinds.Of(path) != FileKind.Missing)
        {
            throw new IOException($"'{path}' already exists, although only this install writes to its folder.");
        }

        InstallCapacity.MakeFolder(path, Executable);
    }
}
