using Estream.Circuits;
using Estream.Core;
using Estream.Esf.Schema;
using Estream.Marketplace.Governance;
using Estream.Streams.Pipelines;

namespace Estream.Marketplace.Tests.Governance;

/// <summary>A version is published once and is higher than the versions before it: within a batch, after a restart, and with replayed
/// requests.</summary>
public sealed class PublishedVersionTests : WidgetCase
{
    private static readonly string[] s_once = [WidgetRejection.VersionNotIncremented];

    [Fact]
    public void First_of_two_releases_of_one_version_in_a_batch_is_published()
    {
        WidgetSubmission other = Good with { Bundle = [.. Good.Bundle, (byte)'\n'] };
        List<Decided> decided = Decide(Good, other, Good, Good.At("1.0.1"), Good.At("1.0.1"), Good.At("1.0.1-rc.1"), Good.At("1.1.0"));
        Assert.Equal([true, false, false, true, false, false, true], decided.Select(one => one.Approved));
        Assert.Equal([null, "1.0.0", "1.0.0", "1.0.0", "1.0.1", "1.0.1", "1.0.1"], decided.Select(one => one.Latest));
        Assert.All(decided.Where(one => !one.Approved), one => Assert.Equal(s_once, one.Reasons));
        Assert.Equal("the version '1.0.1-rc.1' is not higher than the published version 1.0.1", Assert.Single(decided[5].Details));
    }

    [Theory]
    [InlineData("1.0.0-alpha", "1.0.0-alpha.1", true)]
    [InlineData("1.0.0-alpha.9", "1.0.0-alpha.10", true)]
    [InlineData("1.0.0-rc.1", "1.0.0", true)]
    [InlineData("1.9.0", "1.10.0", true)]
    [InlineData("1.0.0", "1.0.0-rc.1", false)]
    [InlineData("1.0.0", "1.0.0+other", false)]
    [InlineData("1.0.0", "01.1.0", false)]
    [InlineData("1.0.0", "2", false)]
    [InlineData("1.0.0", "", false)]
    public void Versions_are_ordered_by_semantic_versioning(string first, string second, bool isPublished)
    {
        // An empty version also makes the manifest incomplete.
        string[] reasons = isPublished ? [] : second.Length == 0 ? [WidgetRejection.IncompleteManifest, .. s_once] : s_once;
        List<Decided> decided = Decide(Good.At(first), Good.At(second));
        Assert.True(decided[0].Approved);
        Assert.Equal(reasons, decided[1].Reasons);
    }

    [Fact]
    public void Widgets_have_independent_versions()
    {
        WidgetSubmission other = Good with
        {
            WidgetId = "@acme/impact-counter2",
            Manifest = WidgetStore.Replaced(Good.Manifest, "impact-counter\"", "impact-counter2\""),
        };
        Assert.Equal([true, true, false], Decide(Good.At("2.0.0"), other, Good).Select(one => one.Approved));
    }

    [Fact]
    public void Published_versions_survive_a_restart()
    {
        Assert.True(DecideOne(Good.At("1.5.0")).Approved);
        Assert.Equal(s_once, DecideOne(Good.At("1.4.9")).Reasons);
        Reopen();
        Assert.Equal((false, "1.5.0"), DecideOne(Good.At("1.5.0")) is var again ? (again.Approved, again.Latest) : default);
        Assert.True(DecideOne(Good.At("1.5.1")).Approved);
    }

    [Fact]
    public void Replayed_requests_get_the_same_decision()
    {
        WidgetSubmission[] submissions = [Good, Good.At("1.1.0"), Good.At("1.0.5"), Good.At("1.2.0")];
        AppendRaw(Requests, [.. submissions.Select(one => Store.Put(one).Message())]);
        using RunningPipeline running = Assert.Single(Circuit.Pipelines).Open(Resources);

        // The store fails when the circuit looks up the bundle of the third request.
        Store.FailOnceAfter(5);
        Assert.Throws<EstreamStorageException>(() => running.Results.RunToEnd());
        Assert.Equal(2, AllDecisions().Count);
        Assert.Equal(2, running.Results.RunToEnd());
        Assert.Equal([(true, null), (true, "1.0.0"), (false, "1.1.0"), (true, "1.1.0")],
            AllDecisions().Select(one => (one.Approved, one.Latest)));
    }

    [Fact]
    public void Decision_that_could_not_be_written_does_not_block_its_request()
    {
        bool isFull = true;
        Circuit circuit = Circuit.Bind(
            ["identity_verifier", "manifest_validator", "bundle_integrity", "version_checker", "approval_aggregator"],
            opening =>
            {
                PublisherRegistry registry = opening.Own(new PublisherRegistry(opening.Resources.Queue(Publishers)));
                PublishedWidgets published = new(opening.Resources.Queue(Decisions));
                ApprovalAggregator aggregator = new(registry, published, 2);
                return new Dictionary<string, CircuitFunction>
                {
                    ["identity_verifier"] = new IdentityVerifier(registry).Run,
                    ["manifest_validator"] = new ManifestCompleteness(Store.Find).Run,
                    ["bundle_integrity"] = new BundleIntegrity(Store.Find).Run,
                    ["version_checker"] = new VersionChecker(published).Run,
                    ["approval_aggregator"] = (ref NodeCall call) =>
                    {
                        aggregator.Run(ref call);
                        if (isFull)
                        {
                            throw new EstreamStorageException("The disk is full.", null, StorageFailure.DiskFull);
                        }
                    },
                };
            });
        AppendRaw(Requests, Store.Put(Good.At("1.3.0")).Message(), Store.Put(Good.At("1.1.0")).Message());
        using RunningPipeline running = Assert.Single(circuit.Pipelines).Open(Resources);
        Assert.Throws<EstreamStorageException>(() => running.Results.RunToEnd());
        Assert.Throws<EstreamStorageException>(() => running.Results.RunToEnd());

        // The manifest of the first request is removed before the replay. Version 1.3.0 is therefore never published, and the lower version
        // of the second request is approved.
        isFull = false;
        Store.Remove(Good.At("1.3.0").Manifest);
        running.Results.RunToEnd();
        Assert.Equal([(false, null), (true, null)], AllDecisions().Select(one => (one.Approved, one.Latest)));
    }

    [Fact]
    public void Circuit_stops_on_damaged_or_too_many_decisions()
    {
        PublishedWidgets few = new(Resources.Queue(Decisions), limit: 1);
        Assert.Null(few.LatestBefore("a", 0));
        few.Add("a", Version("1.0.0"), 0);
        few.Add("a", Version("1.1.0"), 8);
        Assert.Equal("1.1.0", few.LatestBefore("a", 9)!.ToString());
        Assert.Equal("1.0.0", few.LatestBefore("a", 8)!.ToString());
        Assert.Throws<EstreamFormatException>(() => few.Add("b", Version("1.0.0"), 16));

        Assert.True(DecideOne(Good).Approved);
        byte[] damaged = FirstMessage(Decisions);
        damaged[22] ^= 0x40;
        AppendRaw(Decisions, [0, 1, 2], FirstMessage(Requests), damaged);
        AppendRaw(Requests, Good.At("1.0.1").Message());
        using RunningPipeline running = Assert.Single(Circuit.Pipelines).Open(Resources);
        for (int round = 0; round < 3; round++)
        {
            EstreamFormatException damage = Assert.Throws<EstreamFormatException>(() => running.Results.RunToEnd());
            Assert.Contains("is damaged, so its version is unknown", damage.Message, StringComparison.Ordinal);
        }
    }

    private static Esf.Schema.SemanticVersion Version(string text) =>
        Esf.Schema.SemanticVersion.TryParse(text, out Esf.Schema.SemanticVersion? version, out _)
            ? version!
            : throw new ArgumentException(text);
}
