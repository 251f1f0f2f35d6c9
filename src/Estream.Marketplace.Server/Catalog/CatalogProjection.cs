using System.Globalization;
using System.Security.Cryptography;
using Estream.Marketplace.Manifests;
using Estream.Marketplace.Publishing;
using Estream.Marketplace.Registries;
using Estream.Marketplace.Server.Data;
using Estream.Marketplace.Trust.Bundles;
using Estream.Marketplace.Trust.Dsse;
using Estream.Marketplace.Trust.Namespaces;
using Estream.Marketplace.Trust.Releases;
using Estream.Marketplace.Trust.Roles;
using Microsoft.Data.Sqlite;

namespace Estream.Marketplace.Server.Catalog;

/// <summary>Derives the items of the catalogue from the registry's folder. The folder is the authority: the same folder gives the same
/// rows, whatever the table had before. One call at a time.</summary>
internal sealed class CatalogProjection(MarketplaceDatabase database, CatalogStore store, RegistryOperator registry)
{
    /// <summary>Updates the items whose release index or policy is not the one that they were read from.</summary>
    public async Task CatchUpAsync(CancellationToken cancellation)
    {
        Dictionary<string, string> known = database.Read(connection => MarketplaceDatabase.Query(connection,
            "SELECT slug, source FROM items", row => (row.GetString(0), row.GetString(1)))).ToDictionary(StringComparer.Ordinal);
        TrustedRoles roles = await registry.ReadRolesAsync(cancellation).ConfigureAwait(false);
        foreach (ComponentName name in await NamesAsync(cancellation).ConfigureAwait(false))
        {
            string source = await SourceAsync(name, roles, cancellation).ConfigureAwait(false);
            if (known.GetValueOrDefault(Slug.Of(name)) != source)
            {
                await UpdateAsync(name, cancellation).ConfigureAwait(false);
            }
        }
    }

    /// <summary>Replaces all items in one transaction; returns their number.</summary>
    public async Task<int> RebuildAsync(CancellationToken cancellation)
    {
        TrustedRoles roles = await registry.ReadRolesAsync(cancellation).ConfigureAwait(false);
        List<ItemRow> rows = [];
        foreach (ComponentName name in await NamesAsync(cancellation).ConfigureAwait(false))
        {
            if (await ReadAsync(name, roles, cancellation).ConfigureAwait(false) is { } row)
            {
                rows.Add(row);
            }
        }

        return database.Write(connection =>
        {
            MarketplaceDatabase.Run(connection, "DELETE FROM items");
            rows.ForEach(row => Add(connection, row));
            return rows.Count;
        });
    }

    /// <summary>Replaces the item of one component after a release of it was published.</summary>
    public async Task UpdateAsync(ComponentName name, CancellationToken cancellation)
    {
        TrustedRoles roles = await registry.ReadRolesAsync(cancellation).ConfigureAwait(false);
        ItemRow? row = await ReadAsync(name, roles, cancellation).ConfigureAwait(false);
        database.Write(connection =>
        {
            MarketplaceDatabase.Run(connection, "DELETE FROM items WHERE slug=$slug", ("$slug", Slug.Of(name)));
            if (row is not null)
            {
                Add(connection, row);
            }

            return 0;
        });
    }

    private static void Add(SqliteConnection connection, ItemRow row) => MarketplaceDatabase.Run(connection, """
        INSERT INTO items(slug, category, name, author, license, tier, updated, listed, words, item, detail, source)
        VALUES ($slug, $category, $name, $author, $license, $tier, $updated, $listed, $words, $item, $detail, $source)
        """,
        ("$slug", row.Item.Slug), ("$category", row.Item.Category), ("$name", row.Item.Name), ("$author", row.Item.Author),
        ("$license", row.Item.License), ("$tier", (int)row.Tier), ("$updated", row.Item.Updated.ToUnixTimeSeconds()),
        ("$listed", row.IsListed ? 1 : 0),
        ("$words", $"{row.Item.Name} {row.Item.Description} {row.Item.License}".ToLowerInvariant()),
        ("$item", MarketplaceJson.Text(row.Item)), ("$detail", MarketplaceJson.Text(row.Detail)), ("$source", row.Source));

    private Task<ComponentName[]> NamesAsync(CancellationToken cancellation) =>
        registry.ReadLogAsync(map => map.Components.ToArray(), cancellation);

    // A crash can leave a release in the log that is not in the registry yet, so the size of the log does not tell what an item was read
    // from. The release index does: a release, a yank and a deprecation change it.
    private async Task<string> SourceAsync(ComponentName name, TrustedRoles roles, CancellationToken cancellation)
    {
        byte[] index = await registry.Registry.Files.ReadAsync(RegistryPaths.Index(name), RegistryLimits.MaxIndexBytes, cancellation)
            .ConfigureAwait(false) ?? [];
        return string.Create(CultureInfo.InvariantCulture, $"{roles.Targets.Version} {Convert.ToHexStringLower(SHA256.HashData(index))}");
    }

    private async Task<ItemRow?> ReadAsync(ComponentName name, TrustedRoles roles, CancellationToken cancellation)
    {
        // Before the releases: a change in between makes the item be read again.
        string source = await SourceAsync(name, roles, cancellation).ConfigureAwait(false);
        // A release that is in the log and not in the registry was interrupted; its author submits it again.
        IReadOnlyList<RegistryRelease> releases = await registry.Registry.ListAsync(name, cancellation).ConfigureAwait(false);
        RegistryRelease? newest = releases.Where(release => release.YankReason is null)
            .OrderBy(release => release.Version.ToString().Contains('-') ? 0 : 1).ThenBy(release => release.Version).LastOrDefault();
        RegistryRelease? shown = newest ?? releases.MaxBy(release => release.Version);
        if (shown is null || store.Categories().FirstOrDefault(one => one.Component == shown.Category) is not { } category)
        {
            return null;
        }

        List<ItemVersion> versions = [];
        (ReleaseStatement Statement, string Signature)? shownRelease = null;
        foreach (RegistryRelease release in releases.OrderByDescending(release => release.Version))
        {
            if (await StatementOfAsync(release, cancellation).ConfigureAwait(false) is not { } read)
            {
                continue;
            }

            shownRelease = release == shown ? read : shownRelease;
            long index = await registry.ReadLogAsync(map => map.FindVersion(name, release.Version), cancellation).ConfigureAwait(false);
            versions.Add(new ItemVersion(release.Version.ToString(), release.Published, read.Statement.Digest(), release.PackageBytes,
                release.PackageSha256, release.YankReason, release.Deprecation, index));
        }

        TrustTier tier = roles.TierOf(name.ToString(), shown.Category);
        return shownRelease is not { } signed ? null
            : RowOf(shown, category, tier, signed, versions, newest is not null) with { Source = source };
    }

    private static ItemRow RowOf(RegistryRelease shown, Category category, TrustTier tier,
        (ReleaseStatement Statement, string Signature) signed, List<ItemVersion> versions, bool isListed)
    {
        string author = NamespaceName.Of(shown.Name).ToString();
        CatalogItem item = new(Slug.Of(shown.Name), shown.Name.ToString(), category.Id, shown.Description, shown.Version.ToString(),
            CatalogStore.NameOf(tier), author, shown.License, shown.Published, shown.PackageBytes, shown.Deprecation);
        ItemManifest manifest = new(category.Id, author, shown.PackageSha256, [.. signed.Statement.Package.Permissions], signed.Signature);
        ItemProof proof = new(signed.Statement.Digest(), versions.First(one => one.Version == item.Version).LogIndex, shown.Root256,
            "/registry/" + RegistryPaths.Bundle(shown.Name, shown.Version),
            "/registry/" + RegistryPaths.Package(shown.Name, shown.Version));
        ItemDetail detail = new(item, manifest,
            [.. manifest.Permissions.Select(text => new ItemPermission(text,
                ComponentPermission.TryParse(text, out ComponentPermission? known, out _) ? known.Meaning : ""))],
            [.. shown.Dependencies.Select(need => new ItemDependency(need.Name.ToString(), need.Range.ToString()))], versions, proof);
        return new ItemRow(item, detail, tier, isListed);
    }

    // The signature is the first one of the owners over the release statement, which covers the manifest and all files.
    private async Task<(ReleaseStatement Statement, string Signature)?> StatementOfAsync(RegistryRelease release,
        CancellationToken cancellation)
    {
        ReadOnlyMemory<byte> bytes = await registry.Registry.ReadBundleAsync(release, cancellation).ConfigureAwait(false);
        return ComponentBundle.TryRead(bytes, out ComponentBundle? bundle, out _)
            && DsseEnvelope.TryRead(bundle[BundlePart.Release].Span, ReleaseStatement.MaxFileBytes, out DsseEnvelope? envelope, out _)
            && ReleaseStatement.TryRead(envelope.UnverifiedPayload.Span, out ReleaseStatement? statement, out _)
            && envelope.Signatures.Count > 0
            ? (statement, Convert.ToBase64String(envelope.Signatures[0].Bytes.Span)) : null;
    }

    private sealed record ItemRow(CatalogItem Item, ItemDetail Detail, TrustTier Tier, bool IsListed, string Source = "");
}
