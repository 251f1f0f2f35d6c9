using Estream.Testing;
using Estream.Wire.Mqtt.Tests.Peers;
using Estream.Wire.Mqtt.Tests.Rig;

namespace Estream.Wire.Mqtt.Tests.Judges;

/// <summary>
/// One script of steps, run by an independent client on mosquitto and on the endpoint: QoS levels, filters, properties, retained messages,
/// sessions, wills and shared subscriptions. The subscribers of the client must receive the same packets from both.
/// </summary>
public class StepsTests
{
    private const string Paho = "/usr/lib/python3/dist-packages/paho/mqtt/client.py";

    [PeerFact(Paho, "python3-paho-mqtt")]
    public async Task Subscribers_of_paho_see_the_same_on_the_endpoint_as_on_mosquitto()
    {
        using MosquittoBroker broker = new();
        await using ServingEndpoint endpoint = await ServingEndpoint.StartAsync();

        string[] expected = Play(broker.Port);
        string[] seen = Play(endpoint.Port);

        Assert.Equal("done", expected[^1]);
        Assert.Equal(expected, seen);
    }

    /// <summary>Runs Debian's Python, for which Debian builds its package of paho.</summary>
    private static string[] Play(int port)
    {
        string script = RepositoryRoot.Combine("tests", "Estream.Wire.Mqtt.Tests", "Judges", "steps.py");
        ProcessResult result = ChildProcess.Run(Peer.Require("/usr/bin/python3", "python3"), [script, $"{port}"]).EnsureSuccess();
        return result.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }
}
