using Estream.Net.Feeds;
using Estream.Testing;

namespace Estream.Net.Tests.Feeds;

/// <summary>Goal: each message once and in order, whatever one feed loses; a gap of both feeds is bounded in time and memory.</summary>
public sealed class FeedArbiterTests
{
    [Fact]
    public void Options_out_of_range_are_refused()
    {
        FeedArbiterOptions[] wrong =
        [
            new() { Feeds = 0 }, new() { Feeds = 9 }, new() { Window = 100 }, new() { Window = 8 }, new() { MaxMessageBytes = 0 },
            new() { MaxAhead = 10 }, new() { GapTimeout = TimeSpan.FromTicks(-1) }, new() { FirstSequence = -1 },
            new() { Window = 1 << 20, MaxMessageBytes = 65_527 },
        ];
        Assert.All(wrong, options => Assert.Throws<ArgumentException>(() => new FeedRig(options)));
        FeedRig rig = new();
        Assert.Throws<ArgumentOutOfRangeException>(() => rig.Send(2, 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => rig.Arbiter.StatisticsOf(-1));
        Assert.Throws<InvalidOperationException>(() => rig.Arbiter.TryResume(1));
        Assert.Throws<ArgumentOutOfRangeException>(() => rig.Arbiter.Reset(-1));
    }

    [Fact]
    public void The_first_copy_of_a_message_wins()
    {
        FeedRig rig = new();
        rig.Send(0, 1, 3);
        rig.Send(1, 1, 3);
        rig.Send(1, 4, 2);
        rig.Send(0, 4, 2);

        Assert.Equal([(1, 0), (2, 0), (3, 0), (4, 1), (5, 1)], rig.Messages);
        Assert.Equal((3, 2), (rig.Arbiter.StatisticsOf(0).Wins, rig.Arbiter.StatisticsOf(0).Duplicates));
        Assert.Equal((2, 3), (rig.Arbiter.StatisticsOf(1).Wins, rig.Arbiter.StatisticsOf(1).Duplicates));
        Assert.Equal([(FeedRig.Monday, false)], rig.Sessions);
    }

    [Fact]
    public void What_one_feed_loses_the_other_one_fills()
    {
        FeedRig rig = new();
        rig.Send(0, 1);
        rig.Send(0, 4, 2);
        Assert.Equal([1], rig.Sequences);
        Assert.Equal(2, rig.Arbiter.Statistics.Held);
        rig.Pass(9);
        rig.Send(1, 1, 4);

        Assert.Equal([(1, 0), (2, 1), (3, 1), (4, 0), (5, 0)], rig.Messages);
        Assert.Empty(rig.Gaps);
        Assert.Equal((2, 0), (rig.Arbiter.Statistics.Filled, rig.Arbiter.Statistics.Held));
    }

    [Fact]
    public void Packets_may_arrive_in_any_order_and_be_cut_differently()
    {
        FeedRig rig = new();
        rig.Send(0, 7, 3);
        rig.Send(1, 5, 4);
        rig.Send(0, 3, 1);
        rig.Send(1, 2, 3);
        rig.Send(0, 1, 12);

        Assert.Equal(Enumerable.Range(1, 12).Select(number => (long)number), rig.Sequences);
        Assert.Equal(12, rig.Arbiter.StatisticsOf(0).Wins + rig.Arbiter.StatisticsOf(1).Wins);
    }

    [Fact]
    public void One_feed_alone_is_enough()
    {
        FeedRig rig = new();
        for (int number = 1; number <= 100; number++)
        {
            rig.Send(1, number);
            rig.Pass(1);
        }

        Assert.Equal(100, rig.Messages.Count);
        Assert.Equal(0, rig.Arbiter.StatisticsOf(0).LastNanos);
        Assert.NotEqual(0, rig.Arbiter.StatisticsOf(1).LastNanos);
    }

    [Fact]
    public void A_gap_of_both_feeds_is_reported_after_its_timeout_and_can_be_skipped()
    {
        FeedRig rig = new() { Action = FeedGapAction.Skip };
        rig.Send(0, 1);
        rig.Send(1, 5);
        rig.Send(0, 8);
        rig.Pass(9.9);
        Assert.Empty(rig.Gaps);
        rig.Pass(0.1);

        Assert.Equal([new FeedGap(2, 3)], rig.Gaps);
        Assert.Equal([1, 5], rig.Sequences);
        rig.Send(0, 3);
        rig.Pass(10);
        Assert.Equal([new FeedGap(2, 3), new FeedGap(6, 2)], rig.Gaps);
        Assert.Equal([1, 5, 8], rig.Sequences);
        Assert.Equal(5, rig.Arbiter.Statistics.Lost);
    }

    [Fact]
    public void A_heartbeat_reveals_that_both_feeds_have_lost_the_last_message()
    {
        FeedRig rig = new() { Action = FeedGapAction.Skip };
        rig.Send(0, 1);
        rig.Send(0, 4, count: 0);
        rig.Pass(10);

        Assert.Equal([new FeedGap(2, 2)], rig.Gaps);
        Assert.Equal(4, rig.Arbiter.NextSequence);
    }

    [Fact]
    public void A_snapshot_fills_a_gap_and_what_was_kept_follows_it()
    {
        FeedRig rig = new();
        rig.Send(0, 1, 2);
        rig.Send(0, 5, 5);
        rig.Pass(10);
        Assert.Equal(FeedState.WaitingForSnapshot, rig.Arbiter.State);
        rig.Send(1, 10);
        Assert.Equal([1, 2], rig.Sequences);

        Assert.False(rig.Arbiter.TryResume(3), "4 is lost too");
        Assert.True(rig.Arbiter.TryResume(7));

        Assert.Equal(FeedState.Live, rig.Arbiter.State);
        Assert.Equal([1, 2, 8, 9, 10], rig.Sequences);
        Assert.Equal((1, 1, 0), (rig.Arbiter.Statistics.Gaps, rig.Arbiter.Statistics.Resumed, rig.Arbiter.Statistics.Lost));
        rig.Send(0, 11);
        Assert.Equal(11, rig.Messages[^1].Sequence);
    }

    [Fact]
    public void A_program_that_starts_late_begins_with_a_snapshot()
    {
        FeedRig rig = new();
        rig.Send(0, 50_000_000, 2);
        Assert.Equal([new FeedGap(1, 49_999_999)], rig.Gaps);
        Assert.True(rig.Arbiter.TryResume(50_000_000));
        Assert.Equal([50_000_001], rig.Sequences);
    }

    [Fact]
    public void A_snapshot_that_is_ahead_of_the_feeds_is_accepted()
    {
        FeedRig rig = new();
        rig.Send(0, 3);
        rig.Pass(10);
        Assert.True(rig.Arbiter.TryResume(20));
        rig.Send(0, 4, 17);
        Assert.Empty(rig.Messages);
        rig.Send(0, 21);
        Assert.Equal([21], rig.Sequences);
    }

    [Fact]
    public void Memory_is_bounded_while_a_snapshot_is_awaited()
    {
        FeedRig rig = new(new FeedArbiterOptions { Window = 16 });
        rig.Send(0, 2);
        rig.Pass(10);
        rig.Send(0, 3, 100);

        Assert.Equal((16, 85), (rig.Arbiter.Statistics.Held, rig.Arbiter.Statistics.Overrun));
        Assert.False(rig.Arbiter.TryResume(50));
        Assert.True(rig.Arbiter.TryResume(86));
        Assert.Equal(Enumerable.Range(87, 16).Select(number => (long)number), rig.Sequences);
    }

    [Fact]
    public void A_full_window_ends_the_wait_for_a_missing_message()
    {
        FeedRig rig = new(new FeedArbiterOptions { Window = 16 }) { Action = FeedGapAction.Skip };
        rig.Send(0, 2, 16);
        Assert.Equal([new FeedGap(1, 1)], rig.Gaps);
        Assert.Equal(16, rig.Messages.Count);
    }

    [Fact]
    public void Sequence_numbers_start_over_with_a_session_and_after_a_reset()
    {
        FeedRig rig = new();
        rig.Send(0, 1, 5);
        rig.Send(1, 1, 1, FeedRig.Tuesday);
        Assert.Equal(1, rig.Arbiter.StatisticsOf(1).OtherSession);
        Assert.Equal(FeedRig.Monday, rig.Arbiter.Session);

        rig.Pass(5_001);
        rig.Send(1, 1, 1, FeedRig.Tuesday);
        rig.Send(0, 6);
        Assert.Equal([(FeedRig.Monday, false), (FeedRig.Tuesday, false)], rig.Sessions);
        Assert.Equal([1], rig.Sequences);
        Assert.Equal(1, rig.Arbiter.StatisticsOf(0).OtherSession);

        rig.Messages.Clear();
        rig.Arbiter.Reset(1);
        rig.Send(0, 1, 1, FeedRig.Tuesday);
        Assert.Equal([1], rig.Sequences);
    }

    [Fact]
    public void The_end_of_a_session_is_reported_once_and_after_its_last_message()
    {
        FeedRig rig = new();
        rig.Send(0, 1);
        rig.SendEnd(0, 3);
        rig.SendEnd(1, 3);
        Assert.DoesNotContain((FeedRig.Monday, true), rig.Sessions);
        rig.Send(1, 2);
        rig.SendEnd(0, 3);

        Assert.Equal([(FeedRig.Monday, false), (FeedRig.Monday, true)], rig.Sessions);
        Assert.Equal([1, 2], rig.Sequences);
    }

    [Fact]
    public void A_packet_far_ahead_is_believed_only_if_nothing_else_arrives()
    {
        FeedRig rig = new() { Action = FeedGapAction.Skip };
        rig.Send(0, 1);
        rig.Send(1, 1L << 40);
        rig.Send(1, long.MaxValue / 4);
        Assert.Equal(2, rig.Arbiter.StatisticsOf(1).Implausible);
        rig.Send(0, 2);
        Assert.Equal([1, 2], rig.Sequences);

        rig.Pass(5_001);
        rig.Send(1, 1L << 40);
        Assert.Equal((1L << 40) + 1, rig.Arbiter.NextSequence);
    }

    [Fact]
    public void Nothing_of_a_damaged_packet_is_delivered()
    {
        FeedRig rig = new(new FeedArbiterOptions { MaxMessageBytes = 64 });
        byte[] packet = FeedRig.Packet(FeedRig.Monday, 1, 3);
        byte[][] damaged =
        [
            [], packet[..19], packet[..^1], [.. packet, 0], FeedRig.Packet(FeedRig.Monday, long.MaxValue - 1, 0),
            [.. packet[..10], 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0], [.. packet[..18], 0, 1, 0, 65, .. new byte[65]],
        ];
        Assert.All(damaged, bytes => rig.Arbiter.Receive(0, bytes));

        Assert.Equal(damaged.Length, rig.Arbiter.StatisticsOf(0).Invalid);
        Assert.Empty(rig.Messages);
        rig.Arbiter.Receive(1, packet);
        Assert.Equal([1, 2, 3], rig.Sequences);
    }

    [Fact]
    public void A_message_counts_as_delivered_if_the_handler_throws()
    {
        FeedArbiter arbiter = new(new MoldUdp64Codec(), new ThrowingHandler());
        byte[] packet = FeedRig.Packet(FeedRig.Monday, 1, 1);
        Assert.Throws<InvalidDataException>(() => arbiter.Receive(0, packet));
        arbiter.Receive(1, packet);
        Assert.Equal((1, 1), (arbiter.Statistics.Delivered, arbiter.StatisticsOf(1).Duplicates));
    }

    [Fact]
    public void Nothing_is_allocated_per_packet()
    {
        FeedArbiter arbiter = new(new MoldUdp64Codec(), new SilentHandler());
        byte[] packet = FeedRig.Packet(FeedRig.Monday, 1, 4);
        long next = 1;
        long bytes = AllocationMeter.OnThisThread(2_000, () =>
        {
            // A is in order but for one swap; B repeats everything; every 16th packet is lost by both.
            foreach (long first in (ReadOnlySpan<long>)[next + 4, next, next + 12, next + 8])
            {
                MoldUdp64Codec.WriteHeader(packet, FeedRig.Monday, first, 4);
                if (first % 64 != 1)
                {
                    arbiter.Receive(0, packet);
                    arbiter.Receive(1, packet);
                }
            }

            arbiter.Poll();
            next += 16;
        });

        Assert.Equal(0, bytes);
        Assert.True(arbiter.Statistics is { Gaps: > 10, Delivered: > 10_000 }, $"{arbiter.Statistics}");
    }

    private sealed class ThrowingHandler : IFeedHandler
    {
        public void OnMessage(in FeedMessage message) => throw new InvalidDataException();

        public FeedGapAction OnGap(in FeedGap gap) => FeedGapAction.Skip;
    }

    private sealed class SilentHandler : IFeedHandler
    {
        public void OnMessage(in FeedMessage message)
        {
        }

        public FeedGapAction OnGap(in FeedGap gap) => FeedGapAction.Skip;
    }
}
