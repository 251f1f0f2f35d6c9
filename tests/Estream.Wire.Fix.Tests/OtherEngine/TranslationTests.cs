using System.Collections.Concurrent;
using Estream.Core;
using Estream.Esf;
using Estream.Fix;
using Estream.Testing;
using Estream.Trading;
using Estream.Wire.Fix.Tests.Rig;

namespace Estream.Wire.Fix.Tests.OtherEngine;

/// <summary>QuickFIX validates translated messages with its own reader of the dictionaries, reads their groups, and sends them
/// back.</summary>
public sealed class TranslationTests(OtherEngineProgram program) : IClassFixture<OtherEngineProgram>
{
    private const string Names = "11=c-1|21=1|55=EURUSD|54=2|60=20260707-12:30:00.000|38=1000|";

    private const string Report =
        "37=V-1|11=c-2|41=c-1|17=E-1|55=EURUSD|54=2|38=1000|44=1.5|151=0|14=0|6=0|60=20260707-12:30:00.000|58=why|";

    private const int Rounds = 400;

    private static readonly string[] s_schemas =
    [
        FixNewOrderSingle.Schema.QualifiedName, FixExecutionReport.Schema.QualifiedName, FixMarketData.Schema.QualifiedName,
    ];

    // The messages, in all versions.
    private static readonly (string Type, EsfSchema Schema, string Body)[] s_messages =
    [
        ("D", FixNewOrderSingle.Schema, Names + "40=1|59=3|"),
        ("D", FixNewOrderSingle.Schema, Names + "40=4|44=1.0825|99=1.08|59=6|432=20260708|111=100|110=10|"),
        ("D", FixNewOrderSingle.Schema, Names + "40=P|18=M|211=-0.01|59=1|"),
        ("S", EStreamQuote.Schema, "117=Q-1|55=EURUSD|132=1.0825|133=1.0826|134=1000000|135=2000000|60=20260707-12:30:00.000|"),
        ("W", FixMarketData.Schema, "262=R-1|55=EURUSD|268=3|269=0|270=1.0825|271=1000|290=1|269=1|270=1.0826|271=2000|290=1|"
            + "269=2|270=1.08255|271=500|272=20260707|273=12:29:59.500|"),
        ("X", FixMarketData.Schema, "262=R-1|268=3|279=0|269=0|278=L-1|55=EURUSD|270=1.0825|271=1000|279=1|269=1|278=L-2|55=EURUSD|"
            + "270=1.5|271=1500|279=2|278=L-3|55=EURUSD|"),
    ];

    private static ReadOnlySpan<char> Codes => "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

    public static TheoryData<string> AllVersions => [.. Versions.Names];

    [PeerTheory(OtherEngineProgram.Header, OtherEngineProgram.Package)]
    [MemberData(nameof(AllVersions))]
    public async Task QuickFIX_accepts_translated_messages_and_sends_them_back(string version)
    {
        FixProtocol protocol = Versions.Of(version);
        FixTranslator translator = new(protocol, new FixTranslatorOptions { SenderCompId = "DESK", Schemas = s_schemas });
        List<(EsfSchema Schema, byte[] Message)> sent =
        [
            .. s_messages.Concat(Orders(protocol)).Concat(Reports(protocol)).Select(one =>
                (one.Schema, Translated.ToEsf(translator, Translated.Whole(protocol, one.Type, Body(protocol, one))))),
        ];

        byte[][] received = await EchoAsync(
            protocol, [.. sent.Select(one => Translated.ToFix(translator, one.Schema, one.Message))]);

        Assert.Equal(sent.Count, received.Length);
        for (int place = 0; place < received.Length; place++)
        {
            (EsfSchema schema, byte[] message) = sent[place];
            Assert.Equal(
                Essence(Translated.ToFix(translator, schema, message)),
                Essence(Translated.ToFix(translator, schema, Translated.ToEsf(translator, received[place]))));
        }
    }

    [PeerTheory(OtherEngineProgram.Header, OtherEngineProgram.Package)]
    [MemberData(nameof(AllVersions))]
    public async Task Damaged_messages_are_refused_by_us_or_accepted_by_QuickFIX(string version)
    {
        FixProtocol protocol = Versions.Of(version);
        FixTranslator translator = new(protocol, new FixTranslatorOptions { SenderCompId = "DESK", Schemas = s_schemas });
        Random random = new(20261128);
        List<FixMessageBuilder> sent = [];
        HashSet<string> refusals = [];
        for (int round = 0; round < Rounds; round++)
        {
            (EsfSchema schema, byte[] message) = Damaged(random);
            FixMessageBuilder builder = new("0");
            TranslateStatus status = translator.ToFix(new EsfMessage(schema, message), builder);
            if (status.IsOk)
            {
                sent.Add(builder);
            }
            else
            {
                refusals.Add(status.Describe(default));
            }
        }

        Assert.True(sent.Count > Rounds / 10, $"only {sent.Count} messages are sent");
        Assert.Equal(sent.Count, (await EchoAsync(protocol, sent)).Length);
        Assert.Contains(refusals, refusal => refusal.Contains("does not list", StringComparison.Ordinal));

        // A message without the fields that FIX 5.0 and SP1 require is not translated to ESF in the first place.
        Assert.Equal(
            version is not ("FIX.5.0" or "FIX.5.0SP1"),
            refusals.Any(refusal => refusal.Contains("requires it", StringComparison.Ordinal)));
    }

    /// <summary>Sends messages to QuickFIX, which rejects none, and returns the messages that it sends back.</summary>
    private async Task<byte[][]> EchoAsync(FixProtocol protocol, IReadOnlyCollection<FixMessageBuilder> messages)
    {
        int port = FreePort.Next();
        using OtherEngineProcess other = OtherEngineProcess.Accept(program, protocol, port);
        Collector collector = new();
        ConcurrentQueue<AdapterEvent> events = [];
        using CancellationTokenSource stopping = new();
        await using FixInitiator ours = new(
            new FixInitiatorOptions { Host = "127.0.0.1", Port = port, MaxReconnectSeconds = 1 },
            SessionRig.Options(protocol) with { SenderCompId = "TW", TargetCompId = "ISLD" }, collector, SystemClock.Instance,
            events.Enqueue);
        Task running = ours.RunAsync(stopping.Token);
        Eventually.True(() => ours.Session.IsLoggedOn, "we are logged on");

        Assert.All(messages, message => Assert.Equal(FixSendStatus.Sent, ours.Session.Send(message)));

        Eventually.True(
            () => collector.Messages.Count >= messages.Count || ours.Session.Counters.Refused > 0, "every message is answered");
        Assert.True(ours.Session.Counters.Refused == 0, string.Join('\n', events));
        await stopping.CancelAsync();
        await running;
        return [.. collector.Messages];
    }

    /// <summary>A message of a random version, which lacks fields and has codes of other versions, or of none.</summary>
    private static (EsfSchema Schema, byte[] Message) Damaged(Random random)
    {
        while (true)
        {
            string version = random.GetItems([.. Versions.Names], 1)[0];
            FixProtocol protocol = Versions.Of(version);
            FixTranslator translator = new(protocol, new FixTranslatorOptions { SenderCompId = "DESK", Schemas = s_schemas });
            (string Type, EsfSchema Schema, string Body)[] all = [.. s_messages, .. Reports(protocol)];
            (string type, EsfSchema schema, string body) = random.GetItems(all, 1)[0];
            IEnumerable<string> fields = Versions.Snapshot(protocol, body).Split('|', StringSplitOptions.RemoveEmptyEntries)
                .Where(_ => random.Next(12) != 0)
                .Select(field => field[^2] == '=' && random.Next(12) == 0 ? field[..^1] + random.GetItems(Codes, 1)[0] : field);
            byte[] destination = new byte[64 * 1_024];
            byte[] message = Translated.Whole(protocol, type, string.Concat(fields.Select(field => field + "|")));
            if (translator.ToEsf(message, destination, out int length).IsOk)
            {
                return (schema, destination[..length]);
            }
        }
    }

    private static string Body(FixProtocol protocol, (string Type, EsfSchema Schema, string Body) message)
    {
        return message.Type == "W" ? Versions.Snapshot(protocol, message.Body) : message.Body;
    }

    /// <summary>An order of every OrdType and every TimeInForce of the version.</summary>
    private static IEnumerable<(string Type, EsfSchema Schema, string Body)> Orders(FixProtocol protocol)
    {
        return Versions.Codes(protocol, 40).Select(code => $"40={code}|{(code == "1" ? "" : "44=1.0825|99=1.08|")}")
            .Concat(Versions.Codes(protocol, 59).Select(code => $"40=1|59={code}|126=20260708-16:00:00.000|"))
            .Select(terms => ("D", FixNewOrderSingle.Schema, Names + terms));
    }

    /// <summary>A report of every ExecType of the version.</summary>
    private static IEnumerable<(string Type, EsfSchema Schema, string Body)> Reports(FixProtocol protocol)
    {
        string transaction = protocol.BeginString == "FIX.4.2" ? "20=0|" : "";
        return Versions.Codes(protocol, 150)
            .Select(code => ("8", FixExecutionReport.Schema, $"{Report}{transaction}150={code}|39={(code is "D" or "F" ? "1" : "0")}|"));
    }

    // MsgType and the body, whose fields QuickFIX sorts.
    private static string Essence(FixMessageBuilder message)
    {
        return message.MsgType + string.Join('|', Frames.Text(message.Body).Split('|').Order(StringComparer.Ordinal));
    }

    private sealed class Collector : IFixApplication
    {
        public ConcurrentQueue<byte[]> Messages { get; } = new();

        public FixVerdict OnMessage(FixSession session, in FixMessage message)
        {
            Messages.Enqueue(message.Bytes.ToArray());
            return FixVerdict.Accepted;
        }
    }
}
