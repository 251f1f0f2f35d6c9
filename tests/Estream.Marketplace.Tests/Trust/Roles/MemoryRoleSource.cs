using Estream.Marketplace.Trust.Roles;

namespace Estream.Marketplace.Tests.Trust.Roles;

/// <summary>A registry that a test has full power over, and that says what was asked of it.</summary>
internal sealed class MemoryRoleSource : IRoleSource
{
    public Dictionary<string, byte[]> Files { get; } = new(StringComparer.Ordinal);

    /// <summary>Files that never end.</summary>
    public Dictionary<string, EndlessStream> Endless { get; } = new(StringComparer.Ordinal);

    public List<string> Asked { get; } = [];

    public ValueTask<Stream?> OpenAsync(string file, CancellationToken cancellation)
    {
        Asked.Add(file);
        return ValueTask.FromResult<Stream?>(
            Endless.TryGetValue(file, out EndlessStream? endless) ? endless : Files.TryGetValue(file, out byte[]? bytes) ? new MemoryStream(bytes, writable: false) : null);
    }
}
