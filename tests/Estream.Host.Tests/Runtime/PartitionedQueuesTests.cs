using Estream.Core;
using Estream.Host.Tests.Process;
using Estream.Queue;
using Estream.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Estream.Host.Tests.Runtime;

/// <summary>Goal: a host creates partitioned queues that other programs open, and refuses a directory that contains something
/// else.</summary>
[Collection(ProcessCollection.Name)]
public sealed class PartitionedQueuesTests : IDisposable
{
    private readonly TempDirectory _directory = new();
    private readonly QueueOptions _small = new() { SegmentBytes = 65536 };

    private string Trades => _directory.Combine("data", "queues", "trades");

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task A_host_opens_the_partitions_of_a_queue_again()
    {
        for (int start = 0; start < 2; start++)
        {
            using IHost host = Build(estream => estream.AddPartitionedQueue("trades", 4, _small));
            await host.StartAsync();
            await host.StopAsync();
        }

        using PartitionedQueue trades = PartitionedQueue.OpenReadOnly(Trades);
        Assert.Equal(4, trades.PartitionCount);
        Assert.All(Enumerable.Range(0, 4), number => Assert.NotEqual(0, trades.Partition(number).Id));
    }

    [Fact]
    public async Task A_directory_with_another_kind_of_queue_is_refused()
    {
        PartitionedQueue.Open(Trades, 4).Dispose();
        using IHost eight = Build(estream => estream.AddPartitionedQueue("trades", 8, _small));
        EstreamFormatException number = await Assert.ThrowsAsync<EstreamFormatException>(() => eight.StartAsync());
        Assert.Contains("has 4 partitions, but the setting Partitions of queue trades is 8.", number.Message, StringComparison.Ordinal);

        using IHost ordinary = Build(estream => estream.AddQueue("trades", _small));
        EstreamFormatException missing = await Assert.ThrowsAsync<EstreamFormatException>(() => ordinary.StartAsync());
        Assert.Contains("Estream:Queues:trades:Partitions is missing. Set it to 4", missing.Message, StringComparison.Ordinal);

        EstreamQueue.Open(_directory.Combine("data", "queues", "orders"), _small).Dispose();
        using IHost partitioned = Build(estream => estream.AddPartitionedQueue("orders", 2, _small));
        EstreamFormatException kind = await Assert.ThrowsAsync<EstreamFormatException>(() => partitioned.StartAsync());
        Assert.Contains("contains an ordinary queue, but the setting Partitions of queue orders is 2.", kind.Message,
            StringComparison.Ordinal);
    }

    private IHost Build(Action<EstreamBuilder> describe)
    {
        HostApplicationBuilder builder = new(new HostApplicationBuilderSettings { DisableDefaults = true });
        describe(builder.Services.AddEstream().UseData(_directory.Combine("data")));
        return builder.Build();
    }
}
