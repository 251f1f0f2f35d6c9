using System.Text.Json;
using Estream.Testing;
using Estream.Wire.Mqtt.Codec;

namespace Estream.Wire.Mqtt.Tests.Judges;

/// <summary>An independent codec, mqtt-packet, on generated packets: it reads what we write, and we read what it writes.</summary>
public class PacketTests
{
    private static readonly int s_packets = LongRun.Count(500, 20_000);

    [PeerFact("npm", "npm")]
    public void PUBLISH_is_the_same_on_both_sides()
    {
        PublishFields[] wanted = [.. Enumerable.Range(0, s_packets).Select(PublishFields.Of)];

        Answer[] answers = Ask([.. wanted.Select(fields => new Case(Convert.ToHexStringLower(fields.Write()), fields))]);

        Assert.All(wanted.Zip(answers), pair =>
        {
            pair.First.CheckEqual(pair.Second.Read);
            pair.First.CheckRead(Convert.FromHexString(pair.Second.Theirs));
        });
    }

    [PeerFact("npm", "npm")]
    public void What_else_we_write_says_what_we_mean()
    {
        byte[] room = new byte[256];
        (byte[] Packet, string Told)[] packets =
        [
            (Cut(room, ControlPackets.WriteAck(room, PacketType.PubAck, 1, MqttReasonCode.Success)), "puback 1 0"),
            (Cut(room, ControlPackets.WriteAck(room, PacketType.PubAck, 500, MqttReasonCode.NotAuthorized)), "puback 500 135"),
            (Cut(room, ControlPackets.WriteAck(room, PacketType.PubRec, 65_535, MqttReasonCode.QuotaExceeded)), "pubrec 65535 151"),
            (Cut(room, ControlPackets.WriteAck(room, PacketType.PubRel, 2, MqttReasonCode.Success)), "pubrel 2 0"),
            (Cut(room, ControlPackets.WriteAck(room, PacketType.PubComp, 3, MqttReasonCode.PacketIdentifierNotFound)), "pubcomp 3 146"),
            (Cut(room, ControlPackets.WriteDisconnect(room, MqttReasonCode.MalformedPacket, "why")), "disconnect - 129"),
            (Cut(room, ControlPackets.WriteConnAck(room, new ConnAckGrant(true, MqttReasonCode.Success, 1, 2, 3, 4, 5, "assigned"))), "connack - 0"),
            (ControlPackets.PingReq.ToArray(), "pingreq - -"),
            (ControlPackets.PingResp.ToArray(), "pingresp - -"),
            (ClientPackets.Subscribe(7, [new MqttSubscription("a/+", MqttQos.AtMostOnce), new MqttSubscription("b/#", MqttQos.ExactlyOnce)]), "subscribe 7 - a/+:0 b/#:2"),
            (ClientPackets.Unsubscribe(8, ["a/+", "süd/#"]), "unsubscribe 8 - a/+ süd/#"),
        ];

        Answer[] answers = Ask([.. packets.Select(packet => new Case(Convert.ToHexStringLower(packet.Packet), null))]);

        Assert.Equal(packets.Select(packet => packet.Told), answers.Select(answer => answer.Told));
    }

    private static byte[] Cut(byte[] room, int length) => room[..length];

    private static Answer[] Ask(Case[] cases)
    {
        using TempDirectory folder = new();
        foreach (string file in new[] { "package.json", "package-lock.json", ".npmrc", "packets.mjs" })
        {
            File.Copy(RepositoryRoot.Combine("tests", "Estream.Wire.Mqtt.Tests", "Judges", file), folder.Combine(file));
        }

        ChildProcess.Run(Peer.Require("npm", "npm"), ["ci", "--silent"], folder.Path).EnsureSuccess();
        File.WriteAllText(folder.Combine("cases.json"), JsonSerializer.Serialize(cases));
        ChildProcess.Run(Peer.Require("node", "nodejs"), ["packets.mjs", "cases.json", "answers.json"], folder.Path).EnsureSuccess();
        Answer[] answers = JsonSerializer.Deserialize<Answer[]>(File.ReadAllText(folder.Combine("answers.json")))!;
        Assert.Equal(cases.Length, answers.Length);
        return answers;
    }

    /// <summary>A packet of ours, and what the other side is to write.</summary>
    private sealed record Case(string Ours, PublishFields? Wanted);

    private sealed record Answer(string Told, PublishFields? Read, string Theirs);
}
