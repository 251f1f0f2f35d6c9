using Estream.Queue.Tests.Support;

namespace Estream.Queue.Tests;

/// <summary>Invalid use of a claim cannot harm committed messages.</summary>
public sealed class ClaimTests : QueueCase
{
    [Fact]
    public void A_copy_of_a_used_claim_cannot_affect_the_next_claim()
    {
        using EstreamQueue queue = EstreamQueue.Open(QueueDirectory, Small);
        using QueueAppender appender = queue.CreateAppender(AppenderMode.Exclusive);
        AppendClaim first = appender.Claim(100);
        AppendClaim copy = first;
        "first"u8.CopyTo(first.Span);
        first.Commit(5);
        AppendClaim second = appender.Claim(100);
        copy.Dispose();
        Assert.Throws<InvalidOperationException>(() => appender.Append("between"u8));
        AssertUsed(copy);
        "second"u8.CopyTo(second.Span);
        second.Commit(6);
        AssertUsed(second);
        Assert.Equal(["first", "second"], Texts(queue));
    }

    [Fact]
    public void Committing_more_than_was_claimed_throws_and_leaves_the_claim_open()
    {
        using EstreamQueue queue = EstreamQueue.Open(QueueDirectory, Small);
        using QueueAppender appender = queue.CreateAppender(AppenderMode.Exclusive);
        using AppendClaim claim = appender.Claim(10);
        foreach (int length in (int[])[11, -1, int.MinValue, int.MaxValue])
        {
            AssertRefused(claim, length);
        }

        claim.Span.Fill((byte)'x');
        claim.Commit();
        Assert.Equal(["xxxxxxxxxx"], Texts(queue));
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(int.MinValue)]
    [InlineData(SegmentBytes)]
    [InlineData(int.MaxValue)]
    public void Claim_throws_for_an_invalid_length_and_claims_nothing(int length)
    {
        using EstreamQueue queue = EstreamQueue.Open(QueueDirectory, Small);
        using QueueAppender appender = queue.CreateAppender(AppenderMode.Exclusive);
        Assert.Throws<ArgumentException>(nameof(length), () => appender.Claim(length).Commit());
        appender.Append("goes on"u8);
        Assert.Equal(["goes on"], Texts(queue));
    }

    [Fact]
    public void An_open_claim_ends_with_its_appender()
    {
        using EstreamQueue queue = EstreamQueue.Open(QueueDirectory, Small);
        QueueAppender appender = queue.CreateAppender(AppenderMode.Exclusive);
        appender.Append("whole"u8);
        AppendClaim claim = appender.Claim(1_000);
        claim.Span.Fill(0xFF);
        appender.Dispose();
        AssertUsed(claim);
        claim.Dispose();
        using QueueAppender next = queue.CreateAppender(AppenderMode.Exclusive);
        next.Append("next"u8);
        Assert.Equal(["whole", "next"], Texts(queue));
        Assert.True(queue.Verify().IsWhole);
    }

    [Fact]
    public void A_claim_keeps_its_position_when_the_appender_moves_to_the_next_segment()
    {
        using EstreamQueue queue = EstreamQueue.Open(QueueDirectory, Small);
        using QueueAppender appender = queue.CreateAppender(AppenderMode.Exclusive);
        AppendUpTo(appender, 3);
        long position = appender.NextPosition;
        AppendClaim claim = appender.Claim(8);
        claim.Commit();
        AppendSegments(appender, 1);
        Assert.Equal(position, claim.Position);
    }

    [Fact]
    public void The_default_claim_does_nothing()
    {
        AppendClaim none = default;
        none.Dispose();
        Assert.Equal(0, none.Span.Length);
        AssertUsed(none);
    }

    [Fact]
    public void A_claim_that_does_not_fit_in_the_segment_starts_the_next_one()
    {
        using EstreamQueue queue = EstreamQueue.Open(QueueDirectory, Small);
        using QueueAppender appender = queue.CreateAppender(AppenderMode.Exclusive);
        appender.Append(new byte[40_000]);
        using (AppendClaim aborted = appender.Claim(30_000))
        {
            Assert.Equal(SegmentBytes + 256, aborted.Position);
        }

        using AppendClaim claim = appender.Claim(queue.MaxMessageBytes);
        Assert.Equal(SegmentBytes + 256, claim.Position);
        Assert.Equal(queue.MaxMessageBytes, claim.Span.Length);
        claim.Commit(0);
        Assert.Equal(2, appender.NextSequence);
        Assert.True(queue.Verify().IsWhole);
    }

    private static void AssertUsed(in AppendClaim claim)
    {
        try
        {
            claim.Commit(0);
        }
        catch (InvalidOperationException)
        {
            return;
        }

        Assert.Fail("a claim was committed twice");
    }

    private static void AssertRefused(in AppendClaim claim, int length)
    {
        try
        {
            claim.Commit(length);
        }
        catch (ArgumentOutOfRangeException)
        {
            return;
        }

        Assert.Fail($"{length} bytes of a claim of {claim.Span.Length} were committed");
    }
}
