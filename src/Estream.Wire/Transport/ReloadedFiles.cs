namespace Estream.Wire;

/// <summary>The content of files, read again after they change. <see cref="Current"/> and <see cref="Reload"/> are thread-safe; one thread
/// calls <see cref="Look"/>.</summary>
internal sealed class ReloadedFiles<T>
    where T : class
{
    private readonly Func<T?, T> _load;
    private readonly FileChanges _changes;
    private readonly Lock _lock = new();
    private volatile T _current;
    private volatile string? _failure;
    private bool _isChanging;

    /// <param name="load">Reads the files. Its argument is the previous content, null at first.</param>
    /// <param name="files">The files; null entries are ignored.</param>
    /// <exception cref="WireConfigurationException">A file is invalid.</exception>
    public ReloadedFiles(Func<T?, T> load, IEnumerable<string?> files)
    {
        _load = load;
        _changes = new FileChanges(files);
        _current = load(null);
    }

    /// <summary>The last valid content.</summary>
    public T Current => _current;

    /// <summary>Why the last reload failed, so that <see cref="Current"/> is an earlier content; null if it succeeded.</summary>
    public string? Failure => _failure;

    /// <summary>Reads the files now.</summary>
    /// <exception cref="WireConfigurationException">A file is invalid; <see cref="Current"/> is unchanged.</exception>
    public void Reload()
    {
        lock (_lock)
        {
            try
            {
                _current = _load(_current);
                _failure = null;
            }
            catch (WireConfigurationException failure)
            {
                _failure = failure.Message;
                throw;
            }
        }
    }

    /// <summary>Reads changed files, but only after a call that finds no further change, so that a file is not read while it is written.
    /// Call it about once a second.</summary>
    /// <returns>Whether the files were read.</returns>
    /// <exception cref="WireConfigurationException">A file is invalid; <see cref="Current"/> is unchanged.</exception>
    public bool Look()
    {
        bool isOther = _changes.Take();
        bool isSettled = _isChanging && !isOther;
        _isChanging = isOther;
        if (isSettled)
        {
            Reload();
        }

        return isSettled;
    }
}

/// <summary>Detects that files were written or replaced, also behind symbolic links. Not thread-safe.</summary>
internal sealed class FileChanges
{
    private readonly string[] _paths;
    private (string Target, DateTime WrittenAt, long Length)[] _seen;

    /// <summary>Records the present state of the files.</summary>
    public FileChanges(IEnumerable<string?> paths)
    {
        _paths = [.. paths.OfType<string>()];
        _seen = Look();
    }

    /// <summary>Whether a file has changed since the last call.</summary>
    public bool Take()
    {
        (string Target, DateTime WrittenAt, long Length)[] now = Look();
        bool isOther = !now.AsSpan().SequenceEqual(_seen);
        _seen = now;
        return isOther;
    }

    private (string Target, DateTime WrittenAt, long Length)[] Look() => Array.ConvertAll(_paths, static path =>
    {
        try
        {
            FileInfo file = new(File.ResolveLinkTarget(path, returnFinalTarget: true)?.FullName ?? path);
            return file.Exists ? (file.FullName, file.LastWriteTimeUtc, file.Length) : (path, default, -1);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return (path, default, -1);
        }
    });
}
