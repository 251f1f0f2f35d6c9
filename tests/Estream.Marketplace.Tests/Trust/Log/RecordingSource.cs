using System.Collections.Concurrent;
using Estream.Marketplace.Files;

namespace Estream.Marketplace.Tests.Trust.Log;

/// <summary>Records which files were requested, and lets a test change their content.</summary>
internal sealed class RecordingSource(IFileSource inner) : IFileSource
{
    public ConcurrentQueue<string> Paths { get; } = [];

    /// <summary>Gets the path and the content of a file, and returns the content to serve.</summary>
    public Func<string, byte[]?, byte[]?> Change { get; set; } = (_, content) => content;

    public async ValueTask<byte[]?> ReadAsync(string path, int maxBytes, CancellationToken cancellation)
    {
        Paths.Enqueue(path);
        byte[]? served = Change(path, await inner.ReadAsync(path, maxBytes, cancellation));
        return served is null || served.Length <= maxBytes ? served : throw new EstreamContentException("Too long.", path);
    }
}
