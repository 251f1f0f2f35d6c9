using System.Text.Json;
using System.Text.Json.Nodes;
using Estream.Testing;

namespace Estream.Wire.Mqtt.Tests.Judges;

/// <summary>Generated packets with an independent codec, mqtt-packet: the codec reads packets that the product writes, and the product
/// reads packets that the codec writes.</summary>
public sealed class PacketTests(NodeJudges judges) : IClassFixture<NodeJudges>
{
    private static readonly int s_packets = LongRun.Count(500, 20_000);

    [PeerFact("npm", "npm")]
    public void PUBLISH_is_read_and_written_alike_by_mqtt_packet()
    {
        PublishFields[] wanted = [.. Enumerable.Range(0, s_packets).Select(PublishFields.Of)];

        Answer[] answers = Ask(
            [.. wanted.Select(fields =>
                new Case(5, Convert.ToHexStringLower(fields.Write()), JsonSerializer.SerializeToNode(fields)!, IsPublish: true))]);

        Assert.All(wanted.Zip(answers), pair =>
        {
            pair.First.CheckEqual(pair.Second.Read.Deserialize<PublishFields>());
            pair.First.CheckRead(Convert.FromHexString(pair.Second.Theirs));
        });
    }

    [PeerFact("npm", "npm")]
    public void Other_packets_are_read_and_written_alike_by_mqtt_packet()
    {
        PacketCase[] cases = [.. Enumerable.Range(0, s_packets / 10 * PacketCases.Kinds).Select(PacketCases.Of)];

        Answer[] answers = Ask(
            [.. cases.Select(each =>
                new Case(each.Version, each.Ours is null ? "" : Convert.ToHexStringLower(each.Ours), each.Wanted, IsPublish: false))]);

        Assert.All(cases.Zip(answers), pair =>
        {
            (PacketCase packet, Answer answer) = pair;
            if (packet.Ours is not null)
            {
                Assert.Equal(packet.WantedText, PacketCase.Text(answer.Read));
            }

            if (packet.IsRead)
            {
                Assert.Equal(packet.KeptText, PacketReading.Of(Convert.FromHexString(answer.Theirs), packet.Version));
            }
        });
    }

    private Answer[] Ask(Case[] cases)
    {
        File.WriteAllText(judges.Combine("cases.json"), JsonSerializer.Serialize(cases));
        judges.Run("packets.mjs", "cases.json", "answers.json");
        Answer[] answers = JsonSerializer.Deserialize<Answer[]>(File.ReadAllText(judges.Combine("answers.json")))!;
        Assert.Equal(cases.Length, answers.Length);
        return answers;
    }

    /// <summary>The packet of the product, empty if there is none, and the packet that the other side must write.</summary>
    private sealed record Case(int Version, string Ours, JsonNode Wanted, bool IsPublish);

    private sealed record Answer(JsonNode? Read, string Theirs);
}
