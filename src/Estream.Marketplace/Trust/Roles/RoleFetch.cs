using Estream.Marketplace.Files;

namespace Estream.Marketplace.Trust.Roles;

/// <summary>Gets documents of a registry, and no more of them than there may be.</summary>
internal static class RoleFetch
{
    /// <summary>A document's bytes, or why they are not taken.</summary>
    public static async ValueTask<(byte[] Bytes, RoleFault? Fault)> GetAsync(IFileSource source, string file, long maxBytes, CancellationToken cancellation)
    {
        try
        {
            byte[]? bytes = await source.ReadAsync(file, (int)maxBytes, cancellation).ConfigureAwait(false);
            return (bytes ?? [], bytes is null ? Missing(file) : null);
        }
        catch (EstreamContentException refused) when (!refused.IsUnanswered)
        {
            return ([], new RoleFault(RoleFaultKind.Size, file, refused.Message));
        }
    }

    public static RoleFault Missing(string file) => new(RoleFaultKind.Missing, file, "it is not there");
}
