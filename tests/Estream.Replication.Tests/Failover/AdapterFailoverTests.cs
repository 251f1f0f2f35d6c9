using System.Diagnostics;
using Estream.Crypto;
using Estream.Replication.Tests.Brokers;
using Estream.Testing;
using Xunit.Abstractions;

namespace Estream.Replication.Tests.Failover;

/// <summary>A pair of hosts that is killed again and again, under the load of FIX, HL7 and a consumer group, on real brokers.</summary>
[Collection(BrokerCollection.Name)]
public sealed class AdapterFailoverTests : IDisposable
{
    private const int EachBeforeKill = 25;

    private readonly TempDirectory _folder = new();
    private readonly ITestOutputHelper _output;
    private readonly HostPair _pair;
    private readonly int _fixPort = FreePort.Next();
    private readonly int _hl7Port = FreePort.Next();
    private readonly FixOrders _orders;
    private readonly Hl7Sender _admissions;
    private readonly GroupWork _trades = new();

    public AdapterFailoverTests(BrokerCluster brokers, ITestOutputHelper output)
    {
        _output = output;
        _pair = new HostPair(brokers.NewCluster(), _folder, Sections, "\"orders\", \"headers\", \"trades\", \"booked\"");
        (_orders, _admissions) = (new FixOrders(_fixPort), new Hl7Sender(_hl7Port));
        WriteKeys();
    }

    public void Dispose()
    {
        _pair.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task Every_acknowledged_message_is_stored_once_after_failovers_under_load_of_FIX_HL7_and_a_group()
    {
        int failovers = LongRun.Count(3, 50);
        long start = Stopwatch.GetTimestamp();
        (string Name, HostProcess Host) active = ("a", _pair.Start("a").WaitUntilReady());
        (string Name, HostProcess Host) standby = ("b", _pair.Start("b"));
        HostPair.WaitUntilFollowing(standby.Host);
        for (int round = 0; round < failovers; round++)
        {
            await KillUnderLoadAsync(active.Name, active.Host, round);
            _ = standby.Host.WaitUntilReady();
            HostProcess again = _pair.Start(active.Name);
            HostPair.WaitUntilFollowing(again);
            (active, standby) = (standby, (active.Name, again));
        }

        await FinishAsync(active.Name);
        active.Host.Kill();
        RequireOnce(active.Name);
        _output.WriteLine($"{failovers} failovers in {Stopwatch.GetElapsedTime(start).TotalSeconds:0} s: {_orders.Sent.Count} orders, "
            + $"{_admissions.Acknowledged.Count} admissions and {_trades.Acknowledged.Count} trades");
    }

    private async Task KillUnderLoadAsync(string name, HostProcess host, int round)
    {
        int orders = _orders.Answered, admissions = _admissions.Acknowledged.Count, trades = _trades.Acknowledged.Count;
        using CancellationTokenSource stop = new();
        Task[] work =
        [
            Task.Run(() => _orders.Run(round)), Task.Run(() => _admissions.Run(round)),
            _trades.AppendAsync(AddressOf(name), round, stop.Token), GroupWork.BookAsync(AddressOf(name), stop.Token),
        ];
        try
        {
            Eventually.True(
                () => _orders.Answered >= orders + EachBeforeKill && _admissions.Acknowledged.Count >= admissions + EachBeforeKill
                    && _trades.Acknowledged.Count >= trades + EachBeforeKill,
                $"messages of each kind are acknowledged in round {round}", ChildProcess.DefaultLimit);
        }
        catch (TimeoutException)
        {
            await Task.WhenAny(work.Where(task => task.IsFaulted).DefaultIfEmpty(Task.CompletedTask)).Unwrap();
            throw;
        }

        host.Kill();
        await stop.CancelAsync();
        await Task.WhenAll(work).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    // Sends orders again that the last host lacks, and waits until the group has stored all results.
    private async Task FinishAsync(string name)
    {
        _orders.Finish();
        using CancellationTokenSource stop = new();
        Task booking = GroupWork.BookAsync(AddressOf(name), stop.Token);
        Eventually.True(
            () => booking.IsFaulted || !_trades.Acknowledged.Except(_pair.Names(name, "booked")).Any(), "all trades are booked",
            ChildProcess.DefaultLimit);
        await stop.CancelAsync();
        await booking.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        Assert.False(booking.IsFaulted, booking.Exception?.ToString());
    }

    private void RequireOnce(string name)
    {
        RequireOnce(_orders.Sent, _pair.Names(name, "orders"));
        RequireOnce(_admissions.Acknowledged, _pair.Names(name, "headers"));
        RequireOnce(_trades.Acknowledged, [.. _pair.Names(name, "trades/0000"), .. _pair.Names(name, "trades/0001")]);
        RequireOnce(_trades.Acknowledged, _pair.Names(name, "booked"));
    }

    private static void RequireOnce(IEnumerable<string> acknowledged, List<string> stored)
    {
        Assert.Empty(acknowledged.Except(stored));
        Assert.Equal(stored.Count, stored.Distinct().Count());
    }

    private Uri AddressOf(string name) => new("unix:" + _folder.Combine(name, "run", "client.sock"));

    private string Sections(string name) => $$"""
        "Privacy": { "Keys": "{{_folder.Combine("keys")}}" },
        "Queues": {
          "orders": {}, "headers": {}, "trades": { "Partitions": 2, "SegmentBytes": 1048576 }, "booked": {}, "dead-letters": {}
        },
        "Adapters": {
          "desks": {
            "Type": "fix-acceptor", "Port": {{_fixPort}},
            "Sessions": [{ "SenderCompId": "BROKER", "TargetCompId": "DESK", "Journal": "{{_folder.Combine(name, "journal")}}" }],
            "Mappings": [{ "MsgType": "D", "Schema": "EStreamOrder", "Queue": "orders" }]
          },
          "admissions": {
            "Type": "hl7-listener", "Port": {{_hl7Port}}, "PseudonymKeyFile": "{{_folder.Combine("hl7.key")}}",
            "Mappings": [{ "Schema": "Hl7Header", "Queue": "headers" }]
          }
        }
        """;

    // Orders have private fields, which are sealed for an audience.
    private void WriteKeys()
    {
        using MlKem1024PrivateKey key = MlKem1024PrivateKey.Generate();
        _ = Directory.CreateDirectory(_folder.Combine("keys"));
        MlKem1024KeyFile.WritePublic(_folder.Combine("keys", "default.pub.pem"), key.PublicKey);
        SecretFiles.Write(_folder.Combine("hl7.key"), "0123456789abcdef0123456789abcdef");
    }
}
