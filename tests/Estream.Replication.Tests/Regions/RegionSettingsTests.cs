using Estream.Testing;

namespace Estream.Replication.Tests.Regions;

/// <summary>The settings that a host refuses because messages would leave the region of their queue.</summary>
public sealed class RegionSettingsTests : IDisposable
{
    private const string Mqtt = "\"Adapters\": { \"m\": { \"Type\": \"mqtt-endpoint\", \"Address\": \"127.0.0.1\", \"Port\": 1883, "
        + "\"Mappings\": [{ \"Topic\": \"a/{device_id}\", \"Payload\": \"json\", \"Schema\": \"IoTTelemetry\", \"Queue\": \"q\" }] } }";

    private const string Fix = "\"Adapters\": { \"f\": { \"Type\": \"fix-acceptor\", \"Port\": 9878, \"Address\": \"127.0.0.1\", "
        + "\"Sessions\": [{ \"SenderCompId\": \"A\", \"TargetCompId\": \"B\", \"Journal\": \"journal\" }], "
        + "\"Mappings\": [{ \"MsgType\": \"D\", \"Schema\": \"OrderSingle\", \"Queue\": \"q\" }] } }";

    private readonly TempDirectory _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("\"Publish\": [\"q\"]", "", "publishes the queue and has no Region")]
    [InlineData("\"Publish\": [\"q\"], \"Region\": \"lex://acme/us\"", "", "publishes the queue and is in")]
    [InlineData("\"Publish\": [\"q\"], \"Region\": \"lex://acme/europe\"", "", "publishes the queue and is in")]
    [InlineData("\"Publish\": [\"dead-letters\"]", Mqtt, "go to dead-letters, which Replication publishes")]
    [InlineData("\"Publish\": [\"dead-letters\"], \"Role\": \"auto\"", Fix, "The journal is replicated")]
    [InlineData("\"Region\": \"eu\"", "", "an address such as lex://acme/boilers/telemetry")]
    [InlineData("\"Factor\": 1", "\"Multicast\": { \"m\": { \"Publish\": \"q\", \"Group\": \"239.0.0.1\" } }", "Multicast cannot tell")]
    public void A_host_refuses_settings_with_which_messages_leave_their_region(string replication, string more, string expected)
    {
        ProcessResult result = Check(replication, more);
        Assert.Equal(1, result.ExitCode);
        Assert.Contains(expected, result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_host_accepts_a_cluster_inside_the_region()
    {
        ProcessResult result = Check("\"Publish\": [\"q\"], \"Region\": \"lex://acme/eu/de\"", Mqtt);
        Assert.True(result.ExitCode == 0, result.Error);
    }

    private ProcessResult Check(string replication, string more)
    {
        string file = _folder.Combine("host.json");
        string rest = more.Length == 0 ? "" : $", {more}";
        File.WriteAllText(file, $$"""
            { "Estream": { "Queues": { "q": { "Region": "lex://acme/eu" }, "dead-letters": {} }{{rest}},
                "Replication": { "Cluster": "c", "Brokers": ["127.0.0.1:5672"], {{replication}} } } }
            """);
        return ChildProcess.Run("dotnet", [BuiltProgram.Host, "--check", "--config", file]);
    }
}
