using System.Diagnostics;
using Estream.Client.Tests.Hosting;
using Estream.Testing;

namespace Estream.Client.Tests;

/// <summary>Goal: appends and gets allocate nothing in steady state, in the client and in the host, except the value that a get
/// returns.</summary>
[Collection(HostCollection.Name)]
public sealed class AllocationTests
{
    // Messages and gets are so many that the requests for the host's metrics, and its timers, are a byte or two of each.
    private const int Appends = 400_000;
    private const int Gets = 80_000;
    private const int ValueBytes = 100;

    /// <summary>Bytes per message: an appender that waits for room allocates some 100 bytes per batch of a thousand messages.</summary>
    private const double MaxPerAppend = 1;

    /// <summary>Bytes per get: an array with the payload of the response, which the returned value uses.</summary>
    private const double MaxPerGet = ValueBytes + 60;

    /// <summary>Bytes per operation in the host, which allocates for its metrics and timers.</summary>
    private const double MaxInHost = 8;

    [Fact]
    public async Task Appends_allocate_nothing_in_client_and_host()
    {
        await using ClientCase host = new();
        await using RemoteAppender appender = (await host.ConnectAsync(overTcp: false)).Queue(ClientCase.Queue).CreateAppender();
        byte[] message = new byte[100];
        await AppendAsync(appender, message);

        (double inClient, double inHost) = await MeasureAsync(host, () => AppendAsync(appender, message), Appends, MaxPerAppend);

        Assert.InRange(inClient, 0, MaxPerAppend);
        Assert.InRange(inHost, 0, MaxInHost);
    }

    [Fact]
    public async Task Gets_allocate_the_value_in_the_client_and_nothing_in_the_host()
    {
        await using ClientCase host = new();
        RemoteMap map = (await host.ConnectAsync()).Map(ClientCase.Map);
        await map.PutAsync("key", new byte[ValueBytes]);
        await GetAsync(map);

        (double inClient, double inHost) = await MeasureAsync(host, () => GetAsync(map), Gets, MaxPerGet);

        Assert.InRange(inClient, ValueBytes, MaxPerGet);
        Assert.InRange(inHost, 0, MaxInHost);
    }

    /// <summary>Runs operations until client and host stay within their limits, at most a minute, and returns the bytes per operation of
    /// the best runs. The JIT compiler and other threads allocate in some runs; the operations allocate in every run.</summary>
    private static async Task<(double InClient, double InHost)> MeasureAsync(
        ClientCase host, Func<Task> run, int operations, double maxInClient)
    {
        (double InClient, double InHost) least = (double.MaxValue, double.MaxValue);
        for (long start = Stopwatch.GetTimestamp();
            (least.InClient > maxInClient || least.InHost > MaxInHost) && Stopwatch.GetElapsedTime(start) < Eventually.DefaultLimit;)
        {
            long before = HostAllocated(host);
            long inClient = await AllocationMeter.OnAllThreadsAsync(run);
            long inHost = HostAllocated(host) - before;
            least = (Math.Min(least.InClient, inClient / (double)operations), Math.Min(least.InHost, inHost / (double)operations));
        }

        return least;
    }

    private static async Task AppendAsync(RemoteAppender appender, byte[] message)
    {
        for (int i = 0; i < Appends; i++)
        {
            await appender.AppendAsync(message);
        }

        await appender.FlushAsync();
    }

    /// <summary>Gets an entry from several tasks at once.</summary>
    private static Task GetAsync(RemoteMap map)
    {
        const int Tasks = 8;
        MapKey key = "key";
        return Task.WhenAll(Enumerable.Range(0, Tasks).Select(async _ =>
        {
            for (int i = 0; i < Gets / Tasks; i++)
            {
                Assert.True(await map.GetAsync(key) is { Value.Length: ValueBytes });
            }
        }));
    }

    private static long HostAllocated(ClientCase host) => LimitTests.Metric(host, "dotnet_gc_allocated_bytes_total");
}
