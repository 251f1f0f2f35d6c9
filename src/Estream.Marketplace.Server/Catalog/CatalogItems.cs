namespace Estream.Marketplace.Server.Catalog;

/// <summary>An item of a list: a component with its newest version. Immutable.</summary>
/// <param name="Slug">The identifier in addresses.</param>
/// <param name="Name">The component, such as <c>@acme/meter</c>.</param>
/// <param name="Category">The identifier of the category.</param>
/// <param name="Description">One line.</param>
/// <param name="Version">The newest version that is not yanked.</param>
/// <param name="Tier">The trust tier that the signed policy of the registry assigns.</param>
/// <param name="Author">The namespace of the author.</param>
/// <param name="License">The license (SPDX).</param>
/// <param name="Updated">When the newest version was published.</param>
/// <param name="PackageBytes">The size of its package.</param>
/// <param name="Deprecation">The message of a deprecated version; null if it is not deprecated.</param>
internal sealed record CatalogItem(string Slug, string Name, string Category, string Description, string Version, string Tier,
    string Author, string License, DateTimeOffset Updated, long PackageBytes, string? Deprecation);

/// <summary>The manifest fields of the community specification. Immutable.</summary>
internal sealed record ItemManifest(
    [property: System.Text.Json.Serialization.JsonPropertyName("kind")] string Kind,
    [property: System.Text.Json.Serialization.JsonPropertyName("author_id")] string AuthorId,
    [property: System.Text.Json.Serialization.JsonPropertyName("package_sha256")] string PackageSha256,
    [property: System.Text.Json.Serialization.JsonPropertyName("permissions")] IReadOnlyList<string> Permissions,
    [property: System.Text.Json.Serialization.JsonPropertyName("manifest_signature")] string ManifestSignature);

/// <summary>A published version. Immutable.</summary>
/// <param name="Version">The version.</param>
/// <param name="Published">When it was published.</param>
/// <param name="Release">The digest of its statement.</param>
/// <param name="PackageBytes">The size of its package.</param>
/// <param name="PackageSha256">The SHA-256 of its package.</param>
/// <param name="YankReason">Why it was yanked; null if it was not.</param>
/// <param name="Deprecation">The message; null if it is not deprecated.</param>
/// <param name="LogIndex">The index of its entry in the log.</param>
internal sealed record ItemVersion(string Version, DateTimeOffset Published, string Release, long PackageBytes, string PackageSha256,
    string? YankReason, string? Deprecation, long LogIndex);

/// <summary>A dependency. Immutable.</summary>
internal sealed record ItemDependency(string Name, string Range);

/// <summary>A permission with its meaning for people. Immutable.</summary>
internal sealed record ItemPermission(string Permission, string Meaning);

/// <summary>Where a client finds the proof of the newest version. Immutable.</summary>
/// <param name="Release">The digest of the statement.</param>
/// <param name="LogIndex">The index of the entry in the log.</param>
/// <param name="Root256">The SHA-256 root over the files.</param>
/// <param name="Bundle">The address of the bundle, which proves the release offline.</param>
/// <param name="Package">The address of the package.</param>
internal sealed record ItemProof(string Release, long LogIndex, string Root256, string Bundle, string Package);

/// <summary>An item with everything known about it. Immutable.</summary>
internal sealed record ItemDetail(CatalogItem Item, ItemManifest Manifest, IReadOnlyList<ItemPermission> Permissions,
    IReadOnlyList<ItemDependency> Dependencies, IReadOnlyList<ItemVersion> Versions, ItemProof Proof);

/// <summary>A page of a list. Immutable.</summary>
/// <param name="Items">The items.</param>
/// <param name="Next">The cursor of the next page; null on the last page.</param>
internal sealed record ItemPage(IReadOnlyList<CatalogItem> Items, string? Next);

/// <summary>The categories. Immutable.</summary>
internal sealed record CategoryList(IReadOnlyList<Category> Categories);
