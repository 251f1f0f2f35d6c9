using Estream.Client.TestProcess;
using Estream.Client.Tests.Hosting;
using Estream.Crypto;
using Estream.Testing;

namespace Estream.Client.Tests;

/// <summary>
/// Goal: clients that are killed, do not read, lose their connection without notice, or have the wrong role, all at once, lose nothing that
/// the host has acknowledged, and do not stop each other. A minute under <c>./test.sh --long</c>.
/// </summary>
[Collection(HostCollection.Name)]
public sealed class FaultRunTests
{
    private const byte Killed = 1;
    private const byte HalfOpen = 2;
    private const byte Forbidden = 3;
    private const int SlowReaders = 8;
    private const long MaxHeapBytes = 256L << 20;

    /// <summary>More messages than a silenced connection can still acknowledge: they are flushed 200 at a time.</summary>
    private const long BeyondBuffers = 1_000;

    private static readonly CancellationToken s_limit = new CancellationTokenSource(TimeSpan.FromMinutes(60)).Token;

    [Fact]
    public async Task Nothing_acknowledged_is_lost_while_clients_are_killed_slow_half_open_and_forbidden()
    {
        await using ClientCase host = new();
        using CancellationTokenSource stop = new();
        using CuttingProxy proxy = new(host.Socket, host.Combine("proxy.sock"), cutAfter: int.MaxValue, seed: 7);
        Guid producer = Guid.NewGuid();
        using ClientProcess appender = ClientProcess.Appender(host, producer, Killed);
        using ClientProcess reader = ClientProcess.Reader(host, "mine");
        await using EstreamClient overProxy = await EstreamClient.ConnectAsync(
            proxy.Address, new EstreamClientOptions { KeepAlive = TimeSpan.FromSeconds(1) }, s_limit);
        await using RemoteAppender cut = overProxy.Queue(ClientCase.Queue).CreateAppender();
        Task halfOpen = Task.Run(() => AppendAsync(cut, stop.Token));
        Task<int> forbidden = Task.Run(() => TryForbiddenAsync(host, stop.Token));
        long end = Environment.TickCount64 + (long)LongRun.Duration(TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(60)).TotalMilliseconds;
        do
        {
            proxy.StopForwarding();
            long before = cut.Acknowledged + BeyondBuffers;
            await RunRoundAsync(host, appender, reader);
            Eventually.True(() => cut.Acknowledged > before || halfOpen.IsCompleted, "the appender has another connection");
            Assert.False(host.Host.Process.HasExited, host.Host.Process.Error);
            Assert.False(halfOpen.IsCompleted || forbidden.IsCompleted, "a client ended by itself");
        }
        while (Environment.TickCount64 < end);

        await stop.CancelAsync();
        Assert.True(await forbidden > 0);
        await halfOpen;
        appender.Kill();
        await using RemoteAppender last = await (await host.ConnectAsync()).Queue(ClientCase.Queue).ResumeAppenderAsync(producer, s_limit);
        Assert.True(last.NextNumber > appender.Last("acknowledged"));
        await KilledClientTests.RequireOnceAsync(host, Killed, last.NextNumber - 1, isKilled: true);
        await KilledClientTests.RequireOnceAsync(host, HalfOpen, cut.Acknowledged);
        await KilledClientTests.RequireOnceAsync(host, Forbidden, 0);
    }

    /// <summary>Lets every client fail once, and requires that each continues.</summary>
    private static async Task RunRoundAsync(ClientCase host, ClientProcess appender, ClientProcess reader)
    {
        List<RawClient> slow = [.. Enumerable.Range(0, SlowReaders).Select(_ => RawClient.Connect(host))];
        slow.ForEach(client => client.Subscribe(2));
        appender.WaitForProgress("acknowledged");
        appender.Kill();
        long acknowledged = appender.Last("acknowledged");
        appender.Restart();
        Assert.True(appender.First("from") > acknowledged);

        reader.WaitForProgress("committed");
        reader.Kill();
        (long seen, long committed) = (reader.Last("seen"), reader.Last("committed"));
        reader.Restart();
        Assert.InRange(reader.First("first"), committed + 1, Math.Max(seen, committed) + 1);

        EstreamClient other = await host.ConnectAsync();
        await other.Map(ClientCase.Map).PutAsync("round", BitConverter.GetBytes(acknowledged), cancellation: s_limit);
        Assert.InRange(LimitTests.HeapBytes(host), 1, MaxHeapBytes);
        slow.ForEach(client => client.Dispose());
    }

    private static async Task AppendAsync(RemoteAppender appender, CancellationToken stop)
    {
        byte[] message = new byte[NumberedMessage.Bytes];
        while (!stop.IsCancellationRequested)
        {
            NumberedMessage.Write(message, HalfOpen, appender.NextNumber);
            await appender.AppendAsync(message, s_limit);
            if (appender.NextNumber % 200 == 0)
            {
                await appender.FlushAsync(s_limit);
            }
        }

        await appender.FlushAsync(s_limit);
    }

    /// <summary>Tries to append as a viewer. Returns how often the host has refused.</summary>
    private static async Task<int> TryForbiddenAsync(ClientCase host, CancellationToken stop)
    {
        EstreamClientOptions viewer = new() { Token = host.AddToken(AccessRole.Viewer) };
        byte[] message = new byte[NumberedMessage.Bytes];
        NumberedMessage.Write(message, Forbidden, 1);
        int refused = 0;
        while (!stop.IsCancellationRequested)
        {
            await using EstreamClient client = await EstreamClient.ConnectAsync(
                new Uri($"estream://127.0.0.1:{host.Port}"), viewer, s_limit);
            RemoteQueue queue = client.Queue(ClientCase.Queue);
            Assert.Equal(ClientStatus.Forbidden, await QueueTests.StatusOf(() => queue.AppendAsync(message, s_limit)));
            Assert.Equal(ClientStatus.Forbidden, await QueueTests.StatusOf(() => queue.ResumeAppenderAsync(Guid.NewGuid(), s_limit)));
            refused++;
        }

        return refused;
    }
}
