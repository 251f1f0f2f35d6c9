using Estream.Core;
using Estream.Marketplace.Json;
using Estream.Marketplace.Registries;
using Estream.Marketplace.Trust.Dsse;
using Estream.Marketplace.Trust.Log;
using Estream.Marketplace.Trust.Namespaces;
using Estream.Marketplace.Trust.Roles;

namespace Estream.Marketplace.Publishing;

/// <summary>Publishes the roles of a registry: renews snapshot and timestamp, and accepts a policy or a root signed with the offline keys.
/// Every document is verified as a client verifies it, before it is published. One call at a time.</summary>
/// <param name="folder">The folder of the registry, with its keys.</param>
/// <param name="root">The newest root.</param>
/// <param name="keys">The online keys.</param>
/// <param name="log">The log.</param>
/// <param name="clock">The clock.</param>
internal sealed class RegistryRoles(string folder, RootDocument root, RegistryKeys keys, ComponentLog log, IClock clock)
{
    private readonly string _served = RegistryOperator.PublicFolder(folder);
    private readonly RoleDirectory _roles = new(RegistryOperator.RolesFolder(RegistryOperator.PublicFolder(folder)), clock);
    private readonly CatalogFolder _catalog = new(RegistryOperator.PublicFolder(folder));

    /// <summary>The newest root.</summary>
    public RootDocument Root { get; private set; } = root;

    /// <summary>The envelope of the first root.</summary>
    public ReadOnlyMemory<byte> FirstRoot() => _roles.FirstRoot();

    /// <summary>Reads the roles and verifies them as a client does. A policy in the folder is therefore used only if the offline keys have
    /// signed it.</summary>
    /// <exception cref="EstreamRegistryException">The roles are not trusted, for example because the policy has expired.</exception>
    public async Task<TrustedRoles> ReadAsync(CancellationToken cancellation)
    {
        TrustClient client = new(new TrustAnchor(_roles.FirstRoot().Span), new MemoryTrustStore(), clock);
        TrustOutcome outcome = await client.RefreshAsync(_roles.Source, cancellation).ConfigureAwait(false);
        if (!outcome.IsTrusted)
        {
            // The timestamp may have expired, because it is valid for a day: renew it and try again.
            _ = await RenewAsync(cancellation).ConfigureAwait(false);
            outcome = await client.RefreshAsync(_roles.Source, cancellation).ConfigureAwait(false);
        }

        return outcome.Roles
            ?? throw new EstreamRegistryException(RegistryFault.Malformed,
                $"The policy of '{Root.Registry}' is not trusted: {outcome.Fault}. Renew the expired documents, and try again.", _served);
    }

    /// <summary>Signs the current log, and publishes snapshot and timestamp for it.</summary>
    /// <exception cref="EstreamRegistryException">Clients would not accept the result.</exception>
    public async Task<SignedNote> RenewAsync(CancellationToken cancellation)
    {
        SignedNote checkpoint = Sign();
        DocumentReference catalog = await _catalog.WriteAsync(log.Map, cancellation).ConfigureAwait(false);
        RoleFault? fault = await _roles.PublishAsync(keys.Publication(checkpoint, log.Map) with { Catalog = catalog }, cancellation)
            .ConfigureAwait(false);
        return fault is null ? checkpoint
            : throw new EstreamRegistryException(RegistryFault.Malformed,
                $"Clients would not trust the registry '{Root.Registry}' as it is: {fault}. Renew the expired documents, and try again.",
                _served);
    }

    /// <summary>Publishes a new policy; see <see cref="RegistryOperator.ChangePolicyAsync"/>.</summary>
    public async Task<TargetsDocument> ChangePolicyAsync(Func<TargetsDocument, TargetsDocument> change,
        IReadOnlyCollection<DocumentSigner> keepers, CancellationToken cancellation)
    {
        TargetsDocument before = (await ReadAsync(cancellation).ConfigureAwait(false)).Targets;
        TargetsDocument changed = change(before);
        TargetsDocument next = Behind(before) with { Categories = changed.Categories, Rules = changed.Rules };
        if (!TargetsDocument.TryRead(next.ToPayload(), out _, out string? reason))
        {
            throw new EstreamRegistryException(RegistryFault.Forbidden,
                $"The policy is not valid: {reason}. Name at least as many reviewers as must approve, each with a separate key.", _served);
        }

        RoleFault? fault = await _roles.PublishAsync(keys.Publication(Sign(), log.Map) with { Targets = [next.Sign(keepers)] },
            cancellation).ConfigureAwait(false);
        return fault is null
            ? next
            : throw new EstreamRegistryException(RegistryFault.Forbidden,
                $"Clients would not accept this policy of '{Root.Registry}': {fault}. Sign it with the targets keys.", _served);
    }

    /// <summary>Publishes the next root with new keys; see <see cref="RegistryOperator.RotateAsync"/>. The new keys are stored before any
    /// root names them. They replace the old keys after a root that names them is published, so a crash loses no key.</summary>
    public async Task RotateAsync(IReadOnlySet<RegistryRole> rotated, IReadOnlyCollection<DocumentSigner> keepers,
        CancellationToken cancellation)
    {
        Dictionary<RegistryRole, DocumentSigner> next = [];
        try
        {
            TargetsDocument? policy = rotated.Contains(RegistryRole.Targets)
                ? (await ReadAsync(cancellation).ConfigureAwait(false)).Targets
                : null;
            foreach (RegistryRole role in rotated)
            {
                RequireOneKey(role);
                next.Add(role, OperatorKeys.LoadNext(folder, NameOf(role)));
            }

            RootDocument following = Root with
            {
                Version = Root.Version + 1,
                Expires = JsonTime.Now(clock) + RegistryInitializer.RootLifetime,
                Root = KeysOf(RegistryRole.Root, next),
                Targets = KeysOf(RegistryRole.Targets, next),
                Snapshot = KeysOf(RegistryRole.Snapshot, next),
                Timestamp = KeysOf(RegistryRole.Timestamp, next),
            };
            RolePublication said = keys.Publication(Sign(), log.Map);
            RoleFault? fault = await _roles.PublishAsync(
                said with
                {
                    Roots = [following.Sign(next.TryGetValue(RegistryRole.Root, out DocumentSigner? own) ? [.. keepers, own] : keepers)],
                    Targets = policy is null ? [] : [Behind(policy).Sign(next[RegistryRole.Targets])],
                    SnapshotSigners = next.TryGetValue(RegistryRole.Snapshot, out DocumentSigner? snapshot)
                        ? [snapshot]
                        : said.SnapshotSigners,
                    TimestampSigners = next.TryGetValue(RegistryRole.Timestamp, out DocumentSigner? timestamp)
                        ? [timestamp]
                        : said.TimestampSigners,
                },
                cancellation).ConfigureAwait(false);
            if (fault is not null)
            {
                next.Keys.ToList().ForEach(role => OperatorKeys.Forget(folder, NameOf(role)));
                throw new EstreamRegistryException(RegistryFault.Forbidden,
                    $"Clients would not accept this root of '{Root.Registry}': {fault}. Sign it with the current root keys.",
                    _served);
            }

            OperatorKeys.Settle(folder, following);
            keys.Reload(folder);
            Root = following;
        }
        finally
        {
            next.Values.ToList().ForEach(signer => signer.Dispose());
        }
    }

    private static string NameOf(RegistryRole role) => role switch
    {
        RegistryRole.Root => OperatorKeys.Root,
        RegistryRole.Targets => OperatorKeys.Targets,
        RegistryRole.Snapshot => OperatorKeys.Snapshot,
        _ => OperatorKeys.Timestamp,
    };

    private RoleKeys KeysOf(RegistryRole role, Dictionary<RegistryRole, DocumentSigner> next) =>
        next.TryGetValue(role, out DocumentSigner? signer) ? new RoleKeys([signer.Key], 1) : role switch
    {
        RegistryRole.Root => Root.Root,
        RegistryRole.Targets => Root.Targets,
        RegistryRole.Snapshot => Root.Snapshot,
        _ => Root.Timestamp,
    };

    // If a role has several keys, it is unknown which key to replace.
    private void RequireOneKey(RegistryRole role)
    {
        int count = KeysOf(role, []).Keys.Count;
        if (count != 1)
        {
            throw new EstreamRegistryException(RegistryFault.Forbidden,
                $"The role {NameOf(role)} of '{Root.Registry}' has {count} keys, but only one can be rotated here. Create the next root "
                + "where the keys are, and publish it with RoleDirectory.", _served);
        }
    }

    private TargetsDocument Behind(TargetsDocument before) =>
        before with { Version = before.Version + 1, Expires = JsonTime.Now(clock) + RegistryInitializer.TargetsLifetime };

    private SignedNote Sign()
    {
        SignedNote checkpoint = log.Sign();
        log.Publish();
        return checkpoint;
    }
}

/// <summary>A role of a registry whose key can be rotated (docs/formats/roles.md). The key of the log cannot be rotated: existing
/// checkpoints were signed with it.</summary>
public enum RegistryRole
{
    /// <summary>Names the keys of all roles. Keep its key offline.</summary>
    Root,

    /// <summary>Signs the policy. Keep its key offline.</summary>
    Targets,

    /// <summary>Signs which versions of the metadata belong together.</summary>
    Snapshot,

    /// <summary>Signs which snapshot is the newest.</summary>
    Timestamp,
}
