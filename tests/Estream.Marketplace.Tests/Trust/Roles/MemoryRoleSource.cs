using Estream.Marketplace.Files;

namespace Estream.Marketplace.Tests.Trust.Roles;

/// <summary>A registry that a test has full power over, and that says what was asked of it.</summary>
internal sealed class MemoryRoleSource : IFileSource
{
    public Dictionary<string, byte[]> Files { get; } = new(StringComparer.Ordinal);

    /// <summary>Files that never end.</summary>
    public Dictionary<string, EndlessStream> Endless { get; } = new(StringComparer.Ordinal);

    public List<string> Asked { get; } = [];

    public async ValueTask<byte[]?> ReadAsync(string path, int maxBytes, CancellationToken cancellation)
    {
        FilePaths.Require(path);
        Asked.Add(path);
        Stream? stream = Endless.TryGetValue(path, out EndlessStream? endless) ? endless : Files.TryGetValue(path, out byte[]? bytes)
            ? new MemoryStream(bytes, writable: false)
            : null;
        return stream is null ? null
            : await BoundedContent.ReadAsync(stream, maxBytes, cancellation)
                ?? throw new EstreamContentException($"'{path}' has more than {maxBytes} bytes.", path);
    }
}
