using System.Security.Cryptography;
using System.Text;
using Estream.Queue;
using Estream.Replication.Tests.Brokers;
using Estream.Testing;

namespace Estream.Replication.Tests.Regions;

/// <summary>A queue that is marked for a region is not sent out of its region. The test looks at every byte on the connections to a
/// broker.</summary>
[Collection(BrokerCollection.Name)]
public sealed class RegionReplicationTests(BrokerCluster brokers) : IDisposable
{
    private const string Europe = "lex://acme/eu";
    private const string Germany = "lex://acme/eu/de";
    private const string America = "lex://acme/us";

    private readonly TempDirectory _folder = new();
    private readonly string _secret = Convert.ToHexString(RandomNumberGenerator.GetBytes(16));
    private readonly string _free = Convert.ToHexString(RandomNumberGenerator.GetBytes(16));

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(America)]
    [InlineData("lex://acme/europe")]
    [InlineData("lex://acme")]
    [InlineData(null)]
    public async Task Nothing_of_a_marked_queue_crosses_to_a_cluster_outside_its_region(string? place)
    {
        using CapturingRelay relay = new(brokers.Nodes[0].EndPoint);
        using EstreamQueue marked = OpenFilled("patients", Europe, _secret);
        using EstreamQueue free = OpenFilled("weather", null, _free);
        RabbitReplication replication = new(brokers.NewCluster() with { Brokers = [relay.EndPoint], Region = place });
        ArgumentException refused = Assert.Throws<ArgumentException>(() => replication.Publish("patients", marked));
        Assert.Contains($"is marked for region '{Europe}'", refused.Message, StringComparison.Ordinal);

        // The control: an unmarked queue crosses the same relay.
        await using QueuePublisher publisher = replication.Publish("weather", free);
        using QueueAppender appender = free.CreateAppender();
        _ = await appender.AppendAsync("last"u8.ToArray(), Durability.Quorum);
        Assert.True(relay.HasSeen(Encoding.ASCII.GetBytes(_free)));
        Assert.True(relay.HasSeen(BitConverter.GetBytes(free.Id)));
        Assert.False(relay.HasSeen(Encoding.ASCII.GetBytes(_secret)));
        Assert.False(relay.HasSeen(BitConverter.GetBytes(marked.Id)));
        Assert.False(relay.HasSeen("patients"u8));
    }

    [Fact]
    public async Task A_marked_queue_crosses_inside_its_region_and_its_copy_stays_there()
    {
        using CapturingRelay relay = new(brokers.Nodes[0].EndPoint);
        using EstreamQueue marked = OpenFilled("patients", Europe, _secret);
        RabbitReplication replication = new(brokers.NewCluster() with { Brokers = [relay.EndPoint], Region = Germany });
        string copy = _folder.Combine("copy");
        await using (QueuePublisher publisher = replication.Publish("patients", marked))
        await using (QueueFollower follower = replication.Follow("patients", copy))
        {
            using QueueAppender appender = marked.CreateAppender();
            long position = await appender.AppendAsync("last"u8.ToArray(), Durability.Quorum);
            Eventually.True(() => follower.GetStatus().Position > position, "the copy has the last message");
        }

        Assert.True(relay.HasSeen(Encoding.ASCII.GetBytes(_secret)));
        using EstreamQueue copied = EstreamQueue.Open(copy);
        Assert.Equal(Germany, copied.Region);
        RabbitReplication elsewhere = new(brokers.NewCluster() with { Region = America });
        Assert.Throws<ArgumentException>(() => elsewhere.Publish("patients", copied));
        Assert.Throws<ArgumentException>(() => elsewhere.Follow("other", copy));
    }

    private EstreamQueue OpenFilled(string name, string? region, string text)
    {
        EstreamQueue queue = EstreamQueue.Open(_folder.Combine(name), new QueueOptions { SegmentBytes = 64 << 10, Region = region });
        using QueueAppender appender = queue.CreateAppender();
        for (int i = 0; i < 10; i++)
        {
            _ = appender.Append(Encoding.ASCII.GetBytes($"{i} {text}"));
        }

        return queue;
    }
}
