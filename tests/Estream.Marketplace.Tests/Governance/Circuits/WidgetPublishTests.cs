using System.Text;
using Estream.Circuits;
using Estream.Core;
using Estream.Esf;
using Estream.Marketplace.Governance;
using Estream.Marketplace.Widgets;
using Estream.Streams.Pipelines;

namespace Estream.Marketplace.Tests.Governance;

/// <summary>The decision about a request lists every reason for a rejection, and no other.</summary>
public sealed class WidgetPublishTests : WidgetCase
{
    // Larger than any permitted bundle.
    private static readonly byte[] s_long =
        Encoding.UTF8.GetBytes("export default () => null;" + new string('\n', WidgetPublishLimits.MaxBundleBytes));

    [Fact]
    public void Valid_release_is_published()
    {
        Decided decided = DecideOne(Good);
        Assert.Equal(("@acme/impact-counter", "1.0.0", true, "community", null),
            (decided.WidgetId, decided.Version, decided.Approved, decided.Level, decided.Latest));
        Assert.Empty(decided.Reasons.Concat(decided.Details).Concat(decided.Approvers));
    }

    [Fact]
    public void Unregistered_publisher_is_rejected() =>
        AssertRejected(Good with { Publisher = WidgetKeys.Stranger }, WidgetRejection.InvalidPublisherIdentity);

    [Fact]
    public void Signature_of_another_key_is_rejected() =>
        AssertRejected(Good with { Signer = WidgetKeys.Organization }, WidgetRejection.InvalidPublisherIdentity);

    [Fact]
    public void Widget_in_another_scope_is_rejected()
    {
        WidgetSubmission other = Good with
        {
            WidgetId = "@acme2/impact-counter",
            Manifest = WidgetStore.Replaced(Good.Manifest, "@acme/", "@acme2/"),
        };
        AssertRejected(other, WidgetRejection.InvalidPublisherIdentity);
        AssertRejected(other with
        {
            WidgetId = "@estream/impact-counter",
            Manifest = WidgetStore.Replaced(Good.Manifest, "@acme/", "@estream/"),
        }, WidgetRejection.InvalidPublisherIdentity);
    }

    [Fact]
    public void Incomplete_manifest_is_rejected() =>
        AssertRejected(Good with { Manifest = WidgetStore.File("no-title.manifest.yaml") }, WidgetRejection.IncompleteManifest);

    [Fact]
    public void Manifest_of_another_release_is_rejected()
    {
        AssertRejected(Good with { Version = "1.0.1" }, WidgetRejection.IncompleteManifest);
        AssertRejected(Good with { Roles = ["operator", "admin"] }, WidgetRejection.IncompleteManifest);
        AssertRejected(Good with { WidgetId = "@acme/other" }, WidgetRejection.IncompleteManifest);
    }

    [Fact]
    public void Bundle_of_another_size_is_rejected() =>
        AssertRejected(Good with { DeclaredBytes = 5 }, WidgetRejection.BundleIntegrityFailed);

    [Fact]
    public void Content_that_the_store_returns_is_verified_against_its_hash()
    {
        WidgetSubmission good = Good;
        byte[] request = good.Message();
        Store.PutAs(good.Release.BundleHash.Span, WidgetStore.File("eval.js"));
        Assert.Equal([WidgetRejection.BundleIntegrityFailed], DecideStored(request).Reasons);
        Store.Remove(good.Bundle);
        Assert.Equal([WidgetRejection.BundleIntegrityFailed], DecideStored(request).Reasons);
        Store.PutAs(good.Release.BundleHash.Span, good.Bundle);
        Store.PutAs(good.Release.ManifestHash.Span, WidgetStore.File("no-title.manifest.yaml"));
        Assert.Equal([WidgetRejection.IncompleteManifest], DecideStored(request).Reasons);
        Store.PutAs(good.Release.ManifestHash.Span, new byte[WidgetPublishLimits.MaxManifestBytes + 1]);
        Assert.Equal(["the manifest is too long"], DecideStored(request).Details);
        Store.Remove(good.Manifest);
        Assert.Equal([WidgetRejection.IncompleteManifest], DecideStored(request).Reasons);

        // After the content is stored again, the same request is approved.
        Store.Put(good);
        Assert.True(DecideStored(request).Approved);
    }

    [Theory]
    [InlineData(5_000_001UL)]
    [InlineData(ulong.MaxValue)]
    public void Bundle_declared_too_large_is_rejected_without_fetching(ulong declared)
    {
        int looks = 0;
        Store.Looked = () => looks++;
        AssertRejected(Good with { DeclaredBytes = declared }, WidgetRejection.BundleTooLarge);

        // Both look-ups are for the manifest: one by the pipeline that computes results, and one by the pipeline that writes rejected
        // messages.
        Assert.Equal(2, looks);
    }

    [Fact]
    public void Bundle_of_more_than_five_million_bytes_is_rejected()
    {
        byte[] manifest = WidgetStore.Replaced(Good.Manifest, "    max_bundle_size_kb: 500\n", "");
        WidgetSubmission most = Good with { Manifest = manifest, Bundle = s_long[..WidgetPublishLimits.MaxBundleBytes] };
        AssertRejected(most with { Bundle = s_long[..(WidgetPublishLimits.MaxBundleBytes + 1)] }, WidgetRejection.BundleTooLarge);
        AssertRejected(most with { Bundle = s_long, DeclaredBytes = 7 }, WidgetRejection.BundleIntegrityFailed,
            WidgetRejection.BundleTooLarge);
        AssertRejected(most with { Manifest = Good.Manifest }, WidgetRejection.BundleTooLarge);
        Assert.True(DecideOne(most).Approved);
    }

    [Fact]
    public void Unknown_role_is_rejected() =>
        AssertRejected(Good with { Roles = ["operator", "root"], Manifest = WidgetStore.File("other-role.manifest.yaml") },
            WidgetRejection.InvalidRoleDeclaration);

    [Fact]
    public void Code_created_from_text_is_rejected() =>
        AssertRejected(Good with { Bundle = WidgetStore.File("eval.js") }, WidgetRejection.CspViolation);

    [Fact]
    public void Undeclared_peer_dependency_is_rejected() =>
        AssertRejected(Good with { Manifest = WidgetStore.File("no-react.manifest.yaml") }, WidgetRejection.MissingPeerDependency);

    [Fact]
    public void Decision_lists_all_reasons()
    {
        Decided decided = DecideOne(Everything);
        Assert.Equal(WidgetRejection.All, decided.Reasons);
        Assert.False(decided.Approved);
        Assert.Contains("'title' is missing in 'widget'", decided.Details);
        Assert.Contains("line 4: Function creates code from text", decided.Details);
        Assert.Contains("'1.0' is not a version of Semantic Versioning 2.0", decided.Details);
        Assert.Contains("the signature is not by the publisher over this release", decided.Details);
    }

    [Fact]
    public void Decision_lists_any_two_reasons_together()
    {
        (string Reason, Func<WidgetSubmission, WidgetSubmission> Break)[] wrong =
        [
            (WidgetRejection.InvalidPublisherIdentity, one => one with { Signer = WidgetKeys.Stranger }),
            (WidgetRejection.IncompleteManifest, one =>
                one with { Manifest = WidgetStore.Replaced(one.Manifest, "  icon: \"assets/icon.svg\"\n", "") }),
            (WidgetRejection.BundleIntegrityFailed, one =>
                one with { DeclaredBytes = (one.DeclaredBytes ?? (ulong)one.Bundle.Length) - 1 }),
            (WidgetRejection.BundleTooLarge, one =>
                one with
                {
                    Manifest = WidgetStore.Replaced(one.Manifest, "kb: 500", "kb: 1"),
                    Bundle = [.. one.Bundle, .. Encoding.UTF8.GetBytes(new string('\n', 1_500))],
                }),
            (WidgetRejection.InvalidRoleDeclaration, one =>
                one with { Manifest = WidgetStore.Replaced(one.Manifest, "\"operator\"", "\"root\""), Roles = ["root"] }),
            (WidgetRejection.VersionNotIncremented, one => one.At("0.9.0")),
            (WidgetRejection.CspViolation, one => one with { Bundle = [.. one.Bundle, .. "eval('1');"u8] }),
            (WidgetRejection.MissingPeerDependency, one =>
                one with { Manifest = WidgetStore.Replaced(one.Manifest, "    react: \"^18.0.0\"\n", "") }),
        ];
        Assert.True(DecideOne(Good).Approved);
        for (int first = 0; first < wrong.Length; first++)
        {
            // Version 1.0.0 is published now. Each request therefore has version 1.0.1, except a request that tests a version that is too
            // low.
            for (int second = 0; second < wrong.Length; second++)
            {
                if (first == second)
                {
                    continue;
                }

                WidgetSubmission one = wrong[second].Break(wrong[first].Break(Good));
                one = one.Version == "1.0.0" ? one.At("1.0.1") : one;
                string[] expected =
                    [.. WidgetRejection.All.Where(reason => reason == wrong[first].Reason || reason == wrong[second].Reason)];
                Assert.Equal(expected, DecideOne(one).Reasons);
            }
        }
    }

    [Fact]
    public void Invalid_request_is_rejected_and_later_requests_are_decided()
    {
        byte[] good = Good.Message();
        byte[] cut = good[..^1], damaged = [.. good];
        damaged[22] ^= 0x40;

        // The header states another version of the message, which the circuit cannot interpret.
        byte[] relative = [.. good];
        relative[0] ^= 1;
        WidgetSubmission tooLong = Good with { Approvals = [.. Enumerable.Repeat((new byte[32], new byte[4_627]), 50)] };
        AppendRaw(Requests, cut, damaged, relative, tooLong.Message(), good);
        Run(Circuit);
        Assert.True(Assert.Single(AllDecisions()).Approved);
        List<string> letters = DeadLetters();
        Assert.Equal(4, letters.Count);
        Assert.Contains(letters, letter => letter.Contains("the request has more than 196608 bytes", StringComparison.Ordinal));
        Assert.Contains(letters,
            letter => letter.Contains("the message is not a WidgetPublishRequest of this version", StringComparison.Ordinal));
    }

    [Fact]
    public void Decision_that_breaks_an_invariant_is_rejected()
    {
        // Replaces the code of the nodes by code without the size rule. The circuit file still enforces that rule as an invariant.
        Circuit circuit = Circuit.Load(Path.Combine(WidgetStore.Folder, "widget-publish.circuit.yaml"));
        CircuitFunction approve = (ref NodeCall call) => call.Make(Approval(call.Buffer, 5_000_001));
        CircuitFunction through = (ref NodeCall call) => call.Make(WidestOf(call));
        string[] before = ["identity_verifier", "manifest_validator", "bundle_integrity", "version_checker"];
        Dictionary<string, CircuitFunction> code = before.ToDictionary(id => id, _ => through);
        code.Add("approval_aggregator", approve);
        AppendRaw(Requests, Good.Message());
        Run(circuit.Bind(code));
        Assert.Empty(AllDecisions());
        Assert.Contains("the invariant 'not decision.approved or decision.bundle_size_bytes <= 5MB' does not hold",
            Assert.Single(DeadLetters()), StringComparison.Ordinal);
    }

    [Fact]
    public void Bind_throws_for_another_circuit()
    {
        WidgetPublishOptions options = new() { Content = Store.Find };
        string file = File.ReadAllText(Path.Combine(WidgetStore.Folder, "widget-publish.circuit.yaml"));
        File.Copy(Path.Combine(WidgetStore.Folder, "widget-publish.esf.yaml"), Directory.Combine("widget-publish.esf.yaml"));
        foreach ((string written, string other, string expected) in new[]
        {
            ("name: publisher_identity", "name: identities", "an input 'publisher_identity'"),
            ("decision", "verdict", "an output 'decision'"),
            ("bundle_integrity", "bundle_checker", "a node 'bundle_integrity'"),
        })
        {
            Assert.Contains(written, file, StringComparison.Ordinal);
            string path = Directory.Combine("other.circuit.yaml");
            File.WriteAllText(path, file.Replace(written, other, StringComparison.Ordinal));
            Assert.Contains(expected, Assert.Throws<ArgumentException>(() => WidgetPublishCircuit.Load(path, options)).Message,
                StringComparison.Ordinal);
        }

        Assert.Throws<ArgumentException>(() => WidgetPublishCircuit.Bind(Circuit, options with { RequiredApprovals = 0 }));
        Assert.Throws<ArgumentException>(() => WidgetPublishCircuit.Bind(Circuit, options with { RequiredApprovals = 33 }));
    }

    private WidgetSubmission Everything => Store.Put(new WidgetSubmission
    {
        Version = "1.0",
        Manifest = WidgetStore.File("nothing-right.manifest.yaml"),
        Bundle = WidgetStore.File("large.js"),
        DeclaredBytes = 2_000,
        Roles = ["root"],
        Signer = WidgetKeys.Stranger,
    });

    private static int Approval(Span<byte> room, ulong bytes)
    {
        WidgetPublishDecision.Writer decision = WidgetPublishDecision.Write(room);
        decision.SetWidgetId("@acme/impact-counter");
        decision.SetVersion("1.0.0");
        decision.BundleSizeBytes = bytes;
        var roles = decision.BeginRequiredRoles();
        decision.EndRequiredRoles(in roles);
        decision.Approved = true;
        var reasons = decision.BeginRejectionReasons();
        decision.EndRejectionReasons(in reasons);
        var ids = decision.BeginApproverIds();
        decision.EndApproverIds(in ids);
        var signatures = decision.BeginApproverSignatures();
        decision.EndApproverSignatures(in signatures);
        var details = decision.BeginDetails();
        decision.EndDetails(in details);
        return decision.Length;
    }

    // Writes the output message of a node that adds nothing: no flag is set, and optional fields are absent.
    private static int WidestOf(in NodeCall call) => new EsfWidening(call.Takes, call.Makes).Begin(call.Message, call.Buffer);

    private Decided DecideStored(byte[] request)
    {
        AppendRaw(Requests, request);
        Run(Circuit);
        return AllDecisions()[^1];
    }
}
