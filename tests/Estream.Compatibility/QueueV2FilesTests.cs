using Estream.Compatibility.Support;
using Estream.Core;
using Estream.Queue;

namespace Estream.Compatibility;

/// <summary>Queues with the features of version 2: shared appenders, batches, encryption and recovery, opened in the same boot of the
/// machine and in a later one.</summary>
public sealed class QueueV2FilesTests
{
    private const int SegmentBytes = 64 << 10;
    private const int BootId = 256;
    private const int NumberOffset = 8;
    private const uint BatchFlag = 1u << 31;
    private const string EncryptedQueue = "queue-encrypted";

    private static readonly string[] s_names =
        ["queue-shared", "queue-killed-in-shared-claims", "queue-killed-in-batch", EncryptedQueue, "queue-recovered"];

    public static TheoryData<string, bool> Queues
    {
        get
        {
            var data = new TheoryData<string, bool>();
            foreach (string name in s_names)
            {
                data.Add(name, true);
                data.Add(name, false);
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Queues))]
    public void All_messages_and_batches_are_readable_and_reading_does_not_write(string name, bool isThisRun)
    {
        using OldFiles files = Unpack(name, isThisRun);
        var old = new OldQueue(files.Report);
        IReadOnlyDictionary<string, byte[]> before = files.Image();

        // A read-only tailer stops at a claim that no writer has reclaimed yet.
        OldMessage[] kept = [.. old.Messages.Where(message => old.Claims.Count == 0 || message.Position < old.Claims[0])];
        using (QueueKeyRing? keys = KeysOf(name))
        using (EstreamQueue queue = EstreamQueue.OpenReadOnly(files.Path, new QueueOptions { Keys = keys }))
        {
            Assert.Equal(SegmentBytes, queue.SegmentBytes);
            Assert.Equal(old.Cursors.OrderBy(c => c.Key),
                queue.GetInfo().Tailers.ToDictionary(t => t.Name, t => t.Position).OrderBy(c => c.Key));
            using QueueTailer tailer = queue.CreateTailer();
            OldQueue.AssertReads(tailer, kept);
            foreach (OldMessage message in kept.Where((_, index) => index % 17 == 0))
            {
                tailer.Seek(message.Position);
                OldQueue.AssertReads(tailer, kept.SkipWhile(m => m != message));
                tailer.SeekToSequence(message.Sequence);
                OldQueue.AssertReads(tailer, kept.SkipWhile(m => m != message));
            }

            QueueVerification verification = queue.Verify();
            Assert.True(verification.IsWhole, verification.Damage?.Reason);
            Assert.Equal(old.Messages.Count, verification.MessageCount);
        }

        Assert.Equal(before.OrderBy(f => f.Key), files.Image().OrderBy(f => f.Key));
        AssertBatches(files, old, isInClear: name != EncryptedQueue);
    }

    [Theory]
    [MemberData(nameof(Queues))]
    public void Current_exclusive_and_shared_appenders_continue_the_queue(string name, bool isThisRun)
    {
        foreach (AppenderMode mode in (AppenderMode[])[AppenderMode.Exclusive, AppenderMode.Shared])
        {
            using OldFiles files = Unpack(name, isThisRun);
            var old = new OldQueue(files.Report);
            using QueueKeyRing? keys = KeysOf(name);
            using EstreamQueue queue = EstreamQueue.Open(files.Path, new QueueOptions { Keys = keys });
            Assert.True(isThisRun || queue.Recovery is { IsWhole: true }, $"{queue.Recovery}");
            using QueueAppender appender = queue.CreateAppender(mode);
            using QueueTailer tailer = queue.CreateTailer();
            OldQueue.AssertReads(tailer, old.Messages);
            long last = old.Messages[^1].Sequence;
            for (long number = 0; number < 500; number += 3)
            {
                byte[][] payloads = [SeededBytes.Of(number), SeededBytes.Of(number + 1), SeededBytes.Of(number + 2)];
                appender.Append(payloads[0]);
                appender.AppendBatch([.. payloads[1], .. payloads[2]], [payloads[1].Length, payloads[2].Length]);
                foreach (byte[] payload in payloads)
                {
                    Assert.True(tailer.TryRead(out QueueMessage message), $"message {number} is missing");
                    Assert.True(message.Sequence > last);
                    Assert.True(message.Payload.SequenceEqual(payload));
                    last = message.Sequence;
                }
            }

            QueueVerification verification = queue.Verify();
            Assert.True(verification.IsWhole, verification.Damage?.Reason);
            Assert.Equal(old.Messages.Count + 501, verification.MessageCount);
        }
    }

    [Theory]
    [MemberData(nameof(Queues))]
    public void Named_tailer_continues_at_its_position(string name, bool isThisRun)
    {
        using OldFiles files = Unpack(name, isThisRun);
        var old = new OldQueue(files.Report);
        using QueueKeyRing? keys = KeysOf(name);
        using EstreamQueue queue = EstreamQueue.Open(files.Path, new QueueOptions { Keys = keys });
        foreach ((string reader, long position) in old.Cursors)
        {
            using QueueTailer tailer = queue.CreateTailer(reader);
            Assert.Equal(position, tailer.Position);
            OldQueue.AssertReads(tailer, old.From(position));
        }
    }

    [Fact]
    public void Last_recovery_is_reported_unchanged_and_its_truncated_segment_is_kept()
    {
        using OldFiles files = Unpack("queue-recovered", isThisRun: true);
        long[] words =
            [.. files.Report.Single(line => line.StartsWith("recovery ", StringComparison.Ordinal)).Split(' ').Skip(1).Select(long.Parse)];
        long durable = long.Parse(files.Report.Single(line => line.StartsWith("durable ", StringComparison.Ordinal)).Split(' ')[1]);
        var expected = new QueueRecovery((QueueRecoveryCause)words[0], words[1], words[2], words[3], words[4], words[5], (int)words[6]);
        Assert.Equal((durable, 1, QueueRecoveryCause.MachineRestart), (expected.VerifiedFrom, expected.CutSegments, expected.Cause));
        Assert.True(expected.CutMessages > 0 && expected.CutBytes > 0);
        Assert.True(File.Exists(Path.Combine(files.Path, "000000000001.seg.lost")));
        using (EstreamQueue reader = EstreamQueue.OpenReadOnly(files.Path))
        {
            Assert.Equal((expected, expected.EndPosition), (reader.Recovery, reader.DurablePosition));
        }

        using EstreamQueue queue = EstreamQueue.Open(files.Path);
        Assert.Equal(expected, queue.Recovery);
        queue.WaitDurable(new OldQueue(files.Report).Messages[^1].Position);
        Assert.True(queue.DurablePosition > expected.EndPosition);
    }

    [Fact]
    public void Encrypted_queue_requires_its_keys_and_accepts_a_new_one()
    {
        using OldFiles files = Unpack(EncryptedQueue, isThisRun: true);
        var old = new OldQueue(files.Report);
        using (EstreamQueue closed = EstreamQueue.OpenReadOnly(files.Path))
        using (QueueTailer tailer = closed.CreateTailer())
        {
            Assert.Throws<EstreamKeyException>(() => tailer.TryRead(out _));
            Assert.True(closed.Verify().IsWhole);
            Assert.Equal([(1, "first"), (2, "second")],
                closed.GetInfo().Encryption!.Generations.Select(each => (each.Number, each.MasterKeyId)));
        }

        using QueueKeyRing keys = QueueScript.Keys("third", "first", "second");
        using EstreamQueue queue = EstreamQueue.Open(files.Path, new QueueOptions { Keys = keys });
        Assert.Equal(3, queue.RotateKey());
        using QueueTailer all = queue.CreateTailer();
        OldQueue.AssertReads(all, old.Messages);
        using QueueAppender appender = queue.CreateAppender();
        appender.Append("under the third"u8);
        Assert.True(all.TryRead(out QueueMessage message));
        Assert.Equal("under the third"u8, message.Payload);
    }

    /// <summary>Checks that the file sets match their names, so that the tests above test the intended cases.</summary>
    [Fact]
    public void File_sets_contain_what_their_names_state()
    {
        Assert.All(s_names, name =>
        {
            using OldFiles files = Unpack(name, isThisRun: true);
            Assert.True(new OldQueue(files.Report).Batches.Count > 5);
            Assert.Equal(2u, KindsAndVersions(files.Path).Single(each => each.Index == 0).Version);
        });
        using OldFiles shared = Unpack("queue-shared", isThisRun: true);
        Assert.All(KindsAndVersions(shared.Path), each => Assert.Equal(1u, each.Kind));
        Assert.Equal(2, KindsAndVersions(shared.Path).Count());
        using OldFiles encrypted = Unpack(EncryptedQueue, isThisRun: true);
        Assert.Equal([0u, 1u], KindsAndVersions(encrypted.Path).Select(each => each.Kind));
        using OldFiles claimed = Unpack("queue-killed-in-shared-claims", isThisRun: true);
        byte[] segment = File.ReadAllBytes(Path.Combine(claimed.Path, "000000000000.seg"));
        Assert.All(new OldQueue(claimed.Report).Claims,
            claim => Assert.Equal(BatchFlag, BitConverter.ToUInt32(segment, (int)claim) & BatchFlag));
        using OldFiles batch = Unpack("queue-killed-in-batch", isThisRun: true);
        using EstreamQueue queue = EstreamQueue.OpenReadOnly(batch.Path);
        QueueInfo info = queue.GetInfo();
        segment = File.ReadAllBytes(Path.Combine(batch.Path, "000000000001.seg"));
        int end = (int)(info.EndPosition % SegmentBytes);
        Assert.Equal(0, BitConverter.ToInt32(segment, end));
        byte[] neverShown = SeededBytes.Of(QueueScript.OutputNumbers);
        Assert.Equal(neverShown, segment.AsSpan(end + 16, neverShown.Length).ToArray());
    }

    private static OldFiles Unpack(string name, bool isThisRun)
    {
        OldFiles files = OldFiles.Unpack(2, name);
        if (isThisRun)
        {
            files.PretendThisRun("queue.meta", BootId);
        }

        return files;
    }

    private static QueueKeyRing? KeysOf(string name) => name == EncryptedQueue ? QueueScript.Keys("second", "first") : null;

    // docs/formats/queue.md: a flag in the sequence number marks the frames of a batch. In an encrypted block it can be read only with the
    // key.
    private static void AssertBatches(OldFiles files, OldQueue old, bool isInClear)
    {
        foreach ((long position, int count) in isInClear ? old.Batches : [])
        {
            byte[] segment = File.ReadAllBytes(Path.Combine(files.Path, $"{position / SegmentBytes:D12}.seg"));
            bool[] goesOn = [.. old.From(position).Take(count)
                .Select(message =>
                    (BitConverter.ToUInt32(segment, (int)(message.Position % SegmentBytes) + NumberOffset) & BatchFlag) != 0)];
            Assert.Equal([.. Enumerable.Repeat(true, count - 1), false], goesOn);
        }
    }

    private static IEnumerable<(long Index, uint Version, uint Kind)> KindsAndVersions(string directory) =>
        Directory.GetFiles(directory, "*.seg").Order().Select(File.ReadAllBytes)
            .Select(segment => (BitConverter.ToInt64(segment, 24), BitConverter.ToUInt32(segment, 8), BitConverter.ToUInt32(segment, 60)));
}
