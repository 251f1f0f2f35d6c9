using System.Text;
using Estream.Marketplace.Tests.Resolution;
using Estream.Marketplace.Workspaces;
using Estream.Testing;

namespace Estream.Marketplace.Tests.Workspaces;

/// <summary>Which locks <c>--locked</c> accepts.</summary>
public sealed class LockedCheckTests
{
    private const string Catalog = "gateway 1.0.0 1.1.0: needs base ^1\nbase 1.0.0 1.1.0";

    [Fact]
    public void Lock_matches_although_there_are_newer_releases() =>
        Assert.Null(Find("[components]\ngateway = \"^1\"", Catalog));

    [Theory]
    [InlineData("[components]\ngateway = \"^1 || ^2\"", Catalog, "different requirements from")]
    [InlineData("[components]\ngateway = \"^1\"", "gateway 1.0.0 1.1.0\nbase 1.0.0", "- base 1.0.0")]
    [InlineData("[components]\ngateway = \"^1\"", "gateway 1.1.0: needs base ^1\nbase 1.0.0", "+ gateway 1.1.0, - gateway 1.0.0")]
    [InlineData("[components]\ngateway = \"^1\"", "gateway 1.0.0: refused its key was revoked", "its key was revoked")]
    [InlineData("[components]\ngateway = \"^1\"\n[cooldown]\nhours = 24",
        "gateway 1.0.0: published 2026-11-23T11:00:00; needs base ^1\nbase 1.0.0", "the cooldown of this workspace is 1 day")]
    public void Find_explains_why_a_lock_is_outdated(string manifest, string catalog, string reason) =>
        Assert.Contains(reason, Find(manifest, catalog), StringComparison.Ordinal);

    private static string? Find(string manifest, string catalog) => LockedCheck.Find(
        WorkspaceManifest.Read(Encoding.UTF8.GetBytes(manifest)).Manifest!,
        Locks.Of("gateway 1.0.0: base", "base 1.0.0"),
        UniverseText.Read(catalog).Catalog,
        ManualClock.At(UniverseText.Now));
}
