using System.Net;
using Estream.Testing;

namespace Estream.Host.Tests.Process;

/// <summary>Goal: a stop under load loses no acknowledged message and leaves the map complete.</summary>
[Collection(ProcessCollection.Name)]
public sealed class ShutdownTests
{
    [Theory]
    [InlineData("TERM")]
    [InlineData("INT")]
    public async Task A_signal_under_load_loses_no_message(string signal)
    {
        using HostFiles files = new();
        using HostProcess host = files.Start().WaitUntilReady();
        await using AcknowledgedLoad load = new(host.MqttPort, "d", devices: 50);
        Eventually.True(() => load.Acknowledged > 5000, "messages flow");

        host.Process.Signal(signal);
        ProcessResult end = host.Process.WaitForExit();
        await load.StopAsync();

        Assert.Equal((0, ""), (end.ExitCode, end.Error));
        Assert.Contains("Stopped.", end.Output, StringComparison.Ordinal);
        using QueueReplay replay = new QueueReplay(files.Data).Advance();
        load.AssertStored(replay);

        // The host was not restarted before this check, so the map was complete when the host ended.
        replay.AssertMapEquals(files.Data);
    }

    [Fact]
    public void Connected_consoles_do_not_delay_the_stop()
    {
        using HostFiles files = new();
        using HostProcess host = files.Start().WaitUntilReady();
        using HttpClient console = new();
        using HttpResponseMessage events = console.Send(
            new HttpRequestMessage(HttpMethod.Get, $"{host.Address}/api/events"), HttpCompletionOption.ResponseHeadersRead);
        Assert.Equal(HttpStatusCode.OK, events.StatusCode);

        Assert.Equal(0, host.Stop().ExitCode);
    }

    [Fact]
    public void A_stop_before_the_host_is_ready_is_clean()
    {
        using HostFiles files = new();
        using HostProcess host = files.Start();
        host.Process.WaitForText("is starting with data");

        ProcessResult end = host.Stop();

        Assert.Equal((0, ""), (end.ExitCode, end.Error));
    }
}
