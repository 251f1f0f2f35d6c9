using Estream.Testing;
using Estream.Wire.Mqtt.Tests.Peers;
using Estream.Wire.Mqtt.Tests.Rig;
using static Estream.Wire.Mqtt.Tests.Rig.Samples;

namespace Estream.Wire.Mqtt.Tests.Serving;

/// <summary>The endpoint with an independent subscriber and publisher.</summary>
public class MosquittoSubscriberTests
{
    [PeerTheory("mosquitto_sub", MosquittoTools.Package)]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Messages_of_each_QoS_arrive_in_order_with_their_properties(int qos)
    {
        await using ServingEndpoint endpoint = await ServingEndpoint.StartAsync();
        using ChildProcess subscriber =
            MosquittoTools.Subscribe(endpoint.Port, "-q", $"{qos}", "-t", "devices/+/telemetry", "-F", "%t %q %C %P %p", "-C", "20");
        subscriber.WaitForText("SUBACK");

        MosquittoTools.Publish(
            endpoint.Port, "-q", $"{qos}", "-t", Topic, "-m", Json, "--repeat", "20", "--repeat-delay", "0.01",
            "-D", "publish", "content-type", "application/json", "-D", "publish", "user-property", "site", "north").EnsureSuccess();

        Assert.Equal(0, subscriber.WaitForExit().ExitCode);
        Assert.Equal(20,
            subscriber.Output.Split('\n')
                .Count(line => line.Contains($"{Topic} {qos} application/json site:north {Json}", StringComparison.Ordinal)));

        // The endpoint sends a message to its subscribers before it stores the message.
        Eventually.True(() => endpoint.Queues.ReadTelemetry().Count == 20, "the messages are stored");
    }

    [PeerFact("mosquitto_sub", MosquittoTools.Package)]
    public async Task Session_continues_where_it_stopped()
    {
        // With -c mosquitto_sub requests a session that never expires.
        string[] session = ["-i", "keeper", "-c", "-q", "2", "-t", "a/#"];
        await using ServingEndpoint endpoint = await ServingEndpoint.StartAsync();
        using (ChildProcess first = MosquittoTools.Subscribe(endpoint.Port, [.. session, "-E"]))
        {
            Assert.Equal(0, first.WaitForExit().ExitCode);
        }

        endpoint.AwaitConnections(0);
        MosquittoTools.Publish(endpoint.Port, "-q", "2", "-t", "a/b", "-m", "meanwhile", "--repeat", "3").EnsureSuccess();
        using ChildProcess second = MosquittoTools.Subscribe(endpoint.Port, [.. session, "-C", "3", "-F", "got %p at %q"]);

        Assert.Equal(0, second.WaitForExit().ExitCode);
        Assert.Equal(3, second.Output.Split('\n').Count(line => line.Contains("got meanwhile at 2", StringComparison.Ordinal)));
    }
}
