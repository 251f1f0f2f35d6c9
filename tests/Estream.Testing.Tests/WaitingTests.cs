using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Estream.Testing.Tests;

public sealed class WaitingTests
{
    [Fact]
    public void A_wait_ends_when_the_condition_holds()
    {
        int asked = 0;
        Eventually.True(() => ++asked == 3, "asked three times");
        Assert.Equal(3, asked);
    }

    [Fact]
    public async Task A_failed_wait_names_the_expected_condition()
    {
        TimeSpan limit = TimeSpan.FromMilliseconds(20);
        TimeoutException error = Assert.Throws<TimeoutException>(() => Eventually.True(() => false, "pigs fly", limit));
        Assert.Contains("until pigs fly", error.Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<TimeoutException>(() => Eventually.TrueAsync(() => Task.FromResult(false), "pigs fly", limit));
    }

    [Fact]
    public void Free_ports_can_be_listened_on_and_differ()
    {
        int[] ports = [.. Enumerable.Range(0, 20).Select(_ => FreePort.Next())];
        Assert.Equal(20, ports.Distinct().Count());
        using TcpListener listener = new(IPAddress.Loopback, ports[0]);
        listener.Start();
        Assert.True(listener.Server.IsBound);
    }

    [Fact]
    public void Free_ports_are_outside_the_ephemeral_range_and_not_owned_by_another_process()
    {
        if (OperatingSystem.IsLinux())
        {
            int kernel = int.Parse(File.ReadAllText("/proc/sys/net/ipv4/ip_local_port_range").Split('\t')[0], CultureInfo.InvariantCulture);
            Assert.InRange(FreePort.Next(), 1_024, kernel - 1);
        }

        int port = FreePort.Next();
        using TcpListener other = new(IPAddress.Loopback, port + 1);
        other.Start();
        Assert.NotEqual(port + 1, FreePort.Next());
    }

    [Fact]
    public void Counts_follow_the_long_run_switch()
    {
        Assert.Equal(LongRun.IsOn ? 200 : 20, LongRun.Count(everyday: 20, full: 200));
        Assert.Equal(LongRun.IsOn ? TimeSpan.FromHours(1) : TimeSpan.FromMinutes(1),
            LongRun.Duration(TimeSpan.FromMinutes(1), TimeSpan.FromHours(1)));
    }

    [Fact]
    public void The_repository_root_contains_the_solution()
    {
        Assert.True(File.Exists(RepositoryRoot.Combine("Estream.sln")));
    }
}
