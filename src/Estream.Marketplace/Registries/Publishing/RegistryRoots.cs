using System.Globalization;
using Estream.Core;
using Estream.Marketplace.Json;
using Estream.Marketplace.Registries;
using Estream.Marketplace.Trust.Log;
using Estream.Marketplace.Trust.Namespaces;
using Estream.Marketplace.Trust.Roles;

namespace Estream.Marketplace.Publishing;

/// <summary>Reads the roots of a registry that runs here, from the first to the newest, as a client does. Thread-safe; holds no
/// state.</summary>
internal static class RegistryRoots
{
    /// <summary>Reads the newest root, which names the current keys.</summary>
    /// <param name="served">The folder that a web server serves.</param>
    /// <param name="clock">The clock. An expired root is read too, so that the operator can publish the next one.</param>
    /// <param name="cancellation">Cancels the call.</param>
    /// <exception cref="EstreamCorruptionException">A root is damaged, or is not signed by the keys of the root before it.</exception>
    public static async Task<RootDocument> ReadNewestAsync(string served, IClock clock, CancellationToken cancellation)
    {
        string folder = RegistryOperator.RolesFolder(served);
        RoleDirectory roles = new(folder, clock);
        TrustAnchor first;
        try
        {
            first = new TrustAnchor(roles.FirstRoot().Span);
        }
        catch (ArgumentException damaged)
        {
            throw new EstreamCorruptionException(
                $"The first root in '{folder}' is damaged: {damaged.Message.Split(" (Parameter", 2)[0]} Restore it from a copy.", folder);
        }

        TrustedSet set = new(first, new SignedRole<RootDocument>(first.Root, first.RootEnvelope.ToArray()), JsonTime.Now(clock));
        return await TrustClient.TakeRootsAsync(set, roles.Source, cancellation).ConfigureAwait(false) is not { } fault ? set.Root.Document
            : throw new EstreamCorruptionException(
                $"Clients would not accept the roots in '{folder}': {fault}. Restore them from a copy.", folder);
    }

    /// <summary>Throws if the log has fewer entries than the registry has signed, because the log was lost or restored from an old copy.
    /// Such a log would lack owners, and appending to it would create a second history that clients reject.</summary>
    /// <param name="served">The folder that a web server serves.</param>
    /// <param name="log">Its log.</param>
    /// <param name="clock">The clock.</param>
    /// <exception cref="EstreamCorruptionException">The log has fewer entries, or the last snapshot is damaged.</exception>
    public static void RequireWhole(string served, ComponentLog log, IClock clock)
    {
        SnapshotDocument? signed = new RoleDirectory(RegistryOperator.RolesFolder(served), clock).Latest();
        long entries = log.LastSigned is { } last && Checkpoint.TryParse(last.Text, out Checkpoint? checkpoint, out _)
            ? checkpoint.Size
            : 0;
        if (signed is not null && entries < signed.LogSize)
        {
            string folder = RegistryOperator.LogFolder(served);
            throw new EstreamCorruptionException(
                string.Create(CultureInfo.InvariantCulture,
                    $"The log in '{folder}' has {entries} entries, but the registry has signed {signed.LogSize}: the log was lost or "
                    + $"replaced by an old copy. Restore it from a copy; until then nothing is published."), folder);
        }
    }
}
