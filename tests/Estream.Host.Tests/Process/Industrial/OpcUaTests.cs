using Estream.Testing;
using Estream.Wire.OpcUa;

namespace Estream.Host.Tests.Process.Industrial;

/// <summary>Goal: a host with an OPC UA client keeps the values of a server and performs writes. Method: the simulated server runs in the
/// test, and the host is a process.</summary>
[Collection(ProcessCollection.Name)]
public sealed class OpcUaTests : IDisposable
{
    private readonly TempDirectory _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Values_are_stored_and_shown_and_continue_after_the_host_is_killed()
    {
        await using OpcUaSimulator simulator = new();
        simulator.AddVariable("Level", new UaVariant(UaType.Double, 1.0));
        string config = WriteConfig(simulator.Url);
        using (HostProcess host = HostProcess.Start(_folder.Combine("data"), configFile: config).WaitUntilReady())
        {
            AwaitValue(host, "1");
            simulator.SetValue("Level", new UaVariant(UaType.Double, 2.0));
            AwaitValue(host, "2");
            Assert.DoesNotContain("\"Gap\"", host.Get("/api/queues/events/messages?last=10"), StringComparison.Ordinal);
            Assert.Contains("estream_opcua_gaps_total{adapter=\"line\"}", host.Get("/metrics"), StringComparison.Ordinal);
            Assert.Contains("opcua-client", host.Get("/api/overview"), StringComparison.Ordinal);
            host.Kill();
        }

        simulator.SetValue("Level", new UaVariant(UaType.Double, 3.0));
        using (HostProcess host = HostProcess.Start(_folder.Combine("data"), configFile: config).WaitUntilReady())
        {
            AwaitValue(host, "3");

            // The host cannot know whether the value changed more than once while no host ran.
            string events = "";
            Eventually.True(() => (events = host.Get("/api/queues/events/messages?last=10"))
                .Contains("the adapter was not running", StringComparison.Ordinal), "the gap is recorded");
            Assert.Contains("last_received_at", events, StringComparison.Ordinal);
            Assert.Equal(0, host.Stop().ExitCode);
        }
    }

    private static void AwaitValue(HostProcess host, string value) => Eventually.True(
        () => host.Get("/api/queues/readings/messages?last=1").Contains($"\"value\":{value}", StringComparison.Ordinal)
            && host.Get("/api/maps/latest?prefix=press.level").Contains($"\"value\":{value}", StringComparison.Ordinal),
        $"the value {value} is shown");

    private string WriteConfig(string url)
    {
        string file = _folder.Combine("estream.json");
        File.WriteAllText(file, $$$$$"""
            {"Estream":{
              "Queues":{"readings":{},"events":{}},
              "Maps":{"latest":{"Queue":"readings","Schema":"OpcUaReading","Key":"item"}},
              "Adapters":{
               "line":{"Type":"opcua-client",
                "Servers":[{"Name":"press","Url":"{{{{{url}}}}}","Policy":"None","PublishingIntervalMs":50,
                 "Items":[{"Name":"press.level","Node":"ns=1;s=Level"}]}],
                "Mappings":[{"Schema":"OpcUaReading","Queue":"readings"},
                            {"Schema":"OpcUaEvent","Queue":"events"}]}}}}
            """);
        return file;
    }
}
