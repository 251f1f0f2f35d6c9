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

        foreach ((EsfSchema schema, byte[] message) in sent)
        {
            Assert.Equal(FixSendStatus.Sent, ours.Session.Send(Translated.ToFix(translator, schema, message)));
        }

        Eventually.True(() => collector.Messages.Count + ours.Session.Counters.Refused >= sent.Count, "every message is answered");
        Assert.True(ours.Session.Counters.Refused == 0, string.Join('\n', events));
        byte[][] received = [.. collector.Messages];
        Assert.Equal(sent.Count, received.Length);
        for (int place = 0; place < received.Length; place++)
        {
            (EsfSchema schema, byte[] message) = sent[place];
            Assert.Equal(
                Essence(Translated.ToFix(translator, schema, message)),
                Essence(Translated.ToFix(translator, schema, Translated.ToEsf(translator, received[place]))));
        }

        await stopping.CancelAsync();
        await running;
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
