namespace Estream.Marketplace.Trust.Roles;

/// <summary>Documents that are not published yet, over those that are. Thread-safe while nobody adds any.</summary>
internal sealed class OverlayRoleSource(IRoleSource below, IReadOnlyDictionary<string, byte[]> documents) : IRoleSource
{
    public ValueTask<Stream?> OpenAsync(string file, CancellationToken cancellation) =>
        documents.TryGetValue(file, out byte[]? bytes) ? ValueTask.FromResult<Stream?>(new MemoryStream(bytes, writable: false)) : below.OpenAsync(file, cancellation);
}
