using System.Globalization;
using Estream.Testing;
using Estream.Wire.Mqtt.Tests.Peers;
using Estream.Wire.Mqtt.Tests.Rig;

namespace Estream.Wire.Mqtt.Tests.Judges;

/// <summary>
/// The steps of StepsTests.cs with another independent client, "mqtt" of npm, on mosquitto and on the endpoint. Also covers lost
/// connections with a will and topics sent by alias. The subscribers of the client must receive the same packets from both.
/// </summary>
public sealed class NodeStepsTests(NodeJudges judges) : IClassFixture<NodeJudges>
{
    [PeerFact("npm", "npm")]
    public async Task Subscribers_of_mqtt_js_see_the_same_on_the_endpoint_as_on_mosquitto()
    {
        using MosquittoBroker broker = new();
        await using ServingEndpoint endpoint = await ServingEndpoint.StartAsync();

        string[] expected = Play(broker.Port);
        string[] seen = Play(endpoint.Port);

        Assert.Equal("done", expected[^1]);
        Assert.Contains("aliases without a name 9", expected);
        Assert.Equal(expected, seen);
    }

    private string[] Play(int port)
    {
        return judges.Run("steps.mjs", port.ToString(CultureInfo.InvariantCulture)).Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }
}
