using System.Net;
using Estream.Testing;

namespace Estream.Host.Tests.Process;

/// <summary>Goal: a host with a nearly full volume reports it, accepts nothing from devices, and still answers requests.</summary>
[Collection(ProcessCollection.Name)]
public sealed class FreeSpaceTests
{
    [Fact]
    public async Task Below_the_free_space_floor_health_reports_the_missing_bytes_and_nothing_is_acknowledged()
    {
        using HostFiles files = new();
        File.WriteAllText(files.Config, File.ReadAllText(files.Config).Replace(
            "\"Adapters\":", $"\"Storage\":{{\"MinFreeBytes\":{long.MaxValue}}},\"Adapters\":", StringComparison.Ordinal));
        using HostProcess host = files.Start();
        using HttpClient client = new();
        string health = host.WaitUntilDegraded();
        Assert.Contains("less than Storage:MinFreeBytes", health, StringComparison.Ordinal);
        Assert.Contains("\"state\":\"unhealthy\"", health, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, (await client.GetAsync($"{host.Address}/api/overview")).StatusCode);
        Assert.Equal("live\n", await client.GetStringAsync($"{host.Address}/health/live"));
        Assert.Equal(0, host.Stop().ExitCode);
    }
}
