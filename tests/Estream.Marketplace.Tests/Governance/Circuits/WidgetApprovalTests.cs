using Estream.Circuits;
using Estream.Core;
using Estream.Crypto;
using Estream.Marketplace.Governance;
using Estream.Marketplace.Widgets;

namespace Estream.Marketplace.Tests.Governance;

/// <summary>The trust level of a release, from its publisher and its approvers, each key counted once.</summary>
public sealed class WidgetApprovalTests : WidgetCase
{
    private static readonly MlDsa87PrivateKey s_first = WidgetKeys.Approvers[0];
    private static readonly MlDsa87PrivateKey s_second = WidgetKeys.Approvers[1];

    private WidgetSubmission Wanted => Store.Put(Good with { Level = WidgetTrust.Verified });

    [Fact]
    public void Release_is_verified_with_the_required_number_of_approvers()
    {
        Decided decided = DecideOne(Wanted.ApprovedBy(s_first, s_second));
        Assert.Equal((true, "verified", 2), (decided.Approved, decided.Level, decided.Signatures));
        Assert.Equal([Convert.ToHexString(WidgetKeys.IdOf(s_first)), Convert.ToHexString(WidgetKeys.IdOf(s_second))], decided.Approvers);
        Assert.Empty(decided.Details);
    }

    [Fact]
    public void Release_is_community_with_one_approver_too_few()
    {
        Decided decided = DecideOne(Wanted.ApprovedBy(s_first));
        Assert.Equal((true, "community", 1), (decided.Approved, decided.Level, decided.Signatures));
        Assert.Equal(
            "'community' instead of 'verified': 1 valid approvals, and 'verified' requires 2; 'trusted' is reserved for the "
            + "organization", Assert.Single(decided.Details));
    }

    [Fact]
    public void Approver_key_counts_once_however_often_it_signs()
    {
        // Signs a second time with the same key; the second signature has different bytes.
        byte[] other = Wanted.Release.Approve(s_first);
        WidgetSubmission twice = Wanted.ApprovedBy(s_first);
        twice = twice with { Approvals = [.. twice.Approvals, (WidgetKeys.IdOf(s_first), other), .. twice.Approvals] };
        Decided decided = DecideOne(twice);
        Assert.Equal(("community", 1), (decided.Level, decided.Signatures));
    }

    [Fact]
    public void Approval_counts_only_from_a_registered_approver_for_this_release()
    {
        WidgetSubmission wanted = Wanted;
        WidgetSubmission other = wanted.At("1.0.1");
        byte[] broken = wanted.Release.Approve(s_second);
        broken[100] ^= 1;
        (byte[] Id, byte[] Signature)[] none =
        [
            (WidgetKeys.IdOf(WidgetKeys.Approvers[2]), wanted.Release.Approve(WidgetKeys.Approvers[2])),
            (WidgetKeys.IdOf(WidgetKeys.Acme), wanted.Release.Approve(WidgetKeys.Acme)),
            (WidgetKeys.IdOf(WidgetKeys.Organization), wanted.Release.Approve(WidgetKeys.Organization)),
            (WidgetKeys.IdOf(s_second), wanted.Release.Sign(s_second)),
            (WidgetKeys.IdOf(s_second), other.Release.Approve(s_second)),
            (WidgetKeys.IdOf(s_second), wanted.Release.Approve(s_first)),
            (WidgetKeys.IdOf(s_second), broken),
            (WidgetKeys.IdOf(s_second), []),
        ];
        Decided decided = DecideOne(wanted.ApprovedBy(s_first) with { Approvals = [.. wanted.ApprovedBy(s_first).Approvals, .. none] });
        Assert.Equal(("community", 1), (decided.Level, decided.Signatures));

        // An invalid approval does not prevent a valid one from counting.
        decided = DecideOne((other with { Approvals = none }).ApprovedBy(s_second, s_first));
        Assert.Equal(("verified", 2), (decided.Level, decided.Signatures));
    }

    [Fact]
    public void Approvals_beyond_the_limit_are_ignored()
    {
        (byte[], byte[])[] many = [.. Enumerable.Repeat((WidgetKeys.IdOf(s_first), new byte[4]), WidgetPublishLimits.MaxApprovals - 1)];
        Decided decided = DecideOne((Wanted with { Approvals = many }).ApprovedBy(s_first, s_second));
        Assert.Equal(("community", 1), (decided.Level, decided.Signatures));
    }

    [Fact]
    public void Organization_is_trusted_and_no_level_exceeds_the_requested_one()
    {
        WidgetSubmission own = Good with
        {
            WidgetId = "@estream/clock",
            Manifest = WidgetStore.Replaced(Good.Manifest, "@acme/impact-counter", "@estream/clock"),
            Publisher = WidgetKeys.Organization,
        };
        string[] levels = [.. Decide(
            (own with { Level = WidgetTrust.Trusted }).At("1.0.1"),
            (own with { Level = WidgetTrust.Verified }).At("1.0.2"),
            (own with { Level = WidgetTrust.Community }).At("1.0.3"),
            (own with { Level = "root" }).At("1.0.4"),
            Good.ApprovedBy(s_first, s_second)).Select(one => one.Level!)];
        Assert.Equal(["trusted", "verified", "community", "community", "community"], levels);
        Decided others = DecideOne((Good with { Level = WidgetTrust.Trusted }).At("2.0.0").ApprovedBy(s_first, s_second));
        Assert.Equal(("verified", 2), (others.Level, others.Signatures));
    }

    [Fact]
    public void Revoked_key_neither_publishes_nor_approves()
    {
        Register(Identity(WidgetKeys.Acme, PublisherRole.Publisher, "@acme", revoked: true),
            Identity(s_second, PublisherRole.Approver, revoked: true));
        AssertRejected(Good, WidgetRejection.InvalidPublisherIdentity);
        Register(Identity(WidgetKeys.Acme, PublisherRole.Publisher, "@acme"));
        Assert.Equal("community", DecideOne(Wanted.ApprovedBy(s_first, s_second)).Level);
        Register(Identity(s_second, PublisherRole.Approver));
        Assert.Equal("verified", DecideOne(Wanted.At("1.0.1").ApprovedBy(s_first, s_second)).Level);
    }

    [Fact]
    public void Key_registered_with_another_id_is_ignored()
    {
        Register(Identity(WidgetKeys.Stranger, PublisherRole.Publisher, "@acme", id: WidgetKeys.IdOf(WidgetKeys.Acme)));
        AssertRejected(Good, WidgetRejection.InvalidPublisherIdentity);
        AssertRejected(Good with { Signer = WidgetKeys.Stranger }, WidgetRejection.InvalidPublisherIdentity);
    }

    [Fact]
    public void Approver_key_cannot_publish()
    {
        Register(Identity(WidgetKeys.Approvers[2], PublisherRole.Approver, "@acme"));
        AssertRejected(Good with { Publisher = WidgetKeys.Approvers[2] }, WidgetRejection.InvalidPublisherIdentity);
    }

    [Fact]
    public void Circuit_stops_on_a_damaged_key_registration()
    {
        byte[] damaged = Identity(WidgetKeys.Acme, PublisherRole.Publisher, "@acme", revoked: true);

        // Changes the high byte of the length of the scope.
        damaged[57] = 0x7F;
        Register([1, 2, 3], damaged);
        AppendRaw(Requests, Store.Put(Good).Message());
        using var running = Assert.Single(Circuit.Pipelines).Open(Resources);
        for (int round = 0; round < 3; round++)
        {
            Assert.Contains("so its key is unknown",
                Assert.Throws<EstreamFormatException>(() => running.Results.RunToEnd()).Message, StringComparison.Ordinal);
        }

        Assert.Empty(AllDecisions());
        using PublisherRegistry few = new(Resources.Queue("others"), limit: 1);
        AppendRaw("others", Identity(s_first, PublisherRole.Approver), Identity(s_first, PublisherRole.Approver, revoked: true),
            Identity(s_second, PublisherRole.Approver));
        few.Advance();
        AppendRaw("others", Identity(s_first, PublisherRole.Approver));
        Assert.Throws<EstreamFormatException>(few.Advance);
        Assert.Throws<EstreamFormatException>(few.Advance);
    }
}
