using System.Net.Sockets;
using System.Text;
using Estream.Core;
using Estream.Testing;
using Estream.Testing.Frames;
using Estream.Wire.Iso20022.Tests.Mapping;

namespace Estream.Wire.Iso20022.Tests.Connections;

/// <summary>The listener stores messages, answers them after that, and withstands peers that misbehave.</summary>
public sealed class ListenerTests
{
    private const string Start = "<Document xmlns=\"urn:iso:std:iso:20022:tech:xsd:";

    private static readonly Lazy<(ConnectionRig Rig, int Port)> s_shared = new(() =>
    {
        ConnectionRig rig = new();
        return (rig, PortOf(rig.Listen(Frames)));
    });

    [Fact]
    public async Task Stored_payment_is_answered_by_a_valid_pacs_002()
    {
        await using ConnectionRig rig = new();
        using Socket socket = FramePeer.Connect(PortOf(rig.Listen()));
        string answer = FramePeer.Exchange(socket, Payment.Transfer("M-1"));
        Assert.Contains("<OrgnlMsgId>M-1</OrgnlMsgId><OrgnlMsgNmId>pacs.008.001.12</OrgnlMsgNmId><GrpSts>RCVD</GrpSts>", answer,
            StringComparison.Ordinal);
        Iso20022Validator validator = new(checks: Iso20022Checks.SchemaAndRules);
        validator.Feed(Encoding.UTF8.GetBytes(answer));
        Assert.True(validator.Complete(), string.Join('\n', validator.Findings));
        Assert.Equal("pacs.002.001.10", validator.Definition);
        Assert.Contains("Ana Perez", Assert.Single(rig.Read("pacs.008")), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("<Document>", "NOTAVAILABLE")]
    [InlineData("hello", "NOTAVAILABLE")]
    [InlineData("<Document xmlns=\"urn:iso:std:iso:20022:tech:xsd:pain.001.001.09\"></Document>", "NOTAVAILABLE")]
    [InlineData(Start + "pacs.008.001.12\"><FIToFICstmrCdtTrf><GrpHdr><MsgId>M-7</MsgId></GrpHdr></FIToFICstmrCdtTrf></Document>", "M-7")]
    public async Task Invalid_message_is_answered_by_an_admi_002_and_becomes_a_dead_letter(string message, string reference)
    {
        await using ConnectionRig rig = new();
        Iso20022Listener listener = rig.Listen();
        using Socket socket = FramePeer.Connect(PortOf(listener));
        string answer = FramePeer.Exchange(socket, message);
        Assert.Contains($"<RltdRef><Ref>{reference}</Ref></RltdRef><Rsn><RjctgPtyRsn>", answer, StringComparison.Ordinal);
        Assert.StartsWith("<Document xmlns=\"urn:iso:std:iso:20022:tech:xsd:admi.002.001.01\">", answer, StringComparison.Ordinal);
        Assert.Single(rig.Read("dead-letters"));
        Assert.Equal(1, listener.Statistics.RejectedTotal);
        Assert.Contains("RCVD", FramePeer.Exchange(socket, Payment.Transfer("M-8")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Frames_acknowledge_messages_of_every_type()
    {
        await using ConnectionRig rig = new();
        using Socket socket = FramePeer.Connect(PortOf(rig.Listen(Frames)));
        Assert.Equal("ACK", FramePeer.Exchange(socket, Payment.Transfer("M-1")));
        Assert.Equal("ACK", FramePeer.Exchange(socket, Payment.Report("M-1", "ACSC")));
        Assert.Equal("ACK", FramePeer.Exchange(socket, Statements.Statement));
        Assert.StartsWith("NAK ", FramePeer.Exchange(socket, "<Document/>"), StringComparison.Ordinal);
        Assert.Single(rig.Read("camt.053"));
        Assert.Single(rig.Read("pacs.002"));
    }

    [Theory]
    [InlineData("ACK")]
    [InlineData("NAK")]
    [InlineData("NAK no")]
    [InlineData(Start + "admi.002.001.01\"><admi.002.001.01><RltdRef><Ref>M-1</Ref></RltdRef></admi.002.001.01></Document>")]
    [InlineData("<Document xmlns=\"urn:iso:std:iso:20022:tech:xsd:admi.002.001.01\"><broken")]
    public async Task Answer_is_neither_answered_nor_stored(string answer)
    {
        await using ConnectionRig rig = new();
        using Socket socket = FramePeer.Connect(PortOf(rig.Listen(Frames)));
        socket.Send(FramePeer.Frame(answer));
        Assert.Equal("ACK", FramePeer.Exchange(socket, Payment.Transfer("M-1")));
        Assert.Empty(rig.Read("dead-letters"));
    }

    [Fact]
    public async Task Stored_report_gets_no_answer_by_messages()
    {
        await using ConnectionRig rig = new();
        using Socket socket = FramePeer.Connect(PortOf(rig.Listen()));
        socket.Send(FramePeer.Frame(Payment.Report("M-1", "ACSC")));
        Assert.Contains("<OrgnlMsgId>M-2</OrgnlMsgId>", FramePeer.Exchange(socket, Payment.Transfer("M-2")), StringComparison.Ordinal);
        Assert.Single(rig.Read("pacs.002"));
    }

    [Fact]
    public async Task Each_statement_of_several_accounts_becomes_one_message()
    {
        await using ConnectionRig rig = new();
        using Socket socket = FramePeer.Connect(PortOf(rig.Listen(Frames)));
        Assert.Equal("ACK", FramePeer.Exchange(socket, Statements.Two));
        List<string> stored = rig.Read("camt.053");
        Assert.Equal(2, stored.Count);
        Assert.Contains("\"statement_id\":\"ST-1\"", stored[0], StringComparison.Ordinal);
        Assert.Contains("\"statement_id\":\"ST-2\"", stored[1], StringComparison.Ordinal);
        Assert.All(stored, one => Assert.Contains("\"message_id\":\"MSG-5\"", one, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Message_that_no_mapping_covers_is_rejected()
    {
        await using ConnectionRig rig = new();
        using Socket socket = FramePeer.Connect(PortOf(rig.Listen(Frames, "pacs.002")));
        Assert.Equal("NAK NotMapped: messages pacs.008 are not accepted here", FramePeer.Exchange(socket, Payment.Transfer("M-1")));
        Assert.DoesNotContain("Perez", Assert.Single(rig.Read("dead-letters")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Private_values_are_in_no_event_no_answer_and_no_stored_plaintext()
    {
        await using ConnectionRig rig = new();
        using Socket socket = FramePeer.Connect(PortOf(rig.Listen(Frames)));
        string payment = Payment.Transfer("M-1");
        string[] wrong =
        [
            payment.Replace("SHAR", "Perez", StringComparison.Ordinal),
            payment.Replace("pacs.008.001.12", "Perez", StringComparison.Ordinal),
            payment.Replace("<Nm>Ana", "<Perez/><Nm>Ana", StringComparison.Ordinal), payment[..^20],
        ];
        string answers = FramePeer.Exchange(socket, payment);
        answers += string.Concat(wrong.Select(one => FramePeer.Exchange(socket, one)));
        string shown = answers + rig.ReadStored("pacs.008") + rig.ReadStored("dead-letters")
            + string.Concat(rig.Events.Select(one => $"{one.Detail} {one.Exception}"));
        Assert.DoesNotContain("Perez", shown, StringComparison.Ordinal);
        Assert.Single(rig.Read("pacs.008"));
        Assert.Equal(wrong.Length, rig.Read("dead-letters").Count);
    }

    [Fact]
    public async Task Message_that_arrives_byte_by_byte_is_stored()
    {
        await using ConnectionRig rig = new();
        using Socket socket = FramePeer.Connect(PortOf(rig.Listen(Frames)));
        foreach (byte one in FramePeer.Frame(Payment.Transfer("M-1")))
        {
            socket.Send([one]);
        }

        Assert.Equal("ACK", FramePeer.Read(socket));
    }

    [Fact]
    public async Task Messages_sent_together_are_answered_in_their_order()
    {
        await using ConnectionRig rig = new();
        using Socket socket = FramePeer.Connect(PortOf(rig.Listen()));
        socket.Send([.. Enumerable.Range(0, 50).SelectMany(number => FramePeer.Frame(Payment.Transfer($"M-{number}")))]);
        for (int number = 0; number < 50; number++)
        {
            Assert.Contains($"<OrgnlMsgId>M-{number}</OrgnlMsgId>", FramePeer.Read(socket)!, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("GET / HTTP/1.1\r\n\r\n", "MaxMessageBytes")]
    [InlineData("\u0016\u0003\u0001\u0002\u0000\u0001\u0000\u0001", "MaxMessageBytes")]
    [InlineData("\0\0\0\0", "not positive")]
    [InlineData("\u00ff\u00ff\u00ff\u00ff", "not positive")]
    public async Task Peer_that_sends_no_frames_is_told_and_disconnected(string bytes, string reason)
    {
        await using ConnectionRig rig = new();
        using Socket socket = FramePeer.Connect(PortOf(rig.Listen(Frames)));
        socket.Send(Encoding.Latin1.GetBytes(bytes));
        Assert.Contains(reason, FramePeer.Read(socket)!, StringComparison.Ordinal);
        Assert.Null(FramePeer.Read(socket));
        Assert.Contains(rig.Events, one => one.Kind == AdapterEventKind.ProtocolViolation);
    }

    [Fact]
    public async Task Peer_that_does_not_finish_a_message_is_disconnected()
    {
        await using ConnectionRig rig = new();
        using Socket socket = FramePeer.Connect(PortOf(rig.Listen(options => options with { MessageSeconds = 1, IdleSeconds = 0 })));
        socket.Send([0, 0, 1, 0, (byte)'<']);
        Assert.Null(FramePeer.Read(socket));
        Assert.Contains(rig.Events, one => one.Detail.Contains("MessageSeconds", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Silent_peer_is_disconnected()
    {
        await using ConnectionRig rig = new();
        using Socket socket = FramePeer.Connect(PortOf(rig.Listen(options => options with { IdleSeconds = 1 })));
        Assert.Null(FramePeer.Read(socket));
    }

    [Fact]
    public async Task Connections_beyond_the_limit_are_closed()
    {
        await using ConnectionRig rig = new();
        int port = PortOf(rig.Listen(options => Frames(options) with { MaxConnections = 1 }));
        using Socket first = FramePeer.Connect(port);
        Assert.Equal("ACK", FramePeer.Exchange(first, Payment.Transfer("M-1")));
        using Socket second = FramePeer.Connect(port);
        Assert.Null(FramePeer.Read(second));
        Assert.Equal("ACK", FramePeer.Exchange(first, Payment.Transfer("M-2")));
    }

    [Fact]
    public async Task Message_is_stored_and_answered_when_its_queue_can_be_written_again()
    {
        await using ConnectionRig rig = new();
        using Socket socket = FramePeer.Connect(PortOf(rig.Listen(Frames)));
        rig.Pause("pacs.008", Full());
        socket.Send(FramePeer.Frame(Payment.Transfer("M-1")));
        Eventually.True(() => rig.Events.Any(one => one.Kind == AdapterEventKind.StorageBlocked), "the listener waits");
        Assert.Equal(0, socket.Available);
        rig.Pause("pacs.008", null);
        Assert.Equal("ACK", FramePeer.Read(socket));
        Assert.Single(rig.Read("pacs.008"));
    }

    [Fact]
    public async Task Connection_ends_without_an_answer_if_a_queue_stays_blocked()
    {
        await using ConnectionRig rig = new();
        using Socket socket = FramePeer.Connect(PortOf(rig.Listen(options => options with { MessageSeconds = 1 })));
        rig.Pause("pacs.008", Full());
        socket.Send(FramePeer.Frame(Payment.Transfer("M-1")));
        Assert.Null(FramePeer.Read(socket));
        rig.Pause("pacs.008", null);
    }

    [Property(20, 20_000)]
    public void Damaged_frame_closes_at_most_its_own_connection(byte[] noise, int seed)
    {
        Random random = new(seed);
        byte[] frame = FramePeer.Frame(Payment.Transfer("M-9"));
        foreach (byte one in noise)
        {
            frame[random.Next(frame.Length)] = one;
        }

        using Socket bad = FramePeer.Connect(s_shared.Value.Port);
        using Socket good = FramePeer.Connect(s_shared.Value.Port);
        bad.Send(frame.AsSpan(0, random.Next(frame.Length)));
        Assert.Equal("ACK", FramePeer.Exchange(good, Payment.Transfer("M-8")));
    }

    [Fact]
    public async Task Address_of_other_machines_requires_client_certificates()
    {
        await using ConnectionRig rig = new();
        WireConfigurationException failure = Assert.Throws<WireConfigurationException>(
            () => rig.Listen(options => options with { Address = System.Net.IPAddress.Any }));
        Assert.Contains("Tls:ClientCaFile", failure.Message, StringComparison.Ordinal);
    }

    private static Iso20022ListenerOptions Frames(Iso20022ListenerOptions options) => options with { Answers = Iso20022Answers.Frames };

    private static int PortOf(Iso20022Listener listener) => listener.LocalEndPoint!.Port;

    private static EstreamStorageException Full() => new("The disk is full.", null, StorageFailure.DiskFull);
}
