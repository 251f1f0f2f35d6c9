using System.Collections.Concurrent;

namespace Estream.Marketplace.Files;

/// <summary>A source of files in memory. Thread-safe.</summary>
public sealed class MemoryFileSource : IFileSource
{
    private readonly ConcurrentDictionary<string, byte[]> _files = new(StringComparer.Ordinal);

    /// <summary>Adds a file, replacing an existing one at the same path.</summary>
    /// <param name="path">The path of the file.</param>
    /// <param name="content">The content; not copied.</param>
    public void Put(string path, byte[] content)
    {
        FilePaths.Require(path);
        ArgumentNullException.ThrowIfNull(content);
        _files[path] = content;
    }

    /// <summary>Removes a file.</summary>
    /// <param name="path">The path of the file.</param>
    /// <returns>True if the file existed.</returns>
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
            : throw new EstreamContentException($"The file '{path}' has {content.Length} bytes; the limit is {maxBytes}.", path);
    }
}
