using System.Net.Sockets;
using System.Text;
using Estream.Testing;
using Estream.Wire.Hl7.Acknowledgement;

namespace Estream.Wire.Hl7.Tests.Transport;

/// <summary>The listener stores messages, acknowledges them in both modes, and withstands peers that misbehave.</summary>
public sealed class ListenerTests
{
    private const string Patient = "PID|1||567^^^GH^MR||EVERYWOMAN^EVE^E^^^^L||19620320|F\rPV1|1|I|W^389^1|||||||||||||||||V77^^^GH";

    private static readonly Lazy<ListenerRig> s_shared = new(() => new ListenerRig(null, "#", "Hl7Header"));

    [Fact]
    public async Task Every_sample_is_accepted_and_stored_whole()
    {
        await using ListenerRig rig = new(null, "#", "Hl7Message", "Hl7Header");
        await using MllpClient client = await MllpClient.ConnectAsync("127.0.0.1", rig.Port, TimeSpan.FromSeconds(30));
        List<byte[]> sent = [];
        foreach (string name in Samples.All)
        {
            byte[] message = Samples.Read(name);
            Hl7Ack? ack = await client.SendAsync(message);
            Assert.True(ack is { Code: Hl7AckCode.ApplicationAccept or Hl7AckCode.CommitAccept } || ack is null, $"{name}: {ack}");
            sent.Add(message);
        }

        List<string> stored = rig.Read("Hl7Message");
        Assert.Equal(sent.Count, stored.Count);
        for (int i = 0; i < sent.Count; i++)
        {
            Assert.Contains(Convert.ToHexStringLower(sent[i]), stored[i], StringComparison.Ordinal);
        }

        Assert.Equal(sent.Count, rig.Read("Hl7Header").Count);
        Assert.Empty(rig.Read("dead-letters"));
    }

    [Theory]
    [InlineData("", "", "AA")]
    [InlineData("AL", "NE", "CA")]
    [InlineData("AL", "AL", "CA,AA")]
    [InlineData("NE", "AL", "AA")]
    [InlineData("SU", "SU", "CA,AA")]
    [InlineData("SU", "ER", "CA")]
    [InlineData("AL", "", "CA")]
    public async Task Accepted_message_is_acknowledged_as_MSH_15_and_16_ask(string accept, string application, string expected)
    {
        await using ListenerRig rig = new(null, "#", "Hl7Header");
        using Socket socket = rig.Connect();
        string[] codes = expected.Split(',');
        List<string> acks = ListenerRig.Exchange(socket, Message("42", accept, application), codes.Length);
        Assert.Equal(codes.Select(code => $"MSA|{code}|42"), acks.Select(Msa));
        Assert.StartsWith("MSH|^~\\&|LAB|FAC|ADT1|GH|", acks[0], StringComparison.Ordinal);
        Assert.Contains("|ACK^A01^ACK|", acks[0], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Message_whose_flush_fails_is_not_acknowledged()
    {
        FailingFlushStorage storage = new();
        await using ListenerRig rig = new(storage, null, "#", "Hl7Header");
        using Socket socket = rig.Connect();
        Assert.Equal("MSA|AA|41", Msa(Assert.Single(ListenerRig.Exchange(socket, Message("41")))));

        storage.Fails = true;

        IOException closed = Assert.Throws<IOException>(() => ListenerRig.Exchange(socket, Message("42")));
        Assert.Equal("The listener closed the connection.", closed.Message);
        Assert.Equal(2, rig.Read("Hl7Header").Count);
    }

    [Theory]
    [InlineData("", "", "AE")]
    [InlineData("AL", "AL", "CE,AE")]
    [InlineData("ER", "NE", "CE")]
    [InlineData("SU", "ER", "AE")]
    public async Task Refused_message_is_acknowledged_with_its_error(string accept, string application, string expected)
    {
        await using ListenerRig rig = new(null, "#", "Hl7Header");
        using Socket socket = rig.Connect();
        string id = new('7', 250);
        string[] codes = expected.Split(',');
        List<string> acks = ListenerRig.Exchange(socket, Message(id, accept, application), codes.Length);
        for (int i = 0; i < codes.Length; i++)
        {
            Assert.StartsWith($"MSA|{codes[i]}|{id}|", Msa(acks[i]), StringComparison.Ordinal);
            Assert.Contains("\rERR|||207^^HL70357|E||||", acks[i], StringComparison.Ordinal);
        }

        Assert.Single(rig.Read("dead-letters"));
    }

    [Theory]
    [InlineData("ADT_A01|8|P", "ADT_A01||P", 101, "MSH-10, the control id, is empty")]
    [InlineData("|P|2.5.1||||", "|P|2.5.1||||||KLINGON", 103, "MSH-18 names a character set that is not supported")]
    [InlineData("|GH|", "|NAME_LONGER_THAN_227_BYTES|", 207, "an application or facility in MSH-3 to MSH-6 is longer than 227 bytes")]
    public async Task Refused_message_is_acknowledged_with_the_code_and_reason_for_its_sender(
        string part, string changed, int code, string reason)
    {
        await using ListenerRig rig = new(null, "#", "Hl7Header");
        using Socket socket = rig.Connect();
        string message = Message("8").Replace(part, changed, StringComparison.Ordinal)
            .Replace("NAME_LONGER_THAN_227_BYTES", new string('G', 228), StringComparison.Ordinal);
        string ack = ListenerRig.Exchange(socket, message)[0];
        Assert.Contains($"\rERR|||{code}^^HL70357|E||||{reason}", ack, StringComparison.Ordinal);
        Assert.EndsWith($"|{reason}", Msa(ack), StringComparison.Ordinal);
        Assert.Single(rig.Read("dead-letters"));
    }

    [Fact]
    public async Task Errors_before_version_2_5_are_in_the_fourth_component_of_ERR_1()
    {
        await using ListenerRig rig = new(null, "ORU/+", "Hl7Header");
        using Socket socket = rig.Connect();
        string ack = ListenerRig.Exchange(socket, Message("1").Replace("2.5.1", "2.3", StringComparison.Ordinal))[0];
        Assert.StartsWith("MSA|AR|1|no mapping", Msa(ack), StringComparison.Ordinal);
        Assert.Contains("\rERR|^^^200\r", ack, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Message_that_is_not_HL7_is_rejected_and_the_next_is_accepted()
    {
        await using ListenerRig rig = new(null, "#", "Hl7Header");
        using Socket socket = rig.Connect();
        Assert.StartsWith("MSA|AR|", Msa(ListenerRig.Exchange(socket, "hello")[0]), StringComparison.Ordinal);
        Assert.Equal("MSA|AA|2", Msa(ListenerRig.Exchange(socket, Message("2"))[0]));
    }

    [Fact]
    public async Task Acknowledgement_is_not_acknowledged()
    {
        await using ListenerRig rig = new(null, "#", "Hl7Header");
        using Socket socket = rig.Connect();
        socket.Send([0x0B, .. Encoding.UTF8.GetBytes("MSH|^~\\&|A||B||20260101||ACK|9|P|2.5\rMSA|AA|1\r"), 0x1C, 0x0D]);
        Assert.Equal("MSA|AA|2", Msa(ListenerRig.Exchange(socket, Message("2"))[0]));
    }

    [Fact]
    public async Task Message_that_arrives_byte_by_byte_is_stored()
    {
        await using ListenerRig rig = new(null, "#", "Hl7Header");
        using Socket socket = rig.Connect();
        foreach (byte one in (byte[])[0x0B, .. Encoding.UTF8.GetBytes(Message("5")), 0x1C, 0x0D])
        {
            socket.Send([one]);
        }

        Assert.Equal("MSA|AA|5", Msa(ListenerRig.ReadFrame(socket)!));
    }

    [Fact]
    public async Task Messages_sent_together_are_acknowledged_in_their_order()
    {
        await using ListenerRig rig = new(null, "#", "Hl7Header");
        using Socket socket = rig.Connect();
        socket.Send([.. Enumerable.Range(0, 100).SelectMany(i =>
            (byte[])[0x0B, .. Encoding.UTF8.GetBytes(Message($"{i}")), 0x1C, 0x0D])]);
        for (int i = 0; i < 100; i++)
        {
            Assert.Equal($"MSA|AA|{i}", Msa(ListenerRig.ReadFrame(socket)!));
        }
    }

    [Property(30, 20_000)]
    public void Damaged_message_closes_at_most_its_own_connection(byte[] noise, int seed)
    {
        Random random = new(seed);
        byte[] frame = [0x0B, .. Encoding.UTF8.GetBytes(Message("9")), 0x1C, 0x0D];
        foreach (byte one in noise)
        {
            frame[random.Next(frame.Length)] = one;
        }

        using Socket bad = s_shared.Value.Connect();
        using Socket good = s_shared.Value.Connect();
        bad.Send(frame.AsSpan(0, random.Next(frame.Length)));
        Assert.Equal("MSA|AA|8", Msa(ListenerRig.Exchange(good, Message("8"))[0]));
    }

    [Theory]
    [InlineData("GET / HTTP/1.1\r\n\r\n")]
    [InlineData("\u000bMSH|^~\\&|A\r\u000bMSH|^~\\&|B\r\u001c\r")]
    public async Task Peer_that_does_not_speak_MLLP_is_disconnected(string bytes)
    {
        await using ListenerRig rig = new(null, "#", "Hl7Header");
        using Socket socket = rig.Connect();
        socket.Send(Encoding.Latin1.GetBytes(bytes));
        Assert.Null(ListenerRig.ReadFrame(socket));
        Assert.Contains(rig.Events, one => one.Kind == AdapterEventKind.ProtocolViolation);
    }

    [Fact]
    public async Task Message_longer_than_the_limit_is_rejected_and_its_connection_closed()
    {
        await using ListenerRig rig = new(
            options => options with { Limits = new() { MaxMessageBytes = 10_000 } }, "#", "Hl7Header");
        using Socket socket = rig.Connect();
        socket.Send([0x0B, .. Encoding.UTF8.GetBytes(Message("1")), .. new byte[10_001]]);
        Assert.StartsWith("MSA|AR|", Msa(ListenerRig.ReadFrame(socket)!), StringComparison.Ordinal);
        Assert.Null(ListenerRig.ReadFrame(socket));
    }

    [Fact]
    public async Task Sender_that_does_not_finish_a_message_is_disconnected()
    {
        await using ListenerRig rig = new(options => options with { MessageSeconds = 1, IdleSeconds = 0 }, "#", "Hl7Header");
        using Socket socket = rig.Connect();
        socket.Send([0x0B, .. "MSH|^~"u8]);
        Assert.Null(ListenerRig.ReadFrame(socket));
        Assert.Contains(rig.Events, one => one.Detail.Contains("MessageSeconds", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Silent_peer_is_disconnected()
    {
        await using ListenerRig rig = new(options => options with { IdleSeconds = 1 }, "#", "Hl7Header");
        using Socket socket = rig.Connect();
        Assert.Null(ListenerRig.ReadFrame(socket));
    }

    [Fact]
    public async Task Connections_beyond_the_limit_are_closed()
    {
        await using ListenerRig rig = new(options => options with { MaxConnections = 1 }, "#", "Hl7Header");
        using Socket first = rig.Connect();
        Assert.Equal("MSA|AA|1", Msa(ListenerRig.Exchange(first, Message("1"))[0]));
        using Socket second = rig.Connect();
        Assert.Null(ListenerRig.ReadFrame(second));
        Assert.Equal("MSA|AA|2", Msa(ListenerRig.Exchange(first, Message("2"))[0]));
    }

    [Theory]
    [InlineData("Address", "0.0.0.0")]
    [InlineData("DefaultOffset", "1h")]
    [InlineData("Mappings:0:Messages", "ADT")]
    [InlineData("Mappings:0:Messages", "adt/a01")]
    [InlineData("MaxMessageBytes", "1")]
    [InlineData("Prot", "1")]
    public void Invalid_setting_is_refused_with_its_key(string key, string value)
    {
        WireSettings settings = new("Estream:Adapters:adt", new Dictionary<string, string?>
        {
            ["Mappings:0:Schema"] = "Hl7Header",
            ["Mappings:0:Queue"] = "data",
            [key] = value,
        });
        WireConfigurationException failure = Assert.Throws<WireConfigurationException>(
            () => new Hl7ListenerFactory().Check("adt", Hl7Schemas.Own, ["data"], settings));
        Assert.Contains(key.Split(':')[0], failure.Key, StringComparison.Ordinal);
    }

    [Fact]
    public void FHIR_schemas_need_a_key_for_pseudonyms()
    {
        WireSettings settings = new("Estream:Adapters:adt", new Dictionary<string, string?>
        {
            ["Mappings:0:Schema"] = "FhirPatient",
            ["Mappings:0:Queue"] = "data",
        });
        WireConfigurationException failure = Assert.Throws<WireConfigurationException>(
            () => new Hl7ListenerFactory().Check("adt", Hl7Schemas.Own, ["data"], settings));
        Assert.Contains("PseudonymKeyFile", failure.Key, StringComparison.Ordinal);
    }

    private static string Message(string id, string accept = "", string application = "") =>
        $"MSH|^~\\&|ADT1|GH|LAB|FAC|20260101120000||ADT^A01^ADT_A01|{id}|P|2.5.1|||{accept}|{application}\r{Patient}\r";

    private static string Msa(string ack) => ack.Split('\r').First(line => line.StartsWith("MSA", StringComparison.Ordinal));
}
