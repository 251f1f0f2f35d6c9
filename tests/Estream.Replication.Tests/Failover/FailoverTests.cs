using System.Net;
using Estream.Replication.Tests.Brokers;
using Estream.Testing;
using Xunit.Abstractions;

namespace Estream.Replication.Tests.Failover;

/// <summary>Two hosts on real brokers, of which one is active and the other takes over.</summary>
[Collection(BrokerCollection.Name)]
public sealed class FailoverTests : IDisposable
{
    private readonly TempDirectory _folder = new();
    private readonly BrokerCluster _brokers;
    private readonly ITestOutputHelper _output;
    private readonly HostPair _pair;

    public FailoverTests(BrokerCluster brokers, ITestOutputHelper output)
    {
        (_brokers, _output) = (brokers, output);
        _pair = new HostPair(brokers.NewCluster(), _folder);
    }

    public void Dispose()
    {
        _pair.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task A_standby_takes_over_a_killed_host_under_load_and_no_acknowledged_message_is_lost_or_stored_twice()
    {
        int port = FreePort.Next();
        (string Name, HostProcess Host) active = ("a", _pair.Start("a", port).WaitUntilReady());
        (string Name, HostProcess Host) standby = ("b", _pair.Start("b", port));
        HostPair.WaitUntilFollowing(standby.Host);
        for (int round = 0; round < LongRun.Count(1, 50); round++)
        {
            await KillUnderLoadAsync(active.Host, standby.Name, port, round);
            HostProcess again = _pair.Start(active.Name, port);
            HostPair.WaitUntilFollowing(again);
            _pair.WaitUntilEqual(standby.Name, active.Name);
            (active, standby) = (standby, (active.Name, again));
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_host_whose_log_differs_follows_again_however_many_logs_it_has_put_aside(bool isFlushed)
    {
        const int Messages = 100;
        HostProcess active = _pair.Start("a").WaitUntilReady();
        HostProcess standby = _pair.Start("b");
        HostPair.WaitUntilFollowing(standby);
        await using (Device early = new(active.MqttPort, Messages))
        {
            await early.Completion;
        }

        Eventually.True(() => _pair.Read("b").Count == Messages, "the standby has all messages");
        active.Kill();
        _pair.AppendUnconfirmed("a", isFlushed);
        for (int number = 1; number <= 9; number++)
        {
            Directory.CreateDirectory(_folder.Combine("a", "queues", $"telemetry.diverged-{number}"));
        }

        _ = standby.WaitUntilReady();
        await using (Device late = new(standby.MqttPort, Messages, number: 1))
        {
            await late.Completion;
        }

        HostProcess again = _pair.Start("a");
        HostPair.WaitUntilFollowing(again);
        _pair.WaitUntilEqual("b", "a");
        string expected = $$"""
            "diverged":[{"queue":"telemetry","logs":1,"kept":{{(isFlushed ? 1 : 0)}},
            """.Trim();
        Eventually.True(
            () => again.Health() == HttpStatusCode.ServiceUnavailable && again.HealthText.Contains(expected, StringComparison.Ordinal),
            $"the health has {expected}");
        Assert.True(Directory.Exists(_folder.Combine("a", "queues", "telemetry.diverged-10")));
    }

    [Fact]
    public async Task A_suspended_host_that_continues_after_a_takeover_acknowledges_nothing_and_ends()
    {
        TimeSpan takeover = await SuspendedHost.RunAsync(_pair);
        _output.WriteLine($"takeover after SIGSTOP: {takeover.TotalMilliseconds:0} ms until the standby is ready");
    }

    [Fact]
    public async Task A_host_that_is_cut_off_from_the_brokers_stops_its_adapters_and_ends()
    {
        const int Messages = 300;
        int brokerPort = FreePort.Next();
        using PortForward forward = new(brokerPort, _brokers.Nodes[0].Port);
        HostProcess cut = _pair.Start("a", brokerPort: brokerPort).WaitUntilReady();
        HostProcess other = _pair.Start("b");
        await using (Device early = new(cut.MqttPort, Messages))
        {
            await early.Completion;
        }

        HostPair.WaitUntilFollowing(other);
        await using Device stranded = new(cut.MqttPort, messages: 0, perSecond: 500, number: 1);
        Eventually.True(() => !stranded.Acknowledged.IsEmpty, "the active host acknowledges");
        forward.Cut();

        ProcessResult ended = cut.Process.WaitForExit();
        Assert.Equal(1, ended.ExitCode);
        Assert.Contains("This host is not active any more. The host has not held the lease", ended.Error, StringComparison.Ordinal);
        _ = other.WaitUntilReady();
        await using Device late = new(other.MqttPort, Messages, number: 2);
        await late.Completion;
        string[] stored = [.. _pair.Read("b").Select(message => message.Split(' ')[0])];
        Assert.Empty(stranded.Acknowledged.Keys.Concat(late.Acknowledged.Keys).Except(stored));
    }

    private async Task KillUnderLoadAsync(HostProcess active, string standby, int port, int round)
    {
        const int Messages = 2_000;
        string[] before = [];
        long killed = 0;

        // The device sends nothing while it kills the host, so the host is killed under load on a machine of any speed.
        await using Device device = new(port, Messages, perSecond: 1_000, number: round, acknowledged: all =>
        {
            if (killed == 0 && all.Count > Messages / 4)
            {
                active.Kill();
                before = [.. all.Keys];
                killed = Environment.TickCount64;
            }
        });

        await device.Completion;
        long resumed = device.Acknowledged.Values.Where(time => time > killed).DefaultIfEmpty(killed).Min();
        _output.WriteLine($"takeover after SIGKILL: {resumed - killed} ms until the first acknowledgement");
        Assert.InRange(before.Length, 1, Messages - 1);
        string[] stored = [.. _pair.Read(standby).Select(message => message.Split(' ')[0])
            .Where(name => name.StartsWith($"m{round}-", StringComparison.Ordinal))];
        Assert.Equal(Messages, stored.Distinct().Count());
        Assert.DoesNotContain(before, name => stored.Count(other => other == name) > 1);
        Assert.InRange(stored.Length, Messages, Messages + Device.Window);
    }
}
