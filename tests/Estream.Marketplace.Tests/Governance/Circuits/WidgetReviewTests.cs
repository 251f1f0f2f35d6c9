using Estream.Circuits;
using Estream.Crypto;
using Estream.Marketplace.Governance;

namespace Estream.Marketplace.Tests.Governance;

/// <summary>The widget circuit as a registry asks it, which keeps publishers and versions elsewhere: it says what it says over queues of
/// its own.</summary>
public sealed class WidgetReviewTests
{
    private readonly WidgetStore _store = new();

    [Fact]
    public void A_registry_is_told_what_the_circuit_decides()
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
    public void A_version_has_to_come_behind_the_one_that_the_registry_names(string? latest, bool isApproved)
    {
        WidgetDecision decision = Decide(_store.Put(new WidgetSubmission()), latest);
        Assert.Equal((isApproved, isApproved ? "" : "version_not_incremented"), Short(decision));
    }

    [Fact]
    public void What_fails_for_a_while_is_no_decision()
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
    public void What_is_signed_is_asked_for_and_read_again()
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
