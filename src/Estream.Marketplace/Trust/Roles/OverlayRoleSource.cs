using Estream.Marketplace.Files;

namespace Estream.Marketplace.Trust.Roles;

/// <summary>Documents that are not published yet, over those that are. Thread-safe while nobody adds any.</summary>
internal sealed class OverlayRoleSource(IFileSource below, IReadOnlyDictionary<string, byte[]> documents) : IFileSource
{
    public ValueTask<byte[]?> ReadAsync(string path, int maxBytes, CancellationToken cancellation) =>
        !documents.TryGetValue(path, out byte[]? bytes) ? below.ReadAsync(path, maxBytes, cancellation)
        : bytes.Length <= maxBytes ? ValueTask.FromResult<byte[]?>(bytes)
        : throw new EstreamContentException($"The document '{path}' has {bytes.Length} bytes; it may have {maxBytes}. Say less in it.", path);
}
