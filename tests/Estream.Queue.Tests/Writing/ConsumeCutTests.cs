using Estream.Core;
using Estream.Queue.Internal;
using Estream.Queue.Tests.Support;

namespace Estream.Queue.Tests;

/// <summary>A power cut that leaves the cursor of a consumer ahead of its output, or the output ahead of the source. Messages with output
/// are not read again, messages that lost their output are, and no new message is skipped.</summary>
public sealed class ConsumeCutTests : QueueCase
{
    private readonly List<long> _sources = [];
    private readonly List<long> _outputs = [];

    private static QueueOptions Restarted(byte run) =>
        Small with { Storage = new FlushStorage { BootId = new Guid(run, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11) } };

    private string Output => Beside("output");

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Messages_whose_output_was_lost_are_consumed_again(bool endedInOrder)
    {
        Fill();
        Run(Small, (source, output) =>
        {
            Consume(source, output, 0, 5);
            Consume(source, output, 5, 5);
            Consume(source, output, 10, 5, endInOrder: endedInOrder);
        });
        Damage(Output, _outputs[2]);
        Run(Restarted(1), (source, output) =>
        {
            Assert.Equal(_outputs[2], output.Recovery!.EndPosition);
            Consume(source, output, 10, 2);
            Consume(source, output, 12, 10);
        });

        // A restart that lost nothing repeats nothing.
        Run(Restarted(2), (source, output) => Consume(source, output, 22, 3));
    }

    [Fact]
    public void A_reader_that_lost_all_its_output_starts_where_it_first_started()
    {
        Fill();
        Run(Small, (source, output) =>
        {
            using (QueueTailer plain = source.CreateTailer("pipe"))
            {
                plain.Seek(_sources[3]);
            }

            using (QueueAppender other = output.CreateAppender())
            {
                other.Append("of somebody else"u8);
            }

            Consume(source, output, 3, 5);
        });
        Damage(Output, _outputs[0]);
        Run(Restarted(1), (source, output) => Consume(source, output, 3, 5));
    }

    [Fact]
    public void Messages_that_replace_lost_source_messages_are_consumed()
    {
        Fill();
        Run(Small, (source, output) =>
        {
            Consume(source, output, 0, 5);
            Consume(source, output, 5, 5, endInOrder: false);
        });
        Damage(QueueDirectory, _sources[7]);
        Run(Restarted(1), (source, output) =>
        {
            Assert.Equal(_sources[7], source.Recovery!.EndPosition);
            using QueueAppender appender = source.CreateAppender();
            for (int i = 0; i < 200; i++)
            {
                appender.Append(new byte[30]);
            }

            Consume(source, output, 7, 20);
            Consume(source, output, 27, 20);
        });
    }

    [Fact]
    public void A_tailer_name_that_was_used_without_the_output_resumes_at_its_cursor()
    {
        Fill();
        Run(Small, (source, output) =>
        {
            Consume(source, output, 0, 5);
            using QueueTailer plain = source.CreateTailer("pipe");
            plain.Seek(_sources[20]);
        });
        Run(Restarted(1), (source, output) => Consume(source, output, 20, 5));
    }

    [Fact]
    public void A_tailer_is_refused_when_retention_deleted_its_output()
    {
        Fill();
        Run(Small with { RetainedBytes = 1 }, (source, output) =>
        {
            Consume(source, output, 0, 5);
            using QueueAppender appender = output.CreateAppender();
            AppendSegments(appender, 4);
        });
        using EstreamQueue source = EstreamQueue.Open(QueueDirectory, Restarted(1));
        using EstreamQueue output = EstreamQueue.Open(Output, Restarted(1));
        Assert.True(output.GetInfo().FirstPosition > SegmentBytes);
        Assert.Throws<EstreamStorageException>(() => source.CreateTailer("pipe", output));
    }

    [Fact]
    public void A_new_tailer_name_starts_at_the_oldest_message_when_the_start_of_the_output_was_deleted()
    {
        Fill();
        Run(Small with { RetainedBytes = 1 }, (source, output) =>
        {
            using QueueAppender appender = output.CreateAppender();
            AppendSegments(appender, 4);
        });
        Run(Restarted(1), (source, output) =>
        {
            Assert.NotNull(output.Recovery);
            Assert.True(output.GetInfo().FirstPosition > SegmentBytes);
            Consume(source, output, 0, 5);
        });
    }

    [Fact]
    public void A_tailer_name_that_was_deleted_and_recreated_starts_at_the_oldest_message()
    {
        Fill();
        Run(Small, (source, output) => Consume(source, output, 0, 5));
        Run(Restarted(1), (source, output) =>
        {
            Assert.True(source.RemoveTailer("pipe"));
            Consume(source, output, 0, 5);
        });
    }

    [Fact]
    public void A_tailer_name_that_a_killed_process_used_without_the_output_resumes_at_its_cursor()
    {
        Fill();
        Run(Small, (source, output) =>
        {
            Consume(source, output, 0, 5, endInOrder: false);
            using (QueueTailer plain = source.CreateTailer("pipe"))
            {
                plain.Seek(_sources[20]);
            }

            Consume(source, output, 20, 5);
        });
    }

    [Fact]
    public void Messages_that_replace_ones_lost_in_an_earlier_power_cut_are_consumed()
    {
        Fill();
        Run(Small, (source, output) => Consume(source, output, 0, 10, endInOrder: false));
        Damage(QueueDirectory, _sources[7]);
        using (EstreamQueue source = EstreamQueue.Open(QueueDirectory, Restarted(1)))
        using (QueueAppender appender = source.CreateAppender())
        {
            Assert.Equal(_sources[7], source.Recovery!.EndPosition);
            for (int i = 0; i < 200; i++)
            {
                appender.Append(new byte[30]);
            }
        }

        Run(Restarted(2), (source, output) => Consume(source, output, 7, 20, endInOrder: false));
        Run(Restarted(3), (source, output) => Consume(source, output, 27, 20));
    }

    // None of the new messages has output at the second power cut. The output still refers to the lost messages, up to a position after the
    // new ones.
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Replacement_messages_not_consumed_before_a_second_power_cut_are_consumed(bool isBegunBetween)
    {
        Fill();
        Run(Small, (source, output) => Consume(source, output, 0, 10, endInOrder: false));
        Damage(QueueDirectory, _sources[7]);
        Run(Restarted(1), (source, output) =>
        {
            Assert.Equal(_sources[7], source.Recovery!.EndPosition);
            if (isBegunBetween)
            {
                source.CreateTailer("pipe", output).Dispose();
            }

            using QueueAppender appender = source.CreateAppender();
            for (int i = 0; i < 200; i++)
            {
                appender.Append(new byte[30]);
            }
        });
        Run(Restarted(2), (source, output) => Consume(source, output, 7, 20));
        Run(Restarted(3), (source, output) => Consume(source, output, 27, 20));
    }

    // Output of an earlier reader of the name does not count for a new one, even if the power is cut before the new reader appends
    // anything.
    [Fact]
    public void A_tailer_name_that_was_deleted_and_recreated_ignores_its_earlier_output()
    {
        Fill();
        Run(Small, (source, output) => Consume(source, output, 0, 5));
        Run(Small, (source, output) =>
        {
            Assert.True(source.RemoveTailer("pipe"));
            source.CreateTailer("pipe", output).Dispose();
        });
        Run(Restarted(1), (source, output) => Consume(source, output, 0, 5));
    }

    // With several writers, recovery skips a claim that was never committed. A committed batch of which only the claim became durable looks
    // the same. Later batches of the same reader must not remain in the output without that batch.
    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    public void A_batch_reduced_to_its_claim_invalidates_the_batches_consumed_after_it(int segments)
    {
        Fill();
        Run(Small, (source, output) =>
        {
            Consume(source, output, 0, 5, mode: AppenderMode.Shared);
            Consume(source, output, 5, 5, mode: AppenderMode.Shared);
            using (QueueAppender other = output.CreateAppender())
            {
                AppendSegments(other, segments);
            }

            Consume(source, output, 10, 5, mode: AppenderMode.Shared);
        });
        Assert.Equal(segments, _outputs[2] / SegmentBytes);
        Unclaim(_outputs[1]);
        using (EstreamQueue reader = EstreamQueue.OpenReadOnly(Output, Restarted(1)))
        {
            Assert.Equal(5, reader.GetInfo().MessageCount);
        }

        Run(Restarted(1), (source, output) =>
        {
            Assert.Equal(_outputs[1], output.Recovery!.EndPosition);
            Consume(source, output, 5, 5);
            Consume(source, output, 10, 5);
        });
    }

    [Fact]
    public void A_claim_after_all_consumed_batches_is_skipped()
    {
        Fill();
        long claimed = 0;
        Run(Small, (source, output) =>
        {
            Consume(source, output, 0, 5, mode: AppenderMode.Shared);
            using QueueAppender other = output.CreateAppender();
            claimed = other.Append("of somebody else"u8);
            other.Append("behind it"u8);
        });
        Unclaim(claimed);
        Run(Restarted(1), (source, output) =>
        {
            Assert.Equal(6, Texts(output).Count);
            Consume(source, output, 5, 5);
        });
    }

    // No page is lost in this case: the claim belongs to a killed writer, and the messages after it were read.
    [Fact]
    public void A_claim_before_consumed_batches_is_skipped_when_only_a_flush_failed()
    {
        Fill();
        long claimed = 0;
        FlushStorage storage = new();
        Run(Small with { Storage = storage }, (source, output) =>
        {
            Consume(source, output, 0, 5, mode: AppenderMode.Shared);
            using (QueueAppender other = output.CreateAppender())
            {
                claimed = other.Append("of somebody else"u8);
                storage.Fails = true;
                Assert.Throws<EstreamStorageException>(() => other.Append("fails"u8, Durability.Every));
                storage.Fails = false;
            }

            Consume(source, output, 5, 5, mode: AppenderMode.Shared);
        });
        Unclaim(claimed);
        Run(Small, (source, output) =>
        {
            Assert.Equal(QueueRecoveryCause.FailedFlush, output.Recovery!.Cause);
            Assert.Equal(11, Texts(output).Count);
            Consume(source, output, 10, 5);
        });
    }

    // A flush of the source fails, and its writer reopens the source. The active reader does not notice, because no message was lost.
    [Fact]
    public void Repairing_the_source_while_its_tailer_is_open_repeats_no_message()
    {
        Fill();
        using EstreamQueue output = EstreamQueue.Open(Output, Small);
        using QueueAppender appender = output.CreateAppender();
        byte[] left;
        using (EstreamQueue mine = EstreamQueue.Open(QueueDirectory, Small))
        using (QueueTailer tailer = mine.CreateTailer("pipe", output))
        {
            Read(appender, tailer, 40);
            FlushStorage storage = new();
            using (EstreamQueue source = EstreamQueue.Open(QueueDirectory, Small with { Storage = storage }))
            using (QueueAppender writer = source.CreateAppender())
            {
                storage.Fails = true;
                Assert.Throws<EstreamStorageException>(() => writer.Append(new byte[24], Durability.Every));
            }

            using (EstreamQueue source = EstreamQueue.Open(QueueDirectory, Small))
            using (QueueAppender writer = source.CreateAppender())
            {
                Assert.Equal(QueueRecoveryCause.FailedFlush, source.Recovery!.Cause);
                for (int i = 0; i < 10; i++)
                {
                    writer.Append(new byte[24]);
                }
            }

            Read(appender, tailer, 6);
            left = Content(InQueue("tailers", "pipe.cursor"));
        }

        // Restores the cursor as a killed process leaves it.
        File.WriteAllBytes(InQueue("tailers", "pipe.cursor"), left);
        using EstreamQueue again = EstreamQueue.Open(QueueDirectory, Small);
        using QueueTailer next = again.CreateTailer("pipe", output);
        Read(appender, next, 5);
        Assert.False(next.TryRead(out _));
    }

    // If a process was killed before this flush, or the device refused the flush, the next user of the name flushes.
    [Fact]
    public void The_next_tailer_flushes_a_start_position_that_is_not_durable()
    {
        Fill();
        string cursor = InQueue("tailers", "pipe.cursor");
        List<string> flushed = [];
        var storage = new FlushStorage { OnFlush = flushed.Add };
        Run(Small with { Storage = storage }, (source, output) =>
        {
            storage.FailsDirectories = true;
            Assert.Throws<EstreamStorageException>(() => source.CreateTailer("pipe", output));
            storage.FailsDirectories = false;
            flushed.Clear();
            source.CreateTailer("pipe", output).Dispose();
            Assert.Contains(cursor, flushed);
            flushed.Clear();
            source.CreateTailer("pipe", output).Dispose();
            Assert.DoesNotContain(cursor, flushed);
        });
    }

    [Fact]
    public void Output_lost_in_an_earlier_power_cut_is_consumed_again()
    {
        Fill();
        Run(Small, (source, output) =>
        {
            Consume(source, output, 0, 5);
            Consume(source, output, 5, 5);
            Consume(source, output, 10, 5, endInOrder: false);
        });
        Damage(Output, _outputs[1]);
        using (EstreamQueue output = EstreamQueue.Open(Output, Restarted(1)))
        using (QueueAppender appender = output.CreateAppender())
        {
            Assert.Equal(_outputs[1], output.Recovery!.EndPosition);
            for (int i = 0; i < 200; i++)
            {
                appender.Append(new byte[30]);
            }
        }

        Run(Restarted(2), (source, output) => Consume(source, output, 5, 5));
    }

    [Fact]
    public void A_tailer_name_is_durable_before_its_output()
    {
        Fill();
        List<string> flushed = [];
        var storage = new FlushStorage { OnFlush = flushed.Add };
        Run(Small with { Storage = storage }, (source, output) =>
        {
            (string cursor, int syncs) = (InQueue("tailers", "pipe.cursor"), storage.DirectorySyncs);
            using (source.CreateTailer("pipe", output))
            {
                Assert.Contains(cursor, flushed);
                Assert.True(storage.DirectorySyncs > syncs);
            }

            // A name that is durable is not flushed again.
            flushed.Clear();
            source.CreateTailer("pipe", output).Dispose();
            Assert.DoesNotContain(cursor, flushed);
        });
    }

    private void Fill()
    {
        using EstreamQueue source = EstreamQueue.Open(QueueDirectory, Small);
        using QueueAppender appender = source.CreateAppender();
        for (int i = 0; i < 40; i++)
        {
            _sources.Add(appender.Append(new byte[24]));
        }
    }

    private void Run(QueueOptions options, Action<EstreamQueue, EstreamQueue> action)
    {
        using EstreamQueue source = EstreamQueue.Open(QueueDirectory, options);
        using EstreamQueue output = EstreamQueue.Open(Output, options);
        action(source, output);
    }

    private void Consume(EstreamQueue source, EstreamQueue output, long first, int count, bool endInOrder = true,
        AppenderMode mode = AppenderMode.Exclusive)
    {
        string cursor = InQueue("tailers", "pipe.cursor");
        byte[] left;
        using (QueueAppender appender = output.CreateAppender(mode))
        using (QueueTailer tailer = source.CreateTailer("pipe", output))
        {
            using BatchClaim batch = appender.ClaimBatch(count * sizeof(long), count, tailer);
            for (int i = 0; i < count; i++)
            {
                Assert.True(tailer.TryRead(out QueueMessage message));
                Assert.Equal(first + i, message.Sequence);
                batch.Append(BitConverter.GetBytes(message.Sequence));
            }

            _outputs.Add(batch.Position);
            batch.Commit();
            left = Content(cursor);
        }

        if (!endInOrder)
        {
            File.WriteAllBytes(cursor, left);
        }
    }

    private static void Read(QueueAppender appender, QueueTailer tailer, int count)
    {
        using BatchClaim batch = appender.ClaimBatch(count * sizeof(long), count, tailer);
        for (int i = 0; i < count; i++)
        {
            Assert.True(tailer.TryRead(out QueueMessage message));
            batch.Append(BitConverter.GetBytes(message.Sequence));
        }

        batch.Commit();
    }

    // Restores the bytes of the output from before a message or a batch was committed.
    private void Unclaim(long position)
    {
        string path = Path.Combine(Output, $"{position / SegmentBytes:D12}.seg");
        long offset = position % SegmentBytes;
        byte[] file = Content(path);
        long stride = 0;
        bool goesOn = true;
        while (goesOn)
        {
            long frame = offset + stride;
            int word = BitConverter.ToInt32(file, (int)frame);
            goesOn = (BitConverter.ToUInt32(file, (int)frame + FrameLayout.NumberOffset) & FrameLayout.BatchFlag) != 0;
            stride += FrameLayout.StrideOfAny(word);
        }

        Overwrite(path, offset, BitConverter.GetBytes(ClaimWord.Pack(ClaimWord.OwnerPart(slot: 0, epoch: 1), stride)));
    }

    // Overwrites the first payload byte of a message, or of the first message of a batch.
    private static void Damage(string queue, long position) =>
        Overwrite(Path.Combine(queue, $"{position / SegmentBytes:D12}.seg"), (position % SegmentBytes) + 16, 0xFF);
}
