using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Estream.Circuits.Operations.Replication;
using Estream.Core;
using Estream.Queue;
using Estream.Replication.Tests.Brokers;
using Estream.Testing;

namespace Estream.Replication.Tests.Queues;

[Collection(BrokerCollection.Name)]
public sealed class BrokerReplicationTests(BrokerCluster brokers) : IDisposable
{
    private readonly TempDirectory _folder = new();

    private string Copy => _folder.Combine("copy");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_quorum_append_completes_and_the_copy_is_equal_byte_for_byte()
    {
        RabbitReplication replication = new(brokers.NewCluster());
        using EstreamQueue source = OpenSource();
        await using (QueuePublisher publisher = replication.Publish("orders", source))
        await using (QueueFollower follower = replication.Follow("orders", Copy))
        {
            using QueueAppender appender = source.CreateAppender();
            byte[] message = new byte[100];
            for (int i = 0; i < 5_000; i++)
            {
                Random.Shared.NextBytes(message);
                _ = appender.Append(message.AsSpan(0, i % 101));
            }

            long position = await appender.AppendAsync(message, Durability.Quorum);
            WaitFor(follower, position);
            Assert.Equal(0, publisher.GetStatus().LagMessages);
        }

        Assert.Equal(5_001, LogFiles.RequireEqual(source.Directory, Copy));
        Assert.Equal(0, ReplicaInspector.Read(source.Directory).LagMessages);
        Assert.Equal(ReplicaInspector.Read(source.Directory).Position, ReplicaInspector.Read(Copy).Position);
    }

    [Fact]
    public async Task Both_sides_continue_after_a_restart_and_apply_each_message_once()
    {
        RabbitReplication replication = new(brokers.NewCluster());
        using EstreamQueue source = OpenSource();
        using QueueAppender appender = source.CreateAppender(AppenderMode.Exclusive);
        for (int round = 0; round < 3; round++)
        {
            await using QueuePublisher publisher = replication.Publish("orders", source);
            long position = await AppendAsync(appender, 300);
            await using QueueFollower follower = replication.Follow("orders", Copy);
            WaitFor(follower, position);
            Assert.Equal(round + 1, publisher.GetStatus().Epoch);
        }

        Assert.Equal(900, LogFiles.RequireEqual(source.Directory, Copy));
    }

    [Fact]
    public async Task A_publisher_that_lost_its_queue_confirms_nothing_and_its_queue_refuses_quorum_appends()
    {
        RabbitReplication replication = new(brokers.NewCluster());
        using EstreamQueue source = OpenSource();
        using QueueAppender appender = source.CreateAppender();
        await using QueuePublisher publisher = replication.Publish("orders", source);
        await using (QueueFollower follower = replication.Follow("orders", Copy))
        {
            WaitFor(follower, await AppendAsync(appender, 10));
        }

        using EstreamQueue taken = EstreamQueue.Open(Copy);
        await using QueuePublisher successor = replication.Publish("orders", taken);
        using QueueAppender other = taken.CreateAppender();
        _ = await AppendAsync(other, 10);

        await publisher.Completion;
        Assert.Equal(ReplicationState.Fenced, publisher.GetStatus().State);
        EstreamStorageException refused = await Assert.ThrowsAsync<EstreamStorageException>(
            async () => await appender.AppendAsync(new byte[1], Durability.Quorum));
        Assert.Equal(ReplicationFault.Fenced, Assert.IsType<EstreamReplicationException>(refused.InnerException).Fault);
        Assert.Contains("epoch 2", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_operation_queue_replicate_runs_on_the_brokers()
    {
        using EstreamQueue source = OpenSource();
        using (QueueAppender appender = source.CreateAppender())
        {
            for (int i = 0; i < 1_000; i++)
            {
                _ = appender.Append(BitConverter.GetBytes(i));
            }
        }

        RabbitReplicationEngine engine = new(new RabbitReplication(brokers.NewCluster()));
        using IReplica replica = engine.OpenQueue("orders", source);
        long messages = 0;
        Eventually.True(
            () =>
            {
                ReplicationProgress progress = replica.Advance(10_000);
                messages += progress.Messages;
                return progress.LagMessages == 0;
            },
            "all messages are confirmed");
        Assert.Equal(1_000, messages);
        Assert.Equal(source.EndPosition(), replica.Advance(0).Position);
    }

    [Fact]
    public async Task Entries_are_encrypted_and_a_follower_with_another_key_reports_it()
    {
        ReplicationCluster cluster = brokers.NewCluster() with { Key = RandomNumberGenerator.GetBytes(ReplicationCluster.KeyBytes) };
        using EstreamQueue source = OpenSource();
        await using QueuePublisher publisher = new RabbitReplication(cluster).Publish("orders", source);
        using QueueAppender appender = source.CreateAppender();
        long position = await AppendAsync(appender, 100);
        await using (QueueFollower follower = new RabbitReplication(cluster).Follow("orders", Copy))
        {
            WaitFor(follower, position);
        }

        Assert.Equal(100, LogFiles.RequireEqual(source.Directory, Copy));
        await using QueueFollower wrong = new RabbitReplication(cluster with { Key = new byte[ReplicationCluster.KeyBytes] })
            .Follow("orders", _folder.Combine("wrong"));
        Eventually.True(() => wrong.GetStatus().UnreadableEntries > 0, "the entries are skipped");
        Assert.NotEqual(ReplicationState.Running, wrong.GetStatus().State);
        Assert.Contains("replication keys", wrong.GetStatus().Failure, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Tls_connects_with_the_authority_of_the_brokers_and_not_without_it()
    {
        ReplicationCluster cluster = brokers.NewCluster() with
        {
            Brokers = [.. brokers.Nodes.Select(node => new DnsEndPoint("localhost", node.TlsPort))],
            UseTls = true,
        };
        using X509Certificate2 authority = X509CertificateLoader.LoadCertificateFromFile(brokers.Authority);
        using EstreamQueue source = OpenSource();
        using QueueAppender appender = source.CreateAppender();
        await using (QueuePublisher stranger = new RabbitReplication(cluster).Publish("orders", source))
        {
            Eventually.True(() => stranger.GetStatus().Failure is not null, "the certificate is refused");
            Assert.Equal(0, stranger.GetStatus().Connections);
        }

        await using QueuePublisher publisher = new RabbitReplication(cluster with { Authorities = [authority] }).Publish("orders", source);
        _ = await AppendAsync(appender, 10);
    }

    [Fact]
    public async Task A_wrong_password_is_reported_without_the_password()
    {
        ReplicationCluster cluster = brokers.NewCluster() with { Password = "not-the-password" };
        using EstreamQueue source = OpenSource();
        await using QueuePublisher publisher = new RabbitReplication(cluster).Publish("orders", source);
        Eventually.True(() => publisher.GetStatus().Failure is not null, "the password is refused");
        Assert.DoesNotContain("not-the-password", publisher.GetStatus().Failure, StringComparison.Ordinal);
        Assert.Equal(ReplicationState.Disconnected, publisher.GetStatus().State);
    }

    [Fact]
    public async Task Nothing_acknowledged_is_lost_or_doubled_while_brokers_are_killed()
    {
        RabbitReplication replication = new(brokers.NewCluster());
        using EstreamQueue source = OpenSource();
        long last;
        await using (QueuePublisher publisher = replication.Publish("orders", source))
        await using (QueueFollower follower = replication.Follow("orders", Copy))
        {
            using QueueAppender appender = source.CreateAppender();
            last = await AppendAsync(appender, 100);
            for (int round = 0; round < LongRun.Count(3, 50); round++)
            {
                BrokerNode[] victims = round % 3 == 2 ? [.. brokers.Nodes] : [brokers.Nodes[round % brokers.Nodes.Count]];
                Task<long> appending = AppendAsync(appender, 500);
                foreach (BrokerNode victim in victims)
                {
                    victim.Kill();
                }

                // With one node down, a majority confirms.
                last = victims.Length == 1 ? await appending : last;
                BrokerCluster.Start(victims);
                last = Math.Max(await appending, await AppendAsync(appender, 100));
            }

            WaitFor(follower, last);
        }

        Assert.Equal(source.GetInfo().MessageCount, LogFiles.RequireEqual(source.Directory, Copy));
    }

    [Fact]
    public async Task A_stream_that_was_deleted_at_the_brokers_gets_the_whole_log_again()
    {
        ReplicationCluster cluster = brokers.NewCluster();
        RabbitReplication replication = new(cluster);
        using EstreamQueue source = OpenSource();
        using QueueAppender appender = source.CreateAppender();
        await using (QueuePublisher publisher = replication.Publish("orders", source))
        await using (QueueFollower follower = replication.Follow("orders", Copy))
        {
            WaitFor(follower, await AppendAsync(appender, 500));
        }

        _ = brokers.Nodes[0].Control("rabbitmqctl", "delete_queue", $"estream.{cluster.Name}.orders");
        await using (QueuePublisher publisher = replication.Publish("orders", source))
        await using (QueueFollower follower = replication.Follow("orders", Copy))
        {
            WaitFor(follower, await AppendAsync(appender, 10));
        }

        Assert.Equal(510, LogFiles.RequireEqual(source.Directory, Copy));
    }

    [Fact]
    public async Task Brokers_and_followers_keep_about_what_the_source_retains()
    {
        RabbitReplication replication = new(brokers.NewCluster());
        QueueOptions options = new() { SegmentBytes = 256 << 10, RetainedBytes = 1 << 20 };
        using EstreamQueue source = EstreamQueue.Open(_folder.Combine("source"), options);
        using QueueAppender appender = source.CreateAppender();
        byte[] message = new byte[64 << 10];
        await using (QueuePublisher publisher = replication.Publish("orders", source))
        await using (QueueFollower follower = replication.Follow("orders", Copy))
        {
            long position = 0;
            int count = LongRun.Count(2_000, 16_384);
            for (int i = 1; i <= count; i++)
            {
                position = i % 50 == 0 ? await appender.AppendAsync(message, Durability.Quorum) : appender.Append(message);
            }

            WaitFor(follower, position);
            Eventually.True(() => LogBytes(Copy) < 16 << 20, "the copy is as short as its source");
            foreach (BrokerNode node in brokers.Nodes)
            {
                Eventually.True(() => StreamBytes(node) < 64 << 20, "the broker has deleted old segments");
            }

            await using QueueFollower late = replication.Follow("orders", _folder.Combine("late"));
            WaitFor(late, position = await appender.AppendAsync(message, Durability.Quorum));
        }

        Assert.NotEqual(0, ReplicaInspector.Verify(_folder.Combine("late"), source.Directory).Messages);
        Assert.True(ReplicaInspector.Verify(_folder.Combine("late"), source.Directory).IsEqual);
    }

    private static long LogBytes(string directory) => Directory.GetFiles(directory, "*.seg*").Sum(file => new FileInfo(file).Length);

    // Other tests of the collection leave small streams.
    private static long StreamBytes(BrokerNode node) => Directory
        .GetFiles(node.Data, "*.segment", SearchOption.AllDirectories)
        .GroupBy(Path.GetDirectoryName).Max(stream => stream.Sum(file => new FileInfo(file).Length));

    private static async Task<long> AppendAsync(QueueAppender appender, int count)
    {
        byte[] message = RandomNumberGenerator.GetBytes(200);
        long position = 0;
        for (int i = 0; i < count - 1; i++)
        {
            position = appender.Append(message.AsSpan(0, i % 200));
            if (i % 50 == 0)
            {
                _ = await appender.AppendAsync(message, Durability.Quorum);
                i++;
            }
        }

        return await appender.AppendAsync(message, Durability.Quorum);
    }

    private static void WaitFor(QueueFollower follower, long position) => Eventually.True(
        () => follower.GetStatus().Position > position
            || (follower.Completion.IsCompleted ? throw new InvalidOperationException(follower.GetStatus().Failure) : false),
        "the copy has the last message", TimeSpan.FromMinutes(5));

    private EstreamQueue OpenSource() => EstreamQueue.Open(_folder.Combine("source"), new QueueOptions { SegmentBytes = 64 << 10 });
}
