using System.Net;
using Estream.Testing;

namespace Estream.Host.Tests.Process;

/// <summary>Goal: a host whose volume runs full says so, takes nothing from devices, and goes on answering.</summary>
[Collection(ProcessCollection.Name)]
public sealed class FreeSpaceTests
{
    [Fact]
    public async Task Below_the_floor_health_says_how_much_is_missing_and_nothing_is_acknowledged()
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
