using Estream.Marketplace.Tests.Trust.Log;
using Estream.Marketplace.Trust.Bundles;
using Estream.Marketplace.Trust.Dsse;
using Estream.Marketplace.Trust.Log;
using Estream.Marketplace.Trust.Namespaces;
using Estream.Marketplace.Trust.Roles;

namespace Estream.Marketplace.Tests.Trust.Bundles;

/// <summary>A bundle is taken when every link holds, and refused with its reason when one does not.</summary>
public sealed class BundleVerifierTests : IDisposable
{
    private readonly BundleRig _rig = new();

    public void Dispose() => _rig.Dispose();

    [Fact]
    public async Task A_whole_bundle_is_taken_from_its_bytes_alone()
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
    public async Task A_package_with_other_files_or_none_at_all_is_refused()
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
    public async Task Any_bit_of_any_part_matters_or_is_covered_by_nothing_that_is_believed()
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
                // A bit of the gzip's own head, or of a signature beside those that are needed.
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
    public async Task A_bundle_cut_anywhere_is_none()
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
    public async Task Roles_of_strangers_are_not_believed()
    {
        ComponentBundle bundle = (await _rig.BuildAsync()).WithPackage(BundleRig.Package());
        RoleKeys strangers = new([BundleRig.Signer(99).Key], 1);
        Expect(BundleFault.Timestamp, bundle, _rig.Trust with { Timestamp = strangers });
        Expect(BundleFault.Snapshot, bundle, _rig.Trust with { Snapshot = strangers });
        Expect(BundleFault.Policy, bundle, _rig.Trust with { Targets = strangers });

        // A snapshot that is signed well, but not the one of the timestamp.
        using BundleRig other = new() { Expires = _rig.Expires.AddDays(1) };
        ComponentBundle later = await other.BuildAsync();
        Expect(BundleFault.Snapshot, With(bundle, BundlePart.Snapshot, later[BundlePart.Snapshot]));
    }

    [Fact]
    public async Task A_checkpoint_without_its_witness_or_of_another_moment_is_refused()
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
    public async Task A_bundle_grows_too_old_and_does_not_come_from_the_future()
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
    public async Task Roles_that_had_expired_when_the_checkpoint_was_made_do_not_count()
    {
        _rig.Expires = _rig.Clock.Now;
        Expect(BundleFault.Expired, (await _rig.BuildAsync()).WithPackage(BundleRig.Package()));
    }

    [Fact]
    public async Task Owners_who_did_not_renew_their_record_do_not_count()
    {
        _rig.RecordExpires = _rig.Clock.Now;
        Expect(BundleFault.NamespaceExpired, (await _rig.BuildAsync()).WithPackage(BundleRig.Package()));
    }

    [Fact]
    public async Task Key_revoked_from_an_index_on_does_not_count_there_and_counts_before()
    {
        // The release is at index 1. From 2 on the key is revoked: it stays good.
        _rig.Later.Add(_rig.Revocation(0, 2));
        BundleVerdict good = _rig.Verifier().Verify((await _rig.BuildAsync()).WithPackage(BundleRig.Package()).Encode());
        Assert.True(good.IsAccepted, good.Reason);

        // From 1 on: one of the two who signed does not count.
        using BundleRig other = new();
        other.Later.Add(other.Revocation(0, 1));
        Expect(BundleFault.PublicationSigners, (await other.BuildAsync()).WithPackage(BundleRig.Package()));
    }

    [Fact]
    public async Task A_rotation_later_changes_nothing_and_its_record_is_not_the_one_that_counted()
    {
        using DocumentSigner fresh = BundleRig.Signer(40);
        _rig.Later.Add(_rig.Rotation(fresh));
        ComponentBundle bundle = (await _rig.BuildAsync()).WithPackage(BundleRig.Package());
        Assert.True(_rig.Verifier().Verify(bundle.Encode()).IsAccepted);
        ReadOnlyMemory<byte> rotation = _rig.Later[0];
        Expect(BundleFault.NamespaceRecord, With(bundle, BundlePart.NamespaceRecord, rotation));
        Expect(BundleFault.NamespaceRecord, With(bundle, BundlePart.NamespaceRecordProof, bundle[BundlePart.PublicationProof]));

        // The log has that record, and proves it: but it did not count yet when the release was published.
        ReadOnlyMemory<byte> proof = await _rig.ProveAsync(bundle, 2);
        Expect(BundleFault.NamespaceRecord,
            With(With(bundle, BundlePart.NamespaceRecord, rotation), BundlePart.NamespaceRecordProof, proof));
    }

    [Fact]
    public async Task A_publication_that_the_log_does_not_have_is_refused_though_its_owners_signed_it()
    {
        // The same words by the same owners: a signature is never made twice, and this one was not logged.
        ComponentBundle bundle = (await _rig.BuildAsync()).WithPackage(BundleRig.Package());
        Assert.True(LogEntry.TryRead(bundle[BundlePart.Publication].Span, out _, out LogEntry? entry, out _));
        Expect(BundleFault.Publication, With(bundle, BundlePart.Publication, entry.Sign(_rig.Owners[..2]).ToJson()));
    }

    [Fact]
    public async Task Parts_of_other_registries_and_releases_do_not_fit()
    {
        ComponentBundle bundle = (await _rig.BuildAsync()).WithPackage(BundleRig.Package());
        using BundleRig other = new();
        other.Later.Add(other.Revocation(0, 1));
        ComponentBundle revoked = await other.BuildAsync();
        Expect(BundleFault.Namespace, With(bundle, BundlePart.NamespaceState, revoked[BundlePart.NamespaceState]));
        Expect(BundleFault.Publication, With(bundle, BundlePart.Publication, bundle[BundlePart.NamespaceRecord]));

        // A revocation cannot be left out: the state that does not have it is not the one of the map.
        Expect(BundleFault.Namespace,
            With(revoked.WithPackage(BundleRig.Package()), BundlePart.NamespaceState, bundle[BundlePart.NamespaceState]));
    }

    [Fact]
    public async Task The_release_statement_is_signed_by_its_owners_and_says_what_was_published()
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

        // The same owners signed another statement about the same files: it is not the one that was published.
        using BundleRig relicensed = new() { Statement = statement => statement.Replace("Apache-2.0", "MIT", StringComparison.Ordinal) };
        Expect(BundleFault.OtherRelease, With(bundle, BundlePart.Release, (await relicensed.BuildAsync())[BundlePart.Release]));

        // The signatures of a publication are none of a release, though they are of the same owners.
        Expect(BundleFault.ReleaseSigners, With(bundle, BundlePart.Release, bundle[BundlePart.Publication]));
    }

    // Another first digit of a digest.
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
