namespace Estream.Wire;

/// <summary>What files say, read again after they have changed. Reading <see cref="Current"/> is thread-safe, and so is
/// <see cref="Reload"/>; one thread calls <see cref="Look"/>.</summary>
internal sealed class ReloadedFiles<T>
    where T : class
{
    private readonly Func<T?, T> _load;
    private readonly FileChanges _changes;
    private readonly Lock _lock = new();
    private volatile T _current;
    private volatile string? _failure;
    private bool _isChanging;

    /// <param name="load">Reads the files; given what they said before, null at first.</param>
    /// <param name="files">The files; null entries are left out.</param>
    /// <exception cref="WireConfigurationException">A file is not what it should be.</exception>
    public ReloadedFiles(Func<T?, T> load, IEnumerable<string?> files)
    {
        _load = load;
        _changes = new FileChanges(files);
        _current = load(null);
    }

    /// <summary>What they said when they were read last, and all were as they should be.</summary>
    public T Current => _current;

    /// <summary>Why what they say now is not used; null if it is.</summary>
    public string? Failure => _failure;

    /// <summary>Reads them now.</summary>
    /// <exception cref="WireConfigurationException">One is not what it should be; <see cref="Current"/> stays.</exception>
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

    /// <summary>Reads them if they have changed, and not since the call before: whoever writes one in parts is not interrupted. Call it
    /// about once a second.</summary>
    /// <returns>Whether they were read.</returns>
    /// <exception cref="WireConfigurationException">One is not what it should be; <see cref="Current"/> stays.</exception>
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

/// <summary>Notices that files were written or replaced, also behind symbolic links. Not thread-safe.</summary>
internal sealed class FileChanges
{
    private readonly string[] _paths;
    private (string Target, DateTime WrittenAt, long Length)[] _seen;

    /// <summary>Remembers how the files are now.</summary>
    public FileChanges(IEnumerable<string?> paths)
    {
        _paths = [.. paths.OfType<string>()];
        _seen = Look();
    }

    /// <summary>Whether a file is another one than at the last call.</summary>
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
