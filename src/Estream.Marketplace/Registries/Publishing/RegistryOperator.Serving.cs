using Estream.Marketplace.Governance;
using Estream.Marketplace.Registries;
using Estream.Marketplace.Trust.Namespaces;
using Estream.Marketplace.Trust.Roles;

namespace Estream.Marketplace.Publishing;

/// <content>What a marketplace server needs: the roles, pending releases by digest, and submissions that are checked before their package
/// is read.</content>
public sealed partial class RegistryOperator
{
    /// <summary>Returns the current roles, verified as a client verifies them.</summary>
    internal Task<TrustedRoles> ReadRolesAsync(CancellationToken cancellation) =>
        InTurnAsync(() => _roles.ReadAsync(cancellation), cancellation);

    /// <summary>Reads the state of the log while no other call changes it.</summary>
    internal Task<T> ReadLogAsync<T>(Func<NamespaceMap, T> read, CancellationToken cancellation) =>
        InTurnAsync(() => Task.FromResult(read(_log.Map)), cancellation);

    /// <summary>Submits a release as <see cref="PublishAsync"/>, and requires that it names the last release as its predecessor.</summary>
    /// <exception cref="EstreamRegistryException">As for <see cref="PublishAsync"/>; or the release names another predecessor
    /// (<see cref="RegistryFault.AlreadyPublished"/>).</exception>
    internal Task<PublishedRelease> SubmitNextAsync(SignedRelease release, CancellationToken cancellation) => LookAsync(
        async busy =>
        {
            string? last = await _published.LastAsync(release.Manifest.Name, release.Manifest.Version, Registry, cancellation)
                .ConfigureAwait(false);
            return last == release.Statement.PrevRelease
                ? await _intake.TakeAsync(release, null, busy, cancellation).ConfigureAwait(false)
                : throw new EstreamRegistryException(RegistryFault.AlreadyPublished,
                    $"{release.Manifest} names {release.Statement.PrevRelease ?? "no release"} as its previous release, but the last one "
                    + $"is {last ?? "not there"}. Sign it again.", release.Manifest.Name.ToString());
        },
        cancellation);

    /// <summary>Returns the digests of the pending releases.</summary>
    internal Task<IReadOnlyList<string>> PendingDigestsAsync(CancellationToken cancellation) =>
        InTurnAsync(() => Task.FromResult(_pending.Digests()), cancellation);

    /// <summary>Returns a pending release; null if it is not pending.</summary>
    internal Task<SignedRelease?> FindPendingAsync(string digest, CancellationToken cancellation) =>
        InTurnAsync(() => Task.FromResult(_pending.Find(digest)), cancellation);

    /// <summary>Removes a pending release. A release that its author submits again is pending again, unless its digest is refused
    /// elsewhere.</summary>
    /// <param name="digest">The digest.</param>
    /// <param name="refuse">Records the rejection before the release is removed.</param>
    /// <param name="cancellation">Cancels the call.</param>
    /// <returns>False if the release is not pending.</returns>
    internal Task<bool> RejectAsync(string digest, Action refuse, CancellationToken cancellation) => InTurnAsync(
        () =>
        {
            if (!_pending.Digests().Contains(digest, StringComparer.Ordinal))
            {
                return Task.FromResult(false);
            }

            refuse();
            _pending.Remove(digest);
            return Task.FromResult(true);
        },
        cancellation);

    /// <summary>Decides pending releases again (<see cref="DecideAgainAsync"/>).</summary>
    /// <param name="isSkipped">Selects the digests that stay pending without a decision.</param>
    /// <param name="cancellation">Cancels the call.</param>
    internal Task<IReadOnlyList<PublishedRelease>> DecideUnlessAsync(Func<string, bool> isSkipped, CancellationToken cancellation) =>
        LookAsync(_ => _intake.DecideAgainAsync(null, isSkipped, cancellation), cancellation);
}
