using Estream.Circuits;
using Estream.Crypto;
using Estream.Marketplace.Governance;

namespace Estream.Marketplace.Tests.Governance;

/// <summary>The widget circuit as a registry runs it: over temporary queues, because the registry stores publishers and versions
/// elsewhere.</summary>
public sealed class WidgetReviewTests
{
    private readonly WidgetStore _store = new();

    [Fact]
    public void Decide_returns_the_decision_of_the_circuit()
    {
        WidgetSubmission good = _store.Put(new WidgetSubmission());
        Assert.Equal((true, "", ""), Said(Decide(good)));
        Assert.Equal((false, "csp_violation"), Short(Decide(_store.Put(good with { Bundle = WidgetStore.File("eval.js") }))));
        Assert.Equal((false, "incomplete_manifest"),
            Short(Decide(_store.Put(good with { Manifest = WidgetStore.File("no-title.manifest.yaml") }))));
        Assert.Equal((false, "invalid_publisher_identity"), Short(Decide(good, publisher: WidgetKeys.Stranger)));
        Assert.Equal((false, "invalid_publisher_identity"), Short(Decide(good, scope: "@acme2")));
        Assert.Equal((false, "invalid_publisher_identity"), Short(WidgetPublishReview.Decide(new byte[40], [], null, _store.Find)));
    }

    [Theory]
    [InlineData(null, true)]
    [InlineData("0.9.0", true)]
    [InlineData("1.0.0", false)]
    [InlineData("1.0.1", false)]
    public void Decide_rejects_a_version_that_is_not_higher_than_the_latest(string? latest, bool isApproved)
    {
        WidgetDecision decision = Decide(_store.Put(new WidgetSubmission()), latest);
        Assert.Equal((isApproved, isApproved ? "" : "version_not_incremented"), Short(decision));
    }

    [Fact]
    public void Decide_throws_on_storage_failures_and_returns_no_decision_on_other_errors()
    {
        WidgetSubmission good = _store.Put(new WidgetSubmission());
        _store.FailOnceAfter(0);
        Assert.Throws<Core.EstreamStorageException>(() => Decide(good));
        _store.Looked = () => throw new InvalidOperationException("broken");
        WidgetDecision decision = Decide(good);
        Assert.Null(decision.IsApproved);
        Assert.NotEmpty(Assert.Single(decision.Reasons));
    }

    [Fact]
    public void Request_is_read_back_as_written()
    {
        WidgetSubmission good = new();
        byte[] request = good.Release.ToRequest(good.Signed(WidgetKeys.Acme, WidgetRelease.PublishContext));
        Assert.Equal(good.Message(), request);
        Assert.True(WidgetRelease.TryRead(request, out WidgetRelease? release));
        Assert.Equal(good.Release.Digest(), release.Digest());
        Assert.False(WidgetRelease.TryRead(request.AsSpan(1), out _));
        Assert.False(WidgetRelease.TryRead([], out _));
    }

    private WidgetDecision Decide(WidgetSubmission submission, string? latest = null, MlDsa87PrivateKey? publisher = null,
        string scope = "@acme") =>
        WidgetPublishReview.Decide(submission.Message(), [new WidgetPublisher((publisher ?? WidgetKeys.Acme).PublicKey.PublicKey, scope)],
            latest, _store.Find);

    private static (bool? IsApproved, string Reasons) Short(WidgetDecision decision) =>
        (decision.IsApproved, string.Join(' ', decision.Reasons));

    private static (bool? IsApproved, string Reasons, string Details) Said(WidgetDecision decision) =>
        (decision.IsApproved, string.Join(' ', decision.Reasons), string.Join(' ', decision.Details));
}
