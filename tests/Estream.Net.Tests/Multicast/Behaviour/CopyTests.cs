using Estream.Core;
using Estream.Crypto;
using Estream.Net.Multicast;
using Estream.Net.Tests.Multicast.Rig;
using Estream.Net.Tests.Multicast.Simulation;
using Estream.Queue;
using Estream.Testing;
using Estream.Witness;

namespace Estream.Net.Tests.Multicast.Behaviour;

public sealed class CopyTests
{
    [Fact]
    public void A_witness_proof_of_the_source_verifies_for_the_copy()
    {
        using MulticastRig rig = new(new NetworkFaults());
        using MlDsa87PrivateKey key = MlDsa87PrivateKey.Generate();
        using EstreamQueue attestations = EstreamQueue.Open(rig.Folder("witness"), rig.SourceOptions);
        _ = rig.Publish();
        _ = rig.Subscribe();
        rig.Append(1_500);
        using (QueueWitness witness = QueueWitness.Open(rig.Source, attestations, key, new WitnessOptions { Clock = rig.Network.Clock }))
        {
            witness.RunToEnd();
        }

        rig.RunToEnd();
        rig.Unsubscribe(1);

        using EstreamQueue copy = EstreamQueue.OpenReadOnly(rig.Folder("copy-1"));
        using WitnessProver prover = new(rig.Source, attestations, key.PublicKey);
        using QueueTailer tailer = copy.CreateTailer();
        int proven = 0;
        while (tailer.TryRead(out QueueMessage message))
        {
            if (message.Sequence % 100 == 7)
            {
                MessageProof proof = prover.ProveMessage(message.Sequence);
                Assert.True(proof.Verify(rig.Source.Id, key.PublicKey));
                Assert.Equal(message.Time, proof.Time);
                Assert.True(message.Payload.SequenceEqual(proof.Payload));
                proven++;
            }
        }

        Assert.Equal(15, proven);
    }

    [Fact]
    public void A_copy_of_an_exclusive_source_has_its_positions_numbers_and_times_over_segments()
    {
        using MulticastRig rig = new();
        rig.Append(2_000);
        _ = rig.Publish();
        MulticastSubscriber subscriber = rig.Subscribe();
        rig.RunToEnd();
        rig.Unsubscribe(1);

        Assert.True(rig.Messages()[^1].Position > 3 * rig.Source.SegmentBytes);
        Assert.Equal(rig.Messages(), rig.Copy());
        Assert.True(subscriber.Statistics.PositionsAreEqual);
    }

    [Fact]
    public void Newest_starts_after_the_last_message_sent()
    {
        using MulticastRig rig = new();
        rig.Append(100);
        _ = rig.Publish();
        MulticastSubscriber subscriber = rig.Subscribe(options: new MulticastSubscriberOptions { Start = MulticastStart.Newest });
        rig.RunUntil(() => subscriber.State == MulticastState.Live);
        rig.Append(50);
        rig.RunToEnd();
        rig.Unsubscribe(1);

        Assert.Equal(rig.Messages().Skip(100).Select(message => message.Bytes), rig.Copy().Select(message => message.Bytes));
    }

    [Fact]
    public void Position_starts_at_that_message()
    {
        using MulticastRig rig = new();
        rig.Append(100);
        long position = rig.Messages()[40].Position;
        _ = rig.Publish();
        _ = rig.Subscribe(options: new MulticastSubscriberOptions { Start = MulticastStart.Position, StartPosition = position });
        rig.RunToEnd();
        rig.Unsubscribe(1);

        Assert.Equal(rig.Messages().Skip(40).Select(message => message.Bytes), rig.Copy().Select(message => message.Bytes));
    }

    [Fact]
    public void A_position_at_which_no_message_starts_is_refused()
    {
        using MulticastRig rig = new();
        rig.Append(100);
        _ = rig.Publish();
        MulticastSubscriber subscriber = rig.Subscribe(
            options: new MulticastSubscriberOptions { Start = MulticastStart.Position, StartPosition = rig.Messages()[40].Position + 8 });
        rig.RunUntil(() => subscriber.Failure is not null);

        Assert.Equal(MulticastFailure.Diverged, subscriber.Failure!.Reason);
        Assert.Same(subscriber.Failure, Assert.Throws<EstreamMulticastException>(() => subscriber.Poll()));
    }

    [Fact]
    public void A_copy_continues_after_its_last_message()
    {
        using MulticastRig rig = new();
        rig.Append(300);
        _ = rig.Publish();
        _ = rig.Subscribe();
        rig.RunToEnd();
        rig.Unsubscribe(1);
        rig.Append(300);
        MulticastSubscriber again = rig.Subscribe();
        rig.RunToEnd();
        MulticastSubscriberStatistics statistics = again.Statistics;
        rig.Unsubscribe(1);

        Assert.Equal((1, 300), (statistics.MessagesVerified, statistics.MessagesAppended));
        Assert.Equal(rig.Messages(), rig.Copy());
    }

    [Fact]
    public void A_source_that_was_created_again_is_refused()
    {
        using MulticastRig rig = new();
        rig.Append(100);
        _ = rig.Publish();
        _ = rig.Subscribe();
        rig.RunToEnd();
        rig.Unsubscribe(1);
        List<CopiedMessage> before = rig.Copy();
        rig.ReplaceSource(rig.Folder("another"));
        rig.Append(200);
        _ = rig.Publish();
        MulticastSubscriber again = rig.Subscribe();
        rig.RunUntil(() => again.Failure is not null);
        rig.Unsubscribe(1);

        Assert.Equal(MulticastFailure.DifferentSource, again.Failure!.Reason);
        Assert.Equal(before, rig.Copy());
    }

    [Theory]
    [InlineData(100, 101)]
    [InlineData(100, 100)]
    public void A_source_that_lost_copied_messages_is_refused(int length, int otherLength)
    {
        using MulticastRig rig = new();
        rig.Append(100);
        CopyDirectory(rig.Source.Directory, rig.Folder("older"));
        rig.Append(50, length);
        _ = rig.Publish();
        MulticastSubscriber subscriber = rig.Subscribe();
        rig.RunToEnd();
        rig.ReplaceSource(rig.Folder("older"));
        for (int index = 0; index < 80; index++)
        {
            _ = rig.Appender.Append(new byte[otherLength]);
        }

        _ = rig.Publish();
        rig.RunUntil(() => subscriber.Failure is not null);
        rig.Unsubscribe(1);

        Assert.Equal(MulticastFailure.Diverged, subscriber.Failure!.Reason);
        Assert.Equal(150, rig.Copy().Count);
    }

    [Fact]
    public void A_copy_whose_next_message_was_deleted_is_refused()
    {
        using MulticastRig rig = new();
        rig.Append(100);
        _ = rig.Publish();
        _ = rig.Subscribe();
        rig.RunToEnd();
        rig.Unsubscribe(1);
        rig.EndPublisher();
        rig.Append(3_000);
        _ = rig.Source.ApplyRetention(64 << 10, TimeSpan.Zero);
        _ = rig.Publish();
        MulticastSubscriber again = rig.Subscribe();
        rig.RunUntil(() => again.Failure is not null);

        Assert.Equal(MulticastFailure.Deleted, again.Failure!.Reason);
    }

    [Fact]
    public void A_queue_that_is_not_a_copy_is_refused()
    {
        using MulticastRig rig = new();
        rig.Append(10);
        using (EstreamQueue other = EstreamQueue.Open(rig.Folder("copy-1"), rig.SourceOptions))
        using (QueueAppender appender = other.CreateAppender(AppenderMode.Exclusive))
        {
            _ = appender.Append("not a copy"u8);
        }

        _ = rig.Publish();
        MulticastSubscriber subscriber = rig.Subscribe();
        rig.RunUntil(() => subscriber.Failure is not null);
        rig.Unsubscribe(1);

        Assert.Equal(MulticastFailure.NotACopy, subscriber.Failure!.Reason);
        _ = Assert.Single(rig.Copy());
    }

    [Fact]
    public void An_encrypted_source_gives_a_plaintext_copy_with_the_same_messages()
    {
        using QueueKeyRing keys = new("test", new byte[32]);
        using MulticastRig rig = new(new NetworkFaults(), new QueueOptions { SegmentBytes = 64 << 10, Keys = keys });
        rig.Append(1_000);
        _ = rig.Publish();
        _ = rig.Subscribe();
        rig.Append(500, 3_000);
        using QueueTailer tailer = rig.Source.CreateTailer();
        List<string> source = [];
        long last = 0;
        while (tailer.TryRead(out QueueMessage message))
        {
            source.Add(Convert.ToHexString(message.Payload));
            last = message.Position;
        }

        rig.RunUntil(() => rig.Subscriber(1).Statistics.LastPosition == last);
        rig.Unsubscribe(1);

        Assert.Equal(source, rig.Copy().Select(message => message.Bytes));
    }

    private static void CopyDirectory(string from, string to) => SimulatedSubscriber.CopyFiles(from, to);
}
