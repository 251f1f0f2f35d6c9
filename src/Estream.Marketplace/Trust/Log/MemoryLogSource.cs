using System.Collections.Concurrent;

namespace Estream.Marketplace.Trust.Log;

/// <summary>The files of a log in memory: what was fetched before, or made up for a test. Thread-safe.</summary>
public sealed class MemoryLogSource : ILogSource
{
    private readonly ConcurrentDictionary<string, byte[]> _files = new(StringComparer.Ordinal);

    /// <summary>Puts a file, replacing what is at its path.</summary>
    /// <param name="path">A path of <see cref="LogPaths"/>.</param>
    /// <param name="content">Its content; not copied.</param>
    public void Put(string path, byte[] content)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentNullException.ThrowIfNull(content);
        _files[path] = content;
    }

    /// <summary>Removes a file.</summary>
    /// <param name="path">Its path.</param>
    /// <returns>Whether it was there.</returns>
    public bool Remove(string path) => _files.TryRemove(path, out _);

    /// <inheritdoc/>
    public ValueTask<byte[]?> ReadAsync(string path, int maxBytes, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        if (!_files.TryGetValue(path, out byte[]? content))
        {
            return ValueTask.FromResult<byte[]?>(null);
        }

        return content.Length <= maxBytes
            ? ValueTask.FromResult<byte[]?>(content)
            : throw new EstreamLogException(LogFault.TooLong, $"The file '{path}' of a log has {content.Length} bytes; it may have {maxBytes}.", path);
    }
}
