// A FIX acceptor that sends orders back: a counterparty for testing a FIX engine, also used by acceptance scripts.
//
//   dotnet run -c Release --project samples/FixEcho -- --port 25001 [--journal DIRECTORY] [--fix44 FILE]
//
// The acceptor's CompID is ISLD. The counterparties are TW in FIX 4.2, 4.4 and 5.0 SP2, and TW42, TW44 and TW50SP2 in one version each;
// NO_CHECK_FIELDS_HAVE_VALUES may send empty fields. Orders (D), security definitions (d) and requests for quotes (R) are sent back
// as new messages: the body is unchanged, and the header, such as PossResend, is not copied. An order marked PossResend whose ClOrdID was
// already received is not sent back. News (B) whose headline starts with "echo:" are sent back without that prefix.
// A journal preserves sequence numbers and messages. --fix44 sets a dictionary for TW. Ctrl-C ends the program.

using System.Globalization;
using System.Text;
using Estream.Core;
using Estream.Queue;
using Estream.Wire.Fix;

int port = int.Parse(Option("--port") ?? "25001", CultureInfo.InvariantCulture);
string? journal = Option("--journal");
FixProtocol fix44 = Option("--fix44") is { } file ? FixProtocol.Of(FixDictionary.Load(file)) : FixProtocol.Fix44;
List<EstreamQueue> journals = [];
using CancellationTokenSource stopping = new();
Console.CancelKeyPress += (_, pressed) =>
{
    pressed.Cancel = true;
    stopping.Cancel();
};

try
{
    await using FixAcceptor acceptor = new(
        new FixAcceptorOptions { Port = port },
        [
            Session(FixProtocol.Fix42, "TW"), Session(FixProtocol.Fix42, "TW42"),
            Session(fix44, "TW"), Session(FixProtocol.Fix44, "TW44"),
            Session(FixProtocol.Fix44, "NO_CHECK_FIELDS_HAVE_VALUES") with { AllowEmptyValues = true },
            Session(FixProtocol.Fix50Sp2, "TW"), Session(FixProtocol.Fix50Sp2, "TW50SP2"),
        ],
        new Echo(),
        SystemClock.Instance,
        happened => Console.Error.WriteLine($"{happened.Kind}: {happened.Detail}"));
    await acceptor.StartAsync(stopping.Token);
    Console.WriteLine($"port {acceptor.LocalEndPoint!.Port}");
    await acceptor.RunAsync(stopping.Token);
}
finally
{
    journals.ForEach(queue => queue.Dispose());
}

string? Option(string name)
{
    int place = Array.IndexOf(args, name);
    return place >= 0 && place + 1 < args.Length ? args[place + 1] : null;
}

FixSessionOptions Session(FixProtocol protocol, string counterparty)
{
    QueueOptions small = new() { SegmentBytes = 4 << 20 };
    EstreamQueue? queue = journal is null
        ? null
        : EstreamQueue.Open(Path.Combine(journal, $"{protocol.BeginString}-{counterparty}"), small);
    if (queue is not null)
    {
        journals.Add(queue);
    }

    // The scripts start every connection at sequence number 1; a session with a journal continues where it was.
    return new FixSessionOptions
    {
        Protocol = protocol, SenderCompId = "ISLD", TargetCompId = counterparty, Journal = queue, ResetOnLogon = queue is null,
    };
}

/// <summary>Sends received messages back.</summary>
internal sealed class Echo : IFixApplication
{
    private const int ClOrdId = 11;
    private const int PossResend = 97;
    private const int Headline = 148;
    private const int MessageEncoding = 347;
    private const int EncodedHeadline = 359;
    private const int MaxSeen = 100_000;

    private readonly Lock _gate = new();
    private readonly HashSet<(FixSession, string)> _seen = [];

    public void OnLogout(FixSession session)
    {
        lock (_gate)
        {
            _seen.RemoveWhere(order => order.Item1 == session);
        }
    }

    public FixVerdict OnMessage(FixSession session, in FixMessage message)
    {
        switch (Encoding.UTF8.GetString(message.MsgType))
        {
            case "D" when message.Fields.Is(PossResend, "Y"u8) && !IsNew(session, message):
                return FixVerdict.Accepted;
            case "D":
                IsNew(session, message);
                session.Send(new FixMessageBuilder("D").CopyBody(message));
                return FixVerdict.Accepted;
            case "d" or "R":
                session.Send(new FixMessageBuilder(Encoding.UTF8.GetString(message.MsgType)).CopyBody(message));
                return FixVerdict.Accepted;
            case "B":
                SendNewsBack(session, message);
                return FixVerdict.Accepted;
            case "AP":
                return FixVerdict.Accepted;
            default:
                return FixVerdict.Unsupported;
        }
    }

    private static void SendNewsBack(FixSession session, in FixMessage message)
    {
        if (!message.Fields.TryGet(Headline, out ReadOnlySpan<byte> headline) || !headline.StartsWith("echo:"u8))
        {
            return;
        }

        FixMessageBuilder news = new FixMessageBuilder("B").Add(Headline, headline["echo:"u8.Length..].TrimStart((byte)' '));
        if (message.Fields.TryGet(MessageEncoding, out ReadOnlySpan<byte> encoding))
        {
            news.AddHeader(MessageEncoding, encoding);
        }

        if (message.Fields.TryGet(EncodedHeadline, out ReadOnlySpan<byte> encoded))
        {
            news.Add(EncodedHeadline, encoded);
        }

        session.Send(news);
    }

    private bool IsNew(FixSession session, in FixMessage message)
    {
        message.Fields.TryGet(ClOrdId, out ReadOnlySpan<byte> id);
        lock (_gate)
        {
            return _seen.Count < MaxSeen && _seen.Add((session, Encoding.UTF8.GetString(id)));
        }
    }
}
