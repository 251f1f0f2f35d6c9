using System.Globalization;
using Estream.Core;
using Estream.Marketplace.Json;
using Estream.Marketplace.Registries;
using Estream.Marketplace.Trust.Log;
using Estream.Marketplace.Trust.Namespaces;
using Estream.Marketplace.Trust.Roles;

namespace Estream.Marketplace.Publishing;

/// <summary>Reads the roots of a registry that is run here, from the first one to the newest, as a client follows them. Thread-safe; holds
/// no state.</summary>
internal static class RegistryRoots
{
    /// <summary>The newest root: whose signatures count now.</summary>
    /// <param name="served">The part of the registry's folder that is served.</param>
    /// <param name="clock">The time. One that has expired is read too: whoever runs the registry can say the next one.</param>
    /// <param name="cancellation">Ends the reading.</param>
    /// <exception cref="EstreamCorruptionException">A root is damaged, or is not signed by the one before it.</exception>
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
                $"The roots in '{folder}' are none that a client would follow: {fault}. Restore them from a copy.", folder);
    }

    /// <summary>Refuses a log that has less than the registry has signed of it: it was lost, or put back. It would look as if nobody owned
    /// anything, and what is appended to it would be a second history that no client takes.</summary>
    /// <param name="served">The part of the registry's folder that is served.</param>
    /// <param name="log">Its log.</param>
    /// <param name="clock">The time.</param>
    /// <exception cref="EstreamCorruptionException">The log has less, or what was signed last is damaged.</exception>
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
                    $"The log in '{folder}' has {entries} entries, and the registry has signed that it has {signed.LogSize}: it was lost "
                    + $"or put back. Restore it from a copy; until then nothing is published."), folder);
        }
    }
}
