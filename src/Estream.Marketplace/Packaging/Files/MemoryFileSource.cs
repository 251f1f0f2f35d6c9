using System.Collections.Concurrent;

namespace Estream.Marketplace.Files;

/// <summary>Files in memory: what was fetched before, or came in one piece. Thread-safe.</summary>
public sealed class MemoryFileSource : IFileSource
{
    private readonly ConcurrentDictionary<string, byte[]> _files = new(StringComparer.Ordinal);

    /// <summary>Puts a file, replacing what is at its path.</summary>
    /// <param name="path">Its path.</param>
    /// <param name="content">Its content; not copied.</param>
    public void Put(string path, byte[] content)
    {
        FilePaths.Require(path);
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
        FilePaths.Require(path);
        cancellation.ThrowIfCancellationRequested();
        if (!_files.TryGetValue(path, out byte[]? content))
        {
            return ValueTask.FromResult<byte[]?>(null);
        }

        return content.Length <= maxBytes
            ? ValueTask.FromResult<byte[]?>(content)
            : throw new EstreamContentException($"The file '{path}' has {content.Length} bytes; it may have {maxBytes}.", path);
    }
}
