using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Estream.Circuits;
using Estream.Marketplace.Governance;

namespace Estream.Marketplace.Tests.Governance;

/// <summary>The signed digest covers the whole release, byte for byte as the format page defines.</summary>
public sealed class WidgetReleaseTests
{
    private static readonly WidgetRelease s_release = new WidgetSubmission { Roles = ["viewer", "operator"] }.Release;

    [Fact]
    public void Digest_matches_the_example_of_the_format_page()
    {
        byte[] size = new byte[8];
        BinaryPrimitives.WriteUInt64LittleEndian(size, s_release.BundleSizeBytes);
        byte[] statement =
        [
            .. "estream.marketplace.widget.release.v1\n"u8, 20, 0, 0, 0, .. "@acme/impact-counter"u8, 5, 0, 0, 0, .. "1.0.0"u8,
            .. s_release.PublisherId.Span, .. s_release.ManifestHash.Span, .. s_release.BundleHash.Span, .. size,
            2, 0, 0, 0, 6, 0, 0, 0, .. "viewer"u8, 8, 0, 0, 0, .. "operator"u8, 9, 0, 0, 0, .. "community"u8,
        ];
        Assert.Equal(WidgetRelease.HashOf(statement), s_release.Digest());
        if (SHA3_256.IsSupported)
        {
            Assert.Equal(SHA3_256.HashData(statement), s_release.Digest());
        }
    }

    [Fact]
    public void Digest_changes_with_every_member()
    {
        byte[] other = [.. Enumerable.Repeat((byte)7, 32)];
        WidgetRelease[] others =
        [
            s_release with { WidgetId = "@acme/impact-counte" }, s_release with { WidgetId = "@acme/impact-counter1", Version = ".0.0" },
            s_release with { Version = "1.0.1" },
            s_release with { PublisherId = other }, s_release with { ManifestHash = other }, s_release with { BundleHash = other },
            s_release with { BundleSizeBytes = 1 },
            s_release with { ManifestHash = s_release.BundleHash, BundleHash = s_release.ManifestHash },
            s_release with { RequiredRoles = [] }, s_release with { RequiredRoles = ["operator", "viewer"] },
            s_release with { RequiredRoles = ["vieweroperator"] }, s_release with { RequiredRoles = ["viewer", "operato", "r"] },
            s_release with { RequestedTrustLevel = "verified" }, s_release with { RequestedTrustLevel = "" },
        ];
        Assert.Equal(others.Length + 1,
            others.Append(s_release).Select(release => Convert.ToHexString(release.Digest())).Distinct().Count());
    }

    [Fact]
    public void Publish_and_approve_signatures_are_not_interchangeable()
    {
        byte[] digest = s_release.Digest(), published = s_release.Sign(WidgetKeys.Acme), approved = s_release.Approve(WidgetKeys.Acme);
        Assert.True(WidgetKeys.Acme.PublicKey.Verify(digest, WidgetRelease.PublishContext, published));
        Assert.True(WidgetKeys.Acme.PublicKey.Verify(digest, WidgetRelease.ApproveContext, approved));
        Assert.False(WidgetKeys.Acme.PublicKey.Verify(digest, WidgetRelease.ApproveContext, published));
        Assert.False(WidgetKeys.Acme.PublicKey.Verify(digest, [], published));
    }

    [Fact]
    public void Digest_throws_for_hashes_of_another_length()
    {
        Assert.Throws<ArgumentException>((s_release with { PublisherId = new byte[31] }).Digest);
        Assert.Throws<ArgumentException>((s_release with { ManifestHash = new byte[33] }).Digest);
        Assert.Throws<ArgumentException>((s_release with { BundleHash = Encoding.UTF8.GetBytes("sha3") }).Digest);
    }
}
