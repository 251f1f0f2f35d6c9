using System.Globalization;
using Estream.Testing;
using Estream.Wire.Mqtt.Tests.Peers;
using Estream.Wire.Mqtt.Tests.Rig;

namespace Estream.Wire.Mqtt.Tests.Judges;

/// <summary>
/// The steps of StepsTests.cs by another independent client, "mqtt" of npm, on mosquitto and on us; and with them connections that are lost
/// with a will, and topics that are sent by their aliases. What its subscribers see is the same.
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
