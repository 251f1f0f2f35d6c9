using System.Security.Cryptography.X509Certificates;
using Estream.Queue;
using Estream.Replication.Tests.Brokers;
using Estream.Testing;

namespace Estream.Replication.Tests.Queues;

[Collection(BrokerCollection.Name)]
public sealed class BrokerReplicationTests(BrokerCluster brokers) : IDisposable
{
    private readonly TempDirectory _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_quorum_append_completes_and_the_copy_is_equal_byte_for_byte()
    {
        RabbitReplication replication = new(brokers.NewCluster());
        using EstreamQueue source = EstreamQueue.Open(_folder.Combine("source"), new QueueOptions { SegmentBytes = 64 << 10 });
        await using (QueuePublisher publisher = replication.Publish("orders", source))
        await using (QueueFollower follower = replication.Follow("orders", _folder.Combine("copy")))
        {
            using QueueAppender appender = source.CreateAppender();
            byte[] message = new byte[100];
            for (int i = 0; i < 5_000; i++)
            {
                Random.Shared.NextBytes(message);
                _ = appender.Append(message.AsSpan(0, i % 101));
            }

            long position = await appender.AppendAsync(message, Durability.Quorum);
            Eventually.True(() => follower.GetStatus().Position > position, "the copy has the last message");
        }

        Assert.Equal(5_001, LogFiles.RequireEqual(source.Directory, _folder.Combine("copy")));
    }
}
