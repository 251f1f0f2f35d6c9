using System.Text;
using Estream.Core;
using Estream.Queue;
using Estream.Testing;
using Estream.Wire.Fix.Session;
using Estream.Wire.Fix.Tests.Rig;

namespace Estream.Wire.Fix.Tests.Session;

/// <summary>Sequence numbers and messages in a queue: restored after reopening, with one writer at a time.</summary>
public sealed class FixQueueStoreTests : IDisposable
{
    private readonly TempDirectory _folder = new();

    [Fact]
    public void Numbers_and_messages_are_restored_when_the_store_is_reopened()
    {
        using (EstreamQueue queue = Open())
        using (FixQueueStore store = new(queue))
        {
            for (int number = 1; number <= 500; number++)
            {
                store.Append(Bytes(number));
                store.Advance(number * 2);
            }
        }

        using EstreamQueue again = Open();
        using FixQueueStore opened = new(again);
        Assert.Equal(501, opened.NextOutgoing);
        Assert.Equal(1_000, opened.NextIncoming);
        foreach (int number in new[] { 1, 2, 3, 64, 65, 66, 500, 499, 1 })
        {
            Assert.True(opened.TryRead(number, out ReadOnlySpan<byte> message), $"message {number}");
            Assert.Equal($"message {number}", Encoding.UTF8.GetString(message));
        }

        Assert.False(opened.TryRead(0, out _));
        Assert.False(opened.TryRead(501, out _));
    }

    [Fact]
    public void TryRead_finds_messages_in_order_while_others_are_appended()
    {
        using EstreamQueue queue = Open();
        using FixQueueStore store = new(queue);
        for (int number = 1; number <= 200; number++)
        {
            store.Append(Bytes(number));
            store.Append(Bytes(-number));
            store.Advance(number + 1);
            Assert.True(store.TryRead((number * 2) - 1, out ReadOnlySpan<byte> message), $"message {number}");
            Assert.Equal($"message {number}", Encoding.UTF8.GetString(message));
        }
    }

    [Fact]
    public void TryReadNewest_finds_the_newest_message_before_later_records()
    {
        using EstreamQueue queue = Open();
        using FixQueueStore store = new(queue);
        Assert.False(store.TryReadNewest(out _));
        store.Advance(2);
        Assert.False(store.TryReadNewest(out _));
        store.Append(Bytes(1));
        store.Append(Bytes(2));
        for (int number = 3; number < 100; number++)
        {
            store.Advance(number);
        }

        store.Note("a note"u8);
        store.Reset(FixDay.Start);

        Assert.True(store.TryReadNewest(out ReadOnlySpan<byte> message));
        Assert.Equal("message 2", Encoding.UTF8.GetString(message));
        Assert.Equal((1L, 1L), (store.NextOutgoing, store.NextIncoming));
    }

    [Fact]
    public void Reset_hides_earlier_messages()
    {
        using (EstreamQueue queue = Open())
        using (FixQueueStore store = new(queue))
        {
            store.Append(Bytes(1));
            store.Append(Bytes(2));
            store.Advance(9);
            store.Reset(FixDay.Start);
            Assert.Equal((1L, 1L), (store.NextOutgoing, store.NextIncoming));
            Assert.False(store.TryRead(1, out _));
            store.Append(Bytes(7));
        }

        using EstreamQueue again = Open();
        using FixQueueStore opened = new(again);
        Assert.Equal((2L, 1L), (opened.NextOutgoing, opened.NextIncoming));
        Assert.Equal(FixDay.Start, opened.BeganAt);
        Assert.True(opened.TryRead(1, out ReadOnlySpan<byte> message));
        Assert.Equal("message 7", Encoding.UTF8.GetString(message));
    }

    [Fact]
    public void Retention_deletes_messages_but_no_sequence_numbers()
    {
        QueueOptions small = new() { SegmentBytes = 64 * 1024, RetainedBytes = 64 * 1024 };
        using (EstreamQueue queue = EstreamQueue.Open(_folder.Combine("kept"), small))
        using (FixQueueStore store = new(queue, 1_024))
        {
            store.Reset(FixDay.Start);
            store.Advance(7);
            for (int number = 1; number <= 2_000; number++)
            {
                store.Append(new byte[1_000]);
            }

            queue.ApplyRetention();
            Assert.False(store.TryRead(1, out _));
            Assert.True(store.TryRead(2_000, out _));
        }

        using EstreamQueue again = EstreamQueue.Open(_folder.Combine("kept"), small);
        using FixQueueStore opened = new(again, 1_024);
        Assert.Equal((2_001L, 7L), (opened.NextOutgoing, opened.NextIncoming));
        Assert.Equal(FixDay.Start, opened.BeganAt);
        Assert.True(opened.TryRead(2_000, out _));
    }

    [Fact]
    public void Opening_reads_only_the_end_of_the_log()
    {
        QueueOptions small = new() { SegmentBytes = 64 * 1024 };
        string directory = _folder.Combine("long");
        using (EstreamQueue queue = EstreamQueue.Open(directory, small))
        using (FixQueueStore store = new(queue, 1_024))
        {
            store.Reset(FixDay.Start);
            for (int number = 1; number <= 2_000; number++)
            {
                store.Append(Bytes(number));
                store.Advance(number + 1);
            }
        }

        // Reading the old records would now fail, because one of them is damaged.
        Damage(directory, "message 7");
        using EstreamQueue again = EstreamQueue.Open(directory, small);
        using FixQueueStore opened = new(again, 1_024);
        Assert.Equal((2_001L, 2_001L), (opened.NextOutgoing, opened.NextIncoming));
        Assert.Equal(FixDay.Start, opened.BeganAt);
        Assert.True(opened.TryRead(2_000, out _));
        Assert.Throws<EstreamCorruptionException>(() => opened.TryRead(7, out _));
    }

    [Fact]
    public void TryRead_finds_messages_in_random_order()
    {
        using EstreamQueue queue = EstreamQueue.Open(_folder.Combine("found"), new QueueOptions { SegmentBytes = 64 * 1024 });
        using FixQueueStore store = new(queue, 1_024);
        Random random = new(7);
        for (int beginning = 0; beginning < 3; beginning++)
        {
            store.Reset(FixDay.Start + beginning);
            for (int number = 1; number <= 1_500; number++)
            {
                store.Append(Bytes((beginning * 10_000) + number));
                store.Advance(random.Next(1, 1_000));
            }

            for (int look = 0; look < 200; look++)
            {
                int number = random.Next(1, 1_501);
                Assert.True(store.TryRead(number, out ReadOnlySpan<byte> message), $"message {number}");
                Assert.Equal($"message {(beginning * 10_000) + number}", Encoding.UTF8.GetString(message));
            }
        }
    }

    [Fact]
    public void Queue_with_other_content_is_refused_and_released()
    {
        using EstreamQueue queue = Open();
        using (QueueAppender appender = queue.CreateAppender())
        {
            appender.Append("something else"u8);
        }

        Assert.Throws<EstreamCorruptionException>(() => new FixQueueStore(queue));
        using QueueAppender after = queue.CreateAppender(AppenderMode.Exclusive);
        Assert.True(after.NextPosition > 0);
    }

    [Fact]
    public void Queue_with_too_small_segments_is_refused()
    {
        using EstreamQueue queue = EstreamQueue.Open(_folder.Combine("small"), new QueueOptions { SegmentBytes = 64 * 1024 });

        Assert.Throws<ArgumentException>(() => new FixQueueStore(queue, 64 * 1024));
        using FixQueueStore store = new(queue, 1_024);
        Assert.Equal(1, store.NextOutgoing);
    }

    [Fact]
    public void Second_store_of_a_queue_is_refused()
    {
        using EstreamQueue queue = Open();
        using FixQueueStore store = new(queue);

        Assert.Throws<EstreamLeaseException>(() => new FixQueueStore(queue));
    }

    [Fact]
    public void Notes_survive_Reset_and_use_no_sequence_number()
    {
        using (EstreamQueue queue = Open())
        using (FixQueueStore store = new(queue))
        {
            store.Note("one"u8);
            store.Append(Bytes(1));
            store.Reset(7);
            store.Note("two"u8);
            store.Append(Bytes(2));
            store.Note("three"u8);
        }

        using EstreamQueue again = Open();
        using FixQueueStore opened = new(again);
        List<string> kept = [];
        opened.ReadAll((isNote, content) => kept.Add($"{(isNote ? "note" : "sent")} {Encoding.UTF8.GetString(content)}"));

        Assert.Equal(["note one", "sent message 1", "note two", "sent message 2", "note three"], kept);
        Assert.Equal((2L, 1L, 7L), (opened.NextOutgoing, opened.NextIncoming, opened.BeganAt));
        Assert.True(opened.TryRead(1, out ReadOnlySpan<byte> message));
        Assert.Equal("message 2", Encoding.UTF8.GetString(message));
        Assert.False(opened.TryRead(2, out _));
    }

    [Fact]
    public void Reconcile_counts_a_message_that_was_appended_but_not_counted()
    {
        Announce(5, new FixAnnouncement("orders", Position: 640, Length: 80, Run: 1));

        Assert.Equal(6, Reconcile(new Queues { End = 720, Holds = 640 }));
        Assert.Equal(6, Reconcile(new Queues { End = 720, Holds = 640 }));
    }

    [Fact]
    public void Reconcile_never_counts_an_announced_message_that_was_not_appended()
    {
        Announce(5, new FixAnnouncement("orders", Position: 640, Length: 80, Run: 1));

        Assert.Equal(5, Reconcile(new Queues { End = 640 }));

        // Another adapter has since appended a message of the same length.
        Assert.Equal(5, Reconcile(new Queues { End = 720, Holds = 640 }));
    }

    [Fact]
    public void Reconcile_expects_messages_lost_in_a_power_cut_again()
    {
        for (int number = 1; number <= 4; number++)
        {
            Announce(number, new FixAnnouncement("orders", Position: number * 100, Length: 80, Run: 1), isCounted: true);
        }

        Assert.Equal(3, Reconcile(new Queues { End = 300 }));
        Assert.Equal(3, Reconcile(new Queues { End = 300 }));
    }

    [Fact]
    public void Reconcile_keeps_a_message_counted_after_retention_deleted_it()
    {
        Announce(1, new FixAnnouncement("orders", Position: 100, Length: 80, Run: 1), isCounted: true);

        Assert.Equal(2, Reconcile(new Queues { End = 5_000 }));
    }

    [Fact]
    public void Reconcile_ignores_announcements_before_a_Reset()
    {
        Announce(1, new FixAnnouncement("orders", Position: 100, Length: 80, Run: 1));
        using (EstreamQueue queue = Open())
        using (FixQueueStore store = new(queue))
        {
            store.Reset(7);
        }

        Assert.Equal(1, Reconcile(new Queues { End = 180, Holds = 100 }));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Submitter_is_resent_and_not_plaintext_in_an_encrypted_journal(bool isEncrypted)
    {
        using QueueKeyRing? keys = isEncrypted ? new QueueKeyRing("k1", new byte[QueueKeyRing.KeyBytes]) : null;
        QueueOptions options = new() { SegmentBytes = 1 << 20, Keys = keys };
        string directory = _folder.Combine("orders");
        using (EstreamQueue queue = EstreamQueue.Open(directory, options))
        using (FixQueueStore store = new(queue))
        {
            SessionRig before = new(store: store);
            before.Connect();
            before.Receive("35=A|98=0|108=30|");
            before.Session.Send(new FixMessageBuilder("D").AddHeader(115, "CANARY"u8).Add(11, "first"));
        }

        Assert.Equal(!isEncrypted,
            Directory.GetFiles(directory, "*", SearchOption.AllDirectories)
                .Any(file => File.ReadAllBytes(file).AsSpan().IndexOf("CANARY"u8) >= 0));
        using EstreamQueue again = EstreamQueue.Open(directory, options);
        using FixQueueStore opened = new(again);
        SessionRig rig = new(store: opened) { Number = 2 };
        rig.Connect();
        rig.Receive("35=A|98=0|108=30|");
        rig.Next();
        rig.Receive("35=2|7=2|16=2|");
        Assert.Equal($"35=D|34=2|43=Y|115=CANARY|122={rig.Now()}|11=first|", rig.Next());
    }

    [Fact]
    public void Session_continues_from_its_journal_and_resends_earlier_messages()
    {
        using (EstreamQueue queue = Open())
        using (FixQueueStore store = new(queue))
        {
            SessionRig before = new(store: store);
            before.Connect();
            before.Receive("35=A|98=0|108=30|");
            before.Session.Send(new FixMessageBuilder("D").Add(11, "first"));
            before.Receive("35=0|");
        }

        using EstreamQueue again = Open();
        using FixQueueStore opened = new(again);
        SessionRig rig = new(store: opened) { Number = 3 };
        rig.Connect();
        rig.Receive("35=A|98=0|108=30|");
        Assert.Equal("35=A|34=3|98=0|108=30|", rig.Next());
        rig.Receive("35=2|7=2|16=2|");
        Assert.Equal($"35=D|34=2|43=Y|122={rig.Now()}|11=first|", rig.Next());
    }

    public void Dispose()
    {
        _folder.Dispose();
    }

    private void Announce(long number, in FixAnnouncement announcement, bool isCounted = false)
    {
        using EstreamQueue queue = Open();
        using FixQueueStore store = new(queue);
        store.Advance(number);
        store.Announce(announcement);
        if (isCounted)
        {
            store.Advance(number + 1);
        }
    }

    private long Reconcile(Queues queues)
    {
        using EstreamQueue queue = Open();
        using FixQueueStore store = new(queue);
        store.Reconcile(queues);
        return store.NextIncoming;
    }

    /// <summary>A queue that ends at a position and contains one message.</summary>
    private sealed class Queues : IFixQueues
    {
        public long End { get; init; }

        public long Holds { get; init; } = -1;

        public bool Has(in FixAnnouncement announcement) => announcement.Position == Holds;

        public bool HasLost(in FixAnnouncement announcement) => announcement.Position >= End;
    }

    /// <summary>Changes the kind of the oldest record with this message to an invalid value.</summary>
    private static void Damage(string directory, string message)
    {
        foreach (string file in Directory.GetFiles(directory, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
        {
            byte[] bytes = File.ReadAllBytes(file);
            int place = bytes.AsSpan().IndexOf(Encoding.UTF8.GetBytes(message));
            if (place >= 0)
            {
                bytes[place - FixQueueStore.HeaderBytes] = 99;
                File.WriteAllBytes(file, bytes);
                return;
            }
        }

        Assert.Fail($"'{message}' is in no file of {directory}.");
    }

    private static byte[] Bytes(int number)
    {
        return Encoding.UTF8.GetBytes($"message {number}");
    }

    private EstreamQueue Open()
    {
        return EstreamQueue.Open(_folder.Combine("session"));
    }
}
