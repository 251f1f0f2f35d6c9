using Estream.Marketplace.Tests.Trust.Log;
using Estream.Marketplace.Trust.Bundles;
using Estream.Marketplace.Trust.Dsse;
using Estream.Marketplace.Trust.Log;
using Estream.Marketplace.Trust.Namespaces;
using Estream.Marketplace.Trust.Roles;

namespace Estream.Marketplace.Tests.Trust.Bundles;

/// <summary>A bundle is accepted if every link of its trust chain is valid, and rejected with a reason otherwise.</summary>
public sealed class BundleVerifierTests : IDisposable
{
    private readonly BundleRig _rig = new();

    public void Dispose() => _rig.Dispose();

    [Fact]
    public async Task Complete_bundle_is_accepted_from_its_bytes()
    {
        byte[] bytes = (await _rig.BuildAsync()).WithPackage(BundleRig.Package()).Encode();
        BundleVerdict verdict = _rig.Verifier().Verify(bytes);
        Assert.True(verdict.IsAccepted, verdict.Reason);
        VerifiedRelease release = verdict.Release;
        Assert.Equal((BundleRig.Card, BundleRig.Version, 1L, 2L, 1),
            (release.Name, release.Version, release.LogIndex, release.LogSize, release.WitnessCount));
        Assert.Equal(2, release.Signers.Count);
        Assert.Equal(_rig.Clock.Now.ToUnixTimeSeconds(), release.AsOf.ToUnixTimeSeconds());
        Assert.True(ComponentBundle.TryRead(bytes, out ComponentBundle? read, out string? reason), reason);
        Assert.Equal(bytes, read.Encode());
        Assert.InRange(read.WithoutPackage().Encode().Length, 40_000, 100_000);
    }

    [Fact]
    public async Task Bundle_with_another_invalid_or_missing_package_is_rejected()
    {
        ComponentBundle bundle = await _rig.BuildAsync();
        Expect(BundleFault.Package, bundle.WithPackage(BundleRig.Package("other")));
        Expect(BundleFault.Package, bundle.WithPackage("no package"u8.ToArray()));
        Expect(BundleFault.PackageMissing, bundle);
        Assert.Equal(
            "The bundle does not contain its package. Pass the package (.escx) together with this bundle: the bundle alone proves "
            + "nothing about the files.",
            _rig.Verifier().Verify(bundle.Encode()).Reason);
        using MemoryStream beside = new(BundleRig.Package());
        Assert.True(_rig.Verifier().Verify(bundle, beside).IsAccepted);
    }

    [Fact]
    public async Task Bundle_with_a_flipped_bit_is_rejected_or_verifies_the_same_release()
    {
        ComponentBundle bundle = (await _rig.BuildAsync()).WithPackage(BundleRig.Package());
        byte[] bytes = bundle.Encode();
        Random random = new(1);
        for (int round = 0; round < Estream.Testing.LongRun.Count(150, 5_000); round++)
        {
            byte[] damaged = [.. bytes];
            damaged[random.Next(damaged.Length)] ^= (byte)(1 << random.Next(8));
            BundleVerdict verdict = _rig.Verifier().Verify(damaged);
            if (verdict.IsAccepted)
            {
                // The flipped bit is in the gzip header, or in a signature that is not needed.
                Assert.Equal(1L, verdict.Release.LogIndex);
                Assert.Equal(BundleRig.Version, verdict.Release.Version);
            }
            else
            {
                Assert.EndsWith(".", verdict.Reason, StringComparison.Ordinal);
                Assert.DoesNotContain("..", verdict.Reason, StringComparison.Ordinal);
                Assert.NotEqual(BundleFault.None, verdict.Fault);
            }
        }
    }

    [Fact]
    public async Task Truncated_bundle_is_rejected()
    {
        byte[] bytes = (await _rig.BuildAsync()).WithPackage(BundleRig.Package()).Encode();
        for (int length = 0; length < bytes.Length; length += length < 200 ? 1 : 997)
        {
            Assert.Equal(BundleFault.Malformed, _rig.Verifier().Verify(bytes.AsMemory(0, length)).Fault);
        }

        Assert.Equal(BundleFault.Malformed, _rig.Verifier().Verify(new byte[] { 0 }).Fault);
        Assert.Equal(BundleFault.Malformed, _rig.Verifier().Verify((byte[])[.. bytes, 0]).Fault);
    }

    [Fact]
    public async Task Roles_signed_by_unknown_keys_are_rejected()
    {
        ComponentBundle bundle = (await _rig.BuildAsync()).WithPackage(BundleRig.Package());
        RoleKeys strangers = new([BundleRig.Signer(99).Key], 1);
        Expect(BundleFault.Timestamp, bundle, _rig.Trust with { Timestamp = strangers });
        Expect(BundleFault.Snapshot, bundle, _rig.Trust with { Snapshot = strangers });
        Expect(BundleFault.Policy, bundle, _rig.Trust with { Targets = strangers });

        // Replaces the snapshot by a validly signed snapshot that the timestamp does not name.
        using BundleRig other = new() { Expires = _rig.Expires.AddDays(1) };
        ComponentBundle later = await other.BuildAsync();
        Expect(BundleFault.Snapshot, With(bundle, BundlePart.Snapshot, later[BundlePart.Snapshot]));
    }

    [Fact]
    public async Task Checkpoint_without_witness_or_from_another_snapshot_is_rejected()
    {
        ComponentBundle bundle = (await _rig.BuildAsync()).WithPackage(BundleRig.Package());
        Assert.True(SignedNote.TryParse(bundle[BundlePart.Checkpoint].Span, out SignedNote? note, out _));
        SignedNote alone = SignedNote.Create(note.Text, [.. note.Signatures.Take(2)]);
        Expect(BundleFault.Checkpoint, With(bundle, BundlePart.Checkpoint, alone.Encode()));
        using BundleRig other = new();
        other.Later.Add(other.Revocation(0, 2));
        Expect(BundleFault.OtherCheckpoint, With(bundle, BundlePart.Checkpoint, (await other.BuildAsync())[BundlePart.Checkpoint]));
    }

    [Fact]
    public async Task Bundle_older_than_the_maximum_age_or_from_the_future_is_rejected()
    {
        ComponentBundle bundle = (await _rig.BuildAsync()).WithPackage(BundleRig.Package());
        byte[] bytes = bundle.Encode();
        long made = _rig.Clock.Now.ToUnixTimeSeconds();
        _rig.Clock.Now = DateTimeOffset.FromUnixTimeSeconds(made + (29 * 86_400));
        Assert.True(_rig.Verifier().Verify(bytes).IsAccepted);
        Assert.Equal(BundleFault.TooOld, _rig.Verifier(TimeSpan.FromDays(28)).Verify(bytes).Fault);
        _rig.Clock.Now = DateTimeOffset.FromUnixTimeSeconds(made + (31 * 86_400));
        Assert.Equal(BundleFault.TooOld, _rig.Verifier().Verify(bytes).Fault);
        _rig.Clock.Now = DateTimeOffset.FromUnixTimeSeconds(made - 599);
        Assert.True(_rig.Verifier().Verify(bytes).IsAccepted);
        _rig.Clock.Now = DateTimeOffset.FromUnixTimeSeconds(made - 601);
        Assert.Equal(BundleFault.FromFuture, _rig.Verifier().Verify(bytes).Fault);
    }

    [Fact]
    public async Task Roles_expired_at_the_checkpoint_are_rejected()
    {
        _rig.Expires = _rig.Clock.Now;
        Expect(BundleFault.Expired, (await _rig.BuildAsync()).WithPackage(BundleRig.Package()));
    }

    [Fact]
    public async Task Bundle_with_an_expired_namespace_record_is_rejected()
    {
        _rig.RecordExpires = _rig.Clock.Now;
        Expect(BundleFault.NamespaceExpired, (await _rig.BuildAsync()).WithPackage(BundleRig.Package()));
    }

    [Fact]
    public async Task Revoked_key_is_rejected_from_its_index_on_and_accepted_before()
    {
        // The release is at index 1. A key that is revoked from index 2 on stays valid for this release.
        _rig.Later.Add(_rig.Revocation(0, 2));
        BundleVerdict good = _rig.Verifier().Verify((await _rig.BuildAsync()).WithPackage(BundleRig.Package()).Encode());
        Assert.True(good.IsAccepted, good.Reason);

        // A key that is revoked from index 1 on does not count, so only one of the two signers counts.
        using BundleRig other = new();
        other.Later.Add(other.Revocation(0, 1));
        Expect(BundleFault.PublicationSigners, (await other.BuildAsync()).WithPackage(BundleRig.Package()));
    }

    [Fact]
    public async Task Later_key_rotation_keeps_the_bundle_valid_and_its_record_is_rejected()
    {
        using DocumentSigner fresh = BundleRig.Signer(40);
        _rig.Later.Add(_rig.Rotation(fresh));
        ComponentBundle bundle = (await _rig.BuildAsync()).WithPackage(BundleRig.Package());
        Assert.True(_rig.Verifier().Verify(bundle.Encode()).IsAccepted);
        ReadOnlyMemory<byte> rotation = _rig.Later[0];
        Expect(BundleFault.NamespaceRecord, With(bundle, BundlePart.NamespaceRecord, rotation));
        Expect(BundleFault.NamespaceRecord, With(bundle, BundlePart.NamespaceRecordProof, bundle[BundlePart.PublicationProof]));

        // The log contains the rotation record and proves its inclusion, but the record was not in effect yet when the release was
        // published.
        ReadOnlyMemory<byte> proof = await _rig.ProveAsync(bundle, 2);
        Expect(BundleFault.NamespaceRecord,
            With(With(bundle, BundlePart.NamespaceRecord, rotation), BundlePart.NamespaceRecordProof, proof));
    }

    [Fact]
    public async Task Publication_missing_from_the_log_is_rejected_although_signed()
    {
        // The same owners sign the same entry again. Signatures are randomized, so the new envelope differs from the logged envelope.
        ComponentBundle bundle = (await _rig.BuildAsync()).WithPackage(BundleRig.Package());
        Assert.True(LogEntry.TryRead(bundle[BundlePart.Publication].Span, out _, out LogEntry? entry, out _));
        Expect(BundleFault.Publication, With(bundle, BundlePart.Publication, entry.Sign(_rig.Owners[..2]).ToJson()));
    }

    [Fact]
    public async Task Parts_of_other_registries_or_releases_are_rejected()
    {
        ComponentBundle bundle = (await _rig.BuildAsync()).WithPackage(BundleRig.Package());
        using BundleRig other = new();
        other.Later.Add(other.Revocation(0, 1));
        ComponentBundle revoked = await other.BuildAsync();
        Expect(BundleFault.Namespace, With(bundle, BundlePart.NamespaceState, revoked[BundlePart.NamespaceState]));
        Expect(BundleFault.Publication, With(bundle, BundlePart.Publication, bundle[BundlePart.NamespaceRecord]));

        // A revocation cannot be omitted: the namespace map does not contain the state without the revocation.
        Expect(BundleFault.Namespace,
            With(revoked.WithPackage(BundleRig.Package()), BundlePart.NamespaceState, bundle[BundlePart.NamespaceState]));
    }

    [Fact]
    public async Task Release_statement_must_be_signed_by_owners_and_match_the_publication()
    {
        _rig.ReleaseSigners = owners => owners[..1];
        Expect(BundleFault.ReleaseSigners, (await _rig.BuildAsync()).WithPackage(BundleRig.Package()));
        using BundleRig strangers = new() { ReleaseSigners = owners => [owners[0], BundleRig.Signer(77)] };
        Expect(BundleFault.ReleaseSigners, (await strangers.BuildAsync()).WithPackage(BundleRig.Package()));
        foreach ((string what, string instead) in new[] { ("@acme/card", "@acme/cart"), ("1.0.0", "1.0.1"),
            ("\"type\":\"release\"", "\"type\":\"other\"") })
        {
            using BundleRig other = new() { Statement = statement => statement.Replace(what, instead, StringComparison.Ordinal) };
            Expect(BundleFault.OtherRelease, (await other.BuildAsync()).WithPackage(BundleRig.Package()));
        }

        foreach (string member in new[] { "root3", "manifestSha256" })
        {
            using BundleRig other = new() { Statement = statement => Changed(statement, member) };
            Expect(BundleFault.Package, (await other.BuildAsync()).WithPackage(BundleRig.Package()));
        }

        using BundleRig wrongRoot = new() { Statement = statement => Changed(statement, "root256") };
        Expect(BundleFault.OtherRelease, (await wrongRoot.BuildAsync()).WithPackage(BundleRig.Package()));
        using BundleRig first = new(), second = new() { Statement = statement => statement + " " };
        ComponentBundle bundle = (await first.BuildAsync()).WithPackage(BundleRig.Package());
        Expect(BundleFault.OtherRelease, With(bundle, BundlePart.Release, (await second.BuildAsync())[BundlePart.Release]));

        // The owners signed a second statement about the same files, but did not publish the second statement.
        using BundleRig relicensed = new() { Statement = statement => statement.Replace("Apache-2.0", "MIT", StringComparison.Ordinal) };
        Expect(BundleFault.OtherRelease, With(bundle, BundlePart.Release, (await relicensed.BuildAsync())[BundlePart.Release]));

        // Signatures on a publication are not valid for a release, although the same owners made them.
        Expect(BundleFault.ReleaseSigners, With(bundle, BundlePart.Release, bundle[BundlePart.Publication]));
    }

    // Changes the first digit of a digest.
    private static string Changed(string statement, string member)
    {
        int at = statement.IndexOf($"\"{member}\":\"", StringComparison.Ordinal) + member.Length + 4;
        return statement[..at] + (statement[at] == '0' ? '1' : '0') + statement[(at + 1)..];
    }

    private static ComponentBundle With(ComponentBundle bundle, BundlePart part, ReadOnlyMemory<byte> content) =>
        ComponentBundle.Create(Enum.GetValues<BundlePart>().ToDictionary(one => one, one => one == part ? content : bundle[one]));

    private void Expect(BundleFault fault, ComponentBundle bundle, BundleTrust? trust = null)
    {
        BundleVerdict verdict = new BundleVerifier(trust ?? _rig.Trust, _rig.Clock, TimeSpan.FromDays(30)).Verify(bundle.Encode());
        Assert.Equal(fault, verdict.Fault);
        Assert.False(verdict.IsAccepted);
        Assert.NotEmpty(verdict.Reason);
    }
}
