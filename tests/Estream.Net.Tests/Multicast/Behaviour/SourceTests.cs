using Estream.Net.Multicast;
using Estream.Net.Multicast.Internal;
using Estream.Net.Tests.Multicast.Rig;
using Estream.Net.Tests.Multicast.Simulation;
using Estream.Queue;

namespace Estream.Net.Tests.Multicast.Behaviour;

/// <summary>Sources that were rolled back, damaged, or shortened by retention.</summary>
public sealed class SourceTests
{
    [Fact]
    public void A_refused_anchor_does_not_change_what_follows_the_last_message_of_a_cursor()
    {
        using MulticastRig rig = new();
        rig.Append(1_600);
        List<CopiedMessage> messages = rig.Messages();
        CopiedMessage last = messages[10];
        long end = EndOfSegment(rig, messages, segment: 1);
        using LogCursor cursor = new(rig.Source);
        Assert.Null(cursor.Seek(0, 0));
        while (cursor.Previous != last.Position)
        {
            Assert.True(cursor.TryPeek(out _));
            cursor.Advance();
        }

        Assert.Equal(RefusalReason.NoMessage, cursor.Seek(end, end));
        Assert.Null(cursor.Seek(last.Position, PacketLayout.EndOf(last.Position, 100)));

        Assert.True(cursor.TryPeek(out QueueMessage next));
        Assert.Equal((messages[11].Position, last.Position), (next.Position, cursor.Previous));
    }

    [Fact]
    public void A_rolled_back_source_with_an_equal_last_message_is_refused()
    {
        using MulticastRig rig = new();
        rig.Append(100);
        SimulatedSubscriber.CopyFiles(rig.Source.Directory, rig.Folder("older"));
        rig.Append(50);
        _ = rig.Appender.Append("heartbeat"u8);
        _ = rig.Publish();
        _ = rig.Subscribe();
        rig.RunToEnd();
        rig.Unsubscribe(1);
        List<CopiedMessage> before = rig.Copy();
        rig.ReplaceSource(rig.Folder("older"));
        for (int index = 0; index < 50; index++)
        {
            _ = rig.Appender.Append(new byte[100]);
        }

        _ = rig.Appender.Append("heartbeat"u8);
        Assert.Equal(before[^1].Position, rig.Messages()[^1].Position);
        rig.Append(10);
        _ = rig.Publish();
        long last = rig.Messages()[^1].Position;
        MulticastSubscriber again = rig.Subscribe();
        rig.RunUntil(() => again.Failure is not null || again.Statistics.LastPosition == last);
        rig.Unsubscribe(1);

        Assert.Equal(MulticastFailure.Diverged, again.Failure?.Reason);
        Assert.Equal(before, rig.Copy());
    }

    [Fact]
    public void A_source_that_ends_before_the_copy_is_refused_when_the_subscriber_joins()
    {
        using MulticastRig rig = new();
        rig.Append(100);
        SimulatedSubscriber.CopyFiles(rig.Source.Directory, rig.Folder("older"));
        rig.Append(50);
        _ = rig.Publish();
        _ = rig.Subscribe();
        rig.RunToEnd();
        rig.Unsubscribe(1);
        rig.ReplaceSource(rig.Folder("older"));
        _ = rig.Publish();
        MulticastSubscriber again = rig.Subscribe();
        rig.RunUntil(() => again.Failure is not null || again.State == MulticastState.Live);

        Assert.Equal(MulticastFailure.Diverged, again.Failure?.Reason);
        Assert.Contains("ends at", again.Failure!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_start_position_after_the_end_of_the_source_is_refused()
    {
        using MulticastRig rig = new();
        rig.Append(100);
        _ = rig.Publish();
        MulticastSubscriber subscriber = rig.Subscribe(
            options: new MulticastSubscriberOptions { Start = MulticastStart.Position, StartPosition = 1 << 20 });
        rig.RunUntil(() => subscriber.Failure is not null || subscriber.State == MulticastState.Live);

        Assert.Equal(MulticastFailure.Diverged, subscriber.Failure?.Reason);
        Assert.Contains("StartPosition", subscriber.Failure!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_damaged_segment_stops_the_receivers_that_need_it_and_not_the_publisher()
    {
        using MulticastRig rig = new();
        rig.Append(2_000);
        _ = rig.Publish();
        MulticastSubscriber healthy = rig.Subscribe(1, new MulticastSubscriberOptions { Start = MulticastStart.Newest });
        rig.RunUntil(() => healthy.State == MulticastState.Live);
        Damage(rig, rig.Messages()[20].Position);
        MulticastSubscriber late = rig.Subscribe(2);
        rig.RunUntil(() => late.Failure is not null);
        rig.Unsubscribe(2);
        rig.Append(100);
        rig.RunUntil(() => healthy.Statistics.MessagesAppended == 100);

        Assert.Equal(MulticastFailure.Unreadable, late.Failure!.Reason);
        Assert.Equal(MulticastState.Live, healthy.State);
    }

    [Fact]
    public void Retention_in_the_middle_of_a_catch_up_is_a_refusal()
    {
        using MulticastRig rig = new(source: new QueueOptions { SegmentBytes = 64 << 10, MaxRetentionHold = TimeSpan.FromMilliseconds(1) });
        rig.Append(3_000);
        _ = rig.Publish(new MulticastPublisherOptions { RetransmitBytesPerSecond = 64 << 10 });
        MulticastSubscriber slow = rig.Subscribe();
        rig.RunUntil(() => slow.Statistics.MessagesAppended > 0);
        _ = rig.Source.ApplyRetention(64 << 10, TimeSpan.Zero);
        rig.RunFor(TimeSpan.FromMilliseconds(10));
        _ = rig.Source.ApplyRetention(64 << 10, TimeSpan.Zero);
        rig.RunUntil(() => slow.Failure is not null);

        Assert.Equal(MulticastFailure.Deleted, slow.Failure!.Reason);
    }

    [Fact]
    public void A_publisher_whose_live_segment_was_deleted_continues_after_the_last_message()
    {
        using MulticastRig rig = new(source: new QueueOptions { SegmentBytes = 64 << 10, MaxRetentionHold = TimeSpan.FromMilliseconds(1) });
        rig.Append(100);
        MulticastPublisher publisher = rig.Publish(new MulticastPublisherOptions { MinimumReceivers = 2 });
        MulticastSubscriber first = rig.Subscribe(1, new MulticastSubscriberOptions { Start = MulticastStart.Newest });
        rig.RunUntil(() => publisher.Statistics.Receivers == 1);
        rig.RunFor(TimeSpan.FromMilliseconds(5));
        rig.Append(3_000);
        _ = rig.Source.ApplyRetention(64 << 10, TimeSpan.Zero);
        rig.RunFor(TimeSpan.FromMilliseconds(10));
        _ = rig.Source.ApplyRetention(64 << 10, TimeSpan.Zero);
        MulticastSubscriber second = rig.Subscribe(2, new MulticastSubscriberOptions { Start = MulticastStart.Newest });
        rig.RunUntil(() => first.Failure is not null);
        rig.Unsubscribe(1);
        _ = rig.Subscribe(3, new MulticastSubscriberOptions { Start = MulticastStart.Newest });
        rig.RunUntil(() => second.State == MulticastState.Live && rig.Subscriber(3).State == MulticastState.Live);
        rig.Append(10);
        rig.RunUntil(() => rig.Subscriber(3).Statistics.MessagesAppended == 10);

        Assert.Equal((MulticastFailure.Deleted, 1), (first.Failure!.Reason, publisher.Statistics.RetentionSkips));
    }

    private static long EndOfSegment(MulticastRig rig, List<CopiedMessage> messages, int segment)
    {
        CopiedMessage last = messages.Last(message => message.Position / rig.Source.SegmentBytes == segment);
        return (PacketLayout.EndOf(last.Position, 100) + 7) & ~7L;
    }

    // The header of the frame: its length and its checksum are wrong then.
    private static void Damage(MulticastRig rig, long position)
    {
        string file = Directory.GetFiles(rig.Source.Directory, "*.seg").Order(StringComparer.Ordinal).First();
        using FileStream stream = new(file, FileMode.Open, FileAccess.Write, FileShare.ReadWrite);
        stream.Position = position;
        stream.Write([.. Enumerable.Repeat((byte)0x7D, 16)]);
    }
}
