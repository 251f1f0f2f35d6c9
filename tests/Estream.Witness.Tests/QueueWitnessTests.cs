using System.Buffers.Binary;
using Estream.Core;
using Estream.Crypto;
using Estream.Queue;
using Estream.Testing;
using Estream.Witness.Tests.Support;

namespace Estream.Witness.Tests;

/// <summary>Tests that a witness attests every message of a queue once, keeps its limits of count and time, and resumes after a
/// restart.</summary>
public sealed class QueueWitnessTests : WitnessCase
{
    [Fact]
    public void Every_message_is_attested_and_the_roots_match_the_definition()
    {
        Append(1_700);
        Witness(Bounded(500));
        List<WitnessEntry> entries = Entries();
        Assert.Equal([500, 1_000, 1_500, 1_700], entries.Select(entry => (int)entry.Attestation.Head.TreeSize));
        Assert.Equal([0, 500, 1_000, 1_500], entries.Select(entry => (int)entry.PreviousSize));
        foreach (WitnessEntry entry in entries)
        {
            TreeHead head = entry.Attestation.Head;
            Assert.Equal((OriginKind.Queue, Queue.Id, head.TreeSize - 1, Clock.UtcNanos),
                (head.Origin, head.OriginId, head.Sequence, head.Time));
            Assert.Equal(NaiveRoot((int)head.TreeSize), entry.Attestation.Root.ToArray());
            Assert.True(entry.Attestation.IsSignedBy(Key.PublicKey));
        }

        Assert.Equal((4, 0, 1_700, 0, true), Counts(Verify()));
    }

    [Fact]
    public void An_attestation_is_made_after_MaxMessages_or_MaxDelay()
    {
        using QueueWitness witness = QueueWitness.Open(Queue, Attestations, Key, Bounded(100));
        Assert.Equal(0, witness.Step());
        Assert.Null(witness.Last);
        Append(50);
        Assert.Equal((50, 0), (witness.Step(), witness.Attested));
        Assert.Equal((0, 50), (witness.Step(), witness.Read));
        Clock.Pass(TimeSpan.FromMilliseconds(99));
        Assert.Equal((0, 0), (witness.Step(), witness.Attested));
        Clock.Pass(TimeSpan.FromMilliseconds(1));
        Assert.Equal((0, 50), (witness.Step(), witness.Attested));
        Append(99);
        Assert.Equal((99, 50), (witness.Step(), witness.Attested));
        Append(1);
        Assert.Equal((1, 150), (witness.Step(), witness.Attested));
        Assert.Equal((150, 2), (witness.Last!.Head.TreeSize, Entries().Count));
        Clock.Pass(TimeSpan.FromDays(1));
        Assert.Equal(0, witness.Step());
        Assert.Equal(2, Entries().Count);
    }

    [Fact]
    public void With_zero_MaxDelay_messages_are_attested_at_the_end_of_the_queue()
    {
        using QueueWitness witness = QueueWitness.Open(Queue, Attestations, Key, Bounded() with { MaxDelay = TimeSpan.Zero });
        Append(10_000);
        for (int left = 10_000; left > 0; left -= witness.Step())
        {
            Assert.Equal(0, witness.Attested);
        }

        Assert.Equal((10_000, 1), (witness.Attested, Entries().Count));
    }

    [Fact]
    public void Large_messages_do_not_delay_clock_checks()
    {
        using QueueWitness witness = QueueWitness.Open(Queue, Attestations, Key, Bounded());
        using (QueueAppender appender = Queue.CreateAppender(AppenderMode.Exclusive))
        {
            for (int at = 0; at < 30; at++)
            {
                appender.Append(new byte[100_000]);
            }
        }

        Assert.Equal(11, witness.Step());
        Clock.Pass(TimeSpan.FromMilliseconds(100));
        Assert.Equal((11, 22), (witness.Step(), witness.Attested));
    }

    [Fact]
    public void A_reopened_witness_resumes_and_rereads_unattested_messages()
    {
        for (int round = 1; round <= 5; round++)
        {
            Append(333);
            using QueueWitness witness = QueueWitness.Open(Queue, Attestations, Key, Bounded(200));
            witness.Step();
            witness.Step();
            Assert.InRange(witness.Attested, 1, (round * 333) - 1);
        }

        Witness();
        Assert.Equal(NaiveRoot(5 * 333), Entries()[^1].Attestation.Root.ToArray());
        Assert.Equal((5 * 333, 0, true), (Verify().Messages, Verify().Unattested, Verify().IsWhole));
    }

    [Fact]
    public async Task Run_attests_concurrently_with_an_appender_until_cancelled()
    {
        // Uses queues with the system clock: a witness that waits needs a running clock.
        using EstreamQueue queue = EstreamQueue.Open(Beside("live")), attestations = EstreamQueue.Open(Beside("live.witness"));
        using CancellationTokenSource stop = new();
        using QueueWitness witness =
            QueueWitness.Open(queue, attestations, Key, new WitnessOptions { MaxDelay = TimeSpan.FromMilliseconds(1) });
        using QueueAppender appender = queue.CreateAppender();
        Task running = Task.Factory.StartNew(() => witness.Run(stop.Token), CancellationToken.None, TaskCreationOptions.LongRunning,
            TaskScheduler.Default);
        try
        {
            for (int round = 1; round <= 3; round++)
            {
                Fill(appender, 10);
                Eventually.True(() => witness.Attested == round * 10, "everything is attested");
            }
        }
        finally
        {
            await stop.CancelAsync();
            await running;
        }

        WitnessVerification found = WitnessVerifier.Verify(queue, attestations, Key.PublicKey);
        Assert.True(found is { IsWhole: true, Messages: 30, Unattested: 0 }, found.ToString());
    }

    [Fact]
    public void Skipped_sequence_numbers_are_not_leaves()
    {
        using (QueueAppender appender = Queue.CreateAppender())
        {
            for (int number = 0; number < 600; number++)
            {
                using AppendClaim claim = appender.Claim(40);
                if (number % 3 != 1)
                {
                    Payload(number).CopyTo(claim.Span);
                    claim.Commit(40);
                }
            }
        }

        Witness(Bounded(150));
        Assert.Equal((400, 599), (Entries()[^1].Attestation.Head.TreeSize, Entries()[^1].Attestation.Head.Sequence));
        Assert.Equal(NaiveRoot(400), Entries()[^1].Attestation.Root.ToArray());
        using WitnessProver prover = new(Queue, Attestations, Key.PublicKey);
        MessageProof proof = prover.ProveMessage(599);
        Assert.Equal((399, true), (proof.Index, proof.Verify(Queue.Id, Key.PublicKey)));
        Assert.Throws<ArgumentOutOfRangeException>("sequence", () => prover.ProveMessage(598));
    }

    [Fact]
    public void Opening_a_second_witness_throws()
    {
        using QueueWitness witness = QueueWitness.Open(Queue, Attestations, Key);
        Assert.Throws<EstreamLeaseException>(() => QueueWitness.Open(Queue, Attestations, Key));
    }

    [Theory]
    [InlineData(2)]
    [InlineData(5)]
    [InlineData(8)]
    public void A_tree_that_does_not_extend_the_attested_one_is_not_signed(int level)
    {
        Append(300);
        using (QueueWitness witness = QueueWitness.Open(Queue, Attestations, Key, Bounded()))
        {
            witness.RunToEnd();
            Append(100);
            witness.Tree.Frontier.Node(level)[7] ^= 1;
            EstreamWitnessException error = Assert.Throws<EstreamWitnessException>(() => witness.RunToEnd());
            Assert.Equal((WitnessFault.Inconsistent, 300), (error.Fault, witness.Attested));
        }

        // Nothing of the damaged tree was stored, so a new witness attests the existing messages.
        Assert.Single(Entries());
        Witness();
        Assert.Equal((2, 0, 400, 0, true), Counts(Verify()));
    }

    [Fact]
    public void Removing_the_tailer_loses_no_messages()
    {
        Append(100);
        Witness();
        Assert.True(Queue.RemoveTailer("witness"));
        Append(100);
        Witness(Bounded() with { TailerName = "other" });
        Assert.Equal((2, 0, 200, 0, true), Counts(Verify()));
    }

    [Fact]
    public void Retention_keeps_messages_that_are_not_attested()
    {
        using EstreamQueue small = EstreamQueue.Open(Beside("small"), Options with { SegmentBytes = 64 << 10, RetainedBytes = 128 << 10 });
        using EstreamQueue attestations = EstreamQueue.Open(Beside("small.witness"), Options);
        using QueueAppender appender = small.CreateAppender(AppenderMode.Exclusive);
        using (QueueWitness witness = QueueWitness.Open(small, attestations, Key, Bounded(1_000)))
        {
            Fill(appender, 20_000);
            Assert.Equal(20_000, witness.RunToEnd());
        }

        Fill(appender, 20_000);
        using (QueueWitness witness = QueueWitness.Open(small, attestations, Key, Bounded(1_000)))
        {
            Assert.Equal(20_000, witness.RunToEnd());
            Fill(appender, 20_000);
        }

        // The verifier does not check deleted messages, and checks all others.
        WitnessVerification found = WitnessVerifier.Verify(small, attestations, Key.PublicKey);
        Assert.True(found is { IsWhole: false, IsWholeButGivenUp: true, Attestations: 40, Unattested: 20_000 } && found.Unchecked
            + ((found.Messages + found.Unproven) / 1_000) is 39 or 40, found.ToString());
        Assert.InRange(found.Unchecked, 1, 40);
        using WitnessProver prover = new(small, attestations, Key.PublicKey);
        Assert.Equal(WitnessFault.Missing, Assert.Throws<EstreamWitnessException>(() => prover.ProveMessage(0)).Fault);
    }

    [Theory]
    [InlineData(AppenderMode.Exclusive)]
    [InlineData(AppenderMode.Shared)]
    public void An_encrypted_queue_is_attested_by_its_plaintext(AppenderMode mode)
    {
        using QueueKeyRing keys = new("master", new byte[QueueKeyRing.KeyBytes]);
        using EstreamQueue queue = EstreamQueue.Open(Beside("secret"), new QueueOptions { SegmentBytes = 64 << 10, Keys = keys });
        using EstreamQueue attestations = EstreamQueue.Open(Beside("secret.witness"), Options);
        using QueueAppender appender = queue.CreateAppender(mode);
        for (int round = 0; round < 4; round++)
        {
            // Appends 300 single messages, and 100 messages in a batch, which is encrypted as one block.
            Fill(appender, 300);
            appender.AppendBatch(new byte[1_000], [.. Enumerable.Repeat(10, 100)]);
            using QueueWitness witness = QueueWitness.Open(queue, attestations, Key, Bounded(150));
            Assert.Equal(400, witness.RunToEnd());
        }

        WitnessVerification found = WitnessVerifier.Verify(queue, attestations, Key.PublicKey);
        Assert.True(found is { IsWhole: true, Messages: 1_600, Unchecked: 0, Unattested: 0 }, found.ToString());
        using WitnessProver prover = new(queue, attestations, Key.PublicKey);
        for (int sequence = 0; sequence < 1_600; sequence += 37)
        {
            Assert.True(prover.ProveMessage(sequence).Verify(queue.Id, Key.PublicKey));
        }
    }

    [Fact]
    public void Durable_attestations_follow_durable_messages()
    {
        Append(100);
        Witness(Bounded(30) with { IsDurable = true });
        Assert.True(Queue.DurablePosition > Entries()[^1].Attestation.Head.Position);
        Assert.True(Attestations.DurablePosition > 0);
        Assert.Equal((4, 0, 100, 0, true), Counts(Verify()));
    }

    // The flush fails after the entry was committed. A retry must continue after the entry.
    [Fact]
    public void A_failed_flush_does_not_duplicate_the_entry()
    {
        HookedStorage storage = new();
        using EstreamQueue attestations = EstreamQueue.Open(Beside("refused.witness"), Options with { Storage = storage });
        Append(10);
        using (QueueWitness witness = QueueWitness.Open(Queue, attestations, Key, Bounded() with { IsDurable = true }))
        {
            storage.OnSyncDirectory = path =>
            {
                storage.OnSyncDirectory = null;
                throw new EstreamStorageException($"'{path}' cannot be opened: too many open files.", path, StorageFailure.Other);
            };
            Assert.Throws<EstreamStorageException>(() => witness.RunToEnd());
            Assert.Null(storage.OnSyncDirectory);
            Assert.Equal((10, 0), (witness.Attested, attestations.DurablePosition));
            Append(10);
            Assert.Equal(10, witness.RunToEnd());
            Assert.Equal(20, witness.Attested);
        }

        WitnessVerification found = WitnessVerifier.Verify(Queue, attestations, Key.PublicKey);
        Assert.True(found is { IsWhole: true, Messages: 20, Attestations: 2 }, found.ToString());
    }

    // Until an attestation is durable, a power cut can destroy it. Retention must not delete its messages before.
    [Fact]
    public void Messages_count_as_consumed_only_after_their_attestation_is_durable()
    {
        HookedStorage storage = new();
        using EstreamQueue attestations = EstreamQueue.Open(Beside("kept.witness"), Options with { Storage = storage });
        Append(10);
        using QueueWitness witness = QueueWitness.Open(Queue, attestations, Key, Bounded() with { IsDurable = true });
        long Cursor() => Queue.GetInfo().Tailers.Single().Position;
        long before = Cursor();
        long? during = null;
        storage.OnSyncDirectory = _ => during ??= Cursor();
        Assert.Equal(10, witness.RunToEnd());
        Assert.Equal(before, during);
        Assert.True(Cursor() > before && attestations.DurablePosition > 0);
    }

    // The entry is committed but its flush failed. A reopened witness finds the entry, although the device does not have it.
    [Fact]
    public void Messages_with_an_unflushed_attestation_stay_unconsumed_after_a_reopen()
    {
        HookedStorage storage = new();
        using EstreamQueue attestations = EstreamQueue.Open(Beside("reopened.witness"), Options with { Storage = storage });
        Append(10);
        WitnessOptions durable = Bounded() with { IsDurable = true };
        long Cursor() => Queue.GetInfo().Tailers.Single().Position;
        long before;
        using (QueueWitness witness = QueueWitness.Open(Queue, attestations, Key, durable))
        {
            before = Cursor();
            storage.OnSyncDirectory = path =>
                throw new EstreamStorageException($"'{path}' cannot be opened: too many open files.", path, StorageFailure.Other);
            Assert.Throws<EstreamStorageException>(() => witness.RunToEnd());
            Assert.Equal(10, witness.Attested);
        }

        using QueueWitness next = QueueWitness.Open(Queue, attestations, Key, durable);
        Assert.Equal((10, before), (next.Attested, Cursor()));
        storage.OnSyncDirectory = null;
        Append(1);
        Assert.Equal(1, next.RunToEnd());
        Assert.True(Cursor() > before && attestations.DurablePosition > 0);
    }

    // A power cut leaves a log that ends within a segment, with old data after the end. The positions in the attestations point to this old
    // data.
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(int.MaxValue)]
    public void Old_data_after_the_end_of_a_truncated_log_counts_as_missing(int recheck)
    {
        QueueOptions options = Options with { SegmentBytes = 64 << 10, Checksum = FrameChecksum.Crc32C };
        using EstreamQueue attestations = EstreamQueue.Open(Beside("cut.witness"), Options);
        using (EstreamQueue whole = EstreamQueue.Open(Beside("cut"), options))
        using (QueueAppender appender = whole.CreateAppender(AppenderMode.Exclusive))
        using (QueueWitness witness = QueueWitness.Open(whole, attestations, Key, Bounded(10)))
        {
            Fill(appender, 30);
            witness.RunToEnd();
        }

        // The segment ends at the position of the eleventh message.
        EndSegmentAt(Directory.GetFiles(Beside("cut"), "*.seg").Order(StringComparer.Ordinal).First(),
            (int)Entries(attestations)[1].FirstPosition);
        using EstreamQueue cut = EstreamQueue.Open(Beside("cut"), options);
        EstreamWitnessException refused = Assert.Throws<EstreamWitnessException>(() =>
            QueueWitness.Open(cut, attestations, Key, Bounded(10) with { Recheck = recheck }));
        Assert.Equal(WitnessFault.Missing, refused.Fault);
        Assert.Equal(WitnessFault.Missing, WitnessVerifier.Verify(cut, attestations, Key.PublicKey).Damage?.Fault);
    }

    private static void EndSegmentAt(string path, int offset)
    {
        const int ControlFrame = 16 | (1 << 28), EndOfSegment = 1;
        byte[] file = File.ReadAllBytes(path);
        BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(offset), ControlFrame);
        BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(offset + 8), EndOfSegment);
        File.WriteAllBytes(path, file);
    }

    // Simulates a power cut that loses messages that were not flushed.
    [Fact]
    public void After_a_loss_a_new_witness_queue_starts_at_the_first_remaining_message()
    {
        using EstreamQueue small = EstreamQueue.Open(Beside("small"), Options with { SegmentBytes = 64 << 10, RetainedBytes = 128 << 10 });
        using EstreamQueue lost = EstreamQueue.Open(Beside("lost.witness"), Options);
        using QueueAppender appender = small.CreateAppender(AppenderMode.Exclusive);
        Fill(appender, 100);
        using (QueueWitness witness = QueueWitness.Open(small, lost, Key, Bounded()))
        {
            witness.RunToEnd();
            Fill(appender, 10_000);
            witness.RunToEnd();
        }

        Fill(appender, 2_000);
        byte[] far = [.. Entries(lost)[^1].Encoded];
        TreeHead head = Entries(lost)[^1].Attestation.Head with { Sequence = 50_000, Position = small.GetInfo().EndPosition };
        Attestation.Sign(head, Entries(lost)[^1].Attestation.Root, Key).Encoded.CopyTo(far.AsSpan(32));
        using EstreamQueue behind = EstreamQueue.Open(Beside("behind.witness"), Options);
        using (QueueAppender entries = behind.CreateAppender(AppenderMode.Exclusive))
        {
            entries.Append(Entries(lost)[0].Encoded);
            entries.Append(far);
        }

        EstreamWitnessException refused =
            Assert.Throws<EstreamWitnessException>(() => QueueWitness.Open(small, behind, Key, Bounded() with { TailerName = "behind" }));
        Assert.Contains("start with a new witness queue and another TailerName", refused.Message, StringComparison.Ordinal);

        // A new witness queue starts with the first remaining message, states its sequence number, and contradicts nothing.
        using EstreamQueue anew = EstreamQueue.Open(Beside("anew.witness"), Options);
        using (QueueWitness witness = QueueWitness.Open(small, anew, Key, Bounded() with { TailerName = "anew" }))
        {
            witness.RunToEnd();
        }

        Attestation first = Entries(anew)[0].Attestation;
        Assert.Equal(small.GetInfo().FirstSequence, first.Head.FirstSequence);
        Assert.True(first.Head.FirstSequence > 0);
        Assert.True(WitnessVerifier.Verify(small, anew, Key.PublicKey).IsWhole);
        Assert.Equal(WitnessFault.Origin, WitnessVerifier.Verify(small, anew, Entries(lost)[0].Attestation, Key.PublicKey).Damage?.Fault);
    }

    [Fact]
    public void Open_throws_for_a_tailer_of_another_witness_queue_after_a_crash()
    {
        Append(100);
        Witness(Bounded(30));
        string cursor = Path.Combine(QueueDirectory, "tailers", "witness.cursor");
        byte[] killed;
        Append(100);
        using (QueueWitness witness = QueueWitness.Open(Queue, Attestations, Key, Bounded(30)))
        {
            witness.RunToEnd();

            // Reads the file through a mapping, because .NET's file API respects the lock that the tailer holds.
            using MemoryRegion region = FileStorage.Instance.OpenRegion(cursor, RegionAccess.ReadOnly);
            killed = region.All.ReadOnlySpan(0, (int)region.Length).ToArray();
        }

        // Restores the tailer's file as a killed process leaves it.
        WhileClosed(() => File.WriteAllBytes(cursor, killed));
        using EstreamQueue anew = EstreamQueue.Open(Beside("anew.witness"), Options);
        EstreamStorageException refused = Assert.Throws<EstreamStorageException>(() => QueueWitness.Open(Queue, anew, Key, Bounded()));
        Assert.Contains("the output was replaced", refused.Message, StringComparison.Ordinal);
        Assert.True(Queue.RemoveTailer("witness"));
        using (QueueWitness witness = QueueWitness.Open(Queue, anew, Key, Bounded()))
        {
            Assert.Equal(200, witness.RunToEnd());
        }
    }

    [Fact]
    public void Messages_before_damage_are_attested()
    {
        const int Stride = 56, FirstFrame = 256;
        Append(100);
        WhileClosed(() =>
        {
            string path = Directory.GetFiles(QueueDirectory, "*.seg").Order(StringComparer.Ordinal).First();
            byte[] file = File.ReadAllBytes(path);
            BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(FirstFrame + (50 * Stride)), 7);
            File.WriteAllBytes(path, file);
        });
        using QueueWitness witness = QueueWitness.Open(Queue, Attestations, Key, Bounded());
        Assert.Throws<EstreamCorruptionException>(() => witness.RunToEnd());
        Assert.Equal(50, witness.Attested);
        Assert.Throws<EstreamCorruptionException>(() => witness.Step());
        Assert.Equal((50, 1), (witness.Attested, Entries().Count));
    }

    [Fact]
    public void Options_out_of_range_throw()
    {
        Assert.Throws<ArgumentException>(() => QueueWitness.Open(Queue, Attestations, Key, new WitnessOptions { MaxMessages = 0 }));
        Assert.Throws<ArgumentException>(() =>
            QueueWitness.Open(Queue, Attestations, Key, new WitnessOptions { MaxDelay = TimeSpan.FromSeconds(-1) }));
        Assert.Throws<ArgumentException>(() => QueueWitness.Open(Queue, Attestations, Key, new WitnessOptions { Recheck = -1 }));
        Assert.Contains("SegmentBytes",
            Assert.Throws<ArgumentException>(() =>
                QueueWitness.Open(Queue, Attestations, Key, new WitnessOptions { MaxMessages = 1 << 24 })).Message,
                StringComparison.Ordinal);
    }

    [Fact]
    public void Reading_and_hashing_allocate_nothing()
    {
        using QueueAppender appender = Queue.CreateAppender(AppenderMode.Exclusive);
        using QueueWitness witness =
            QueueWitness.Open(Queue, Attestations, Key, Bounded(1_000_000) with { MaxDelay = TimeSpan.FromDays(1) });
        byte[] payload = Payload(1);
        Assert.Equal(0, AllocationMeter.OnThisThread(100, () =>
        {
            for (int at = 0; at < 20; at++)
            {
                appender.Append(payload);
            }

            witness.Step();
        }));
        Assert.Equal(0, witness.Attested);
    }

    private static void Fill(QueueAppender appender, int count)
    {
        for (int at = 0; at < count; at++)
        {
            appender.Append(Payload(at));
        }
    }

    private static (long, long, long, long, bool) Counts(WitnessVerification found) =>
        (found.Attestations, found.Unchecked, found.Messages, found.Unattested, found.IsWhole);
}
