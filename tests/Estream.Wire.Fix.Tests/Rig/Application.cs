using System.Text;

namespace Estream.Wire.Fix.Tests.Rig;

/// <summary>An application that records its calls and echoes orders.</summary>
internal sealed class Application : IFixApplication
{
    private readonly HashSet<string> _seen = [];

    /// <summary>The calls: logon, logout, and the types of messages.</summary>
    public List<string> Happened { get; } = [];

    /// <summary>ClOrdIDs in order of arrival.</summary>
    public List<string> Orders { get; } = [];

    /// <summary>Whether orders are echoed.</summary>
    public bool IsEcho { get; init; }

    /// <summary>Called while a message is handled.</summary>
    public Action? Handling { get; set; }

    /// <summary>Whether the application cannot accept messages now.</summary>
    public bool IsFull { get; set; }

    /// <summary>Thrown for the next message.</summary>
    public Exception? Failure { get; set; }

    public void OnLogon(FixSession session)
    {
        Happened.Add("logon");
    }

    public void OnLogout(FixSession session)
    {
        Happened.Add("logout");
        _seen.Clear();
    }

    public FixVerdict OnMessage(FixSession session, in FixMessage message)
    {
        Handling?.Invoke();
        if (Failure is { } failure)
        {
            Failure = null;
            throw failure;
        }

        if (IsFull)
        {
            session.Hold();
            return FixVerdict.Accepted;
        }

        string type = Encoding.UTF8.GetString(message.MsgType);
        Happened.Add(type);
        return type switch
        {
            "D" => OnOrder(session, message),
            "B" => OnNews(session, message),
            "AP" => FixVerdict.Accepted,
            _ => FixVerdict.Unsupported,
        };
    }

    private static string TextOf(in FixMessage message, int tag)
    {
        return message.Fields.TryGet(tag, out ReadOnlySpan<byte> value) ? Encoding.UTF8.GetString(value) : "";
    }

    private FixVerdict OnOrder(FixSession session, in FixMessage message)
    {
        string id = TextOf(message, 11);
        Orders.Add(id);
        bool isNew = _seen.Add(id);
        if (IsEcho && (isNew || !message.Fields.Is(97, "Y"u8)))
        {
            session.Send(new FixMessageBuilder("D").CopyBody(message));
        }

        return FixVerdict.Accepted;
    }

    // For the scripts of QuickFIX/n: a headline that starts with "echo:" is sent back without that prefix.
    private FixVerdict OnNews(FixSession session, in FixMessage message)
    {
        const string Mark = "echo:";
        string headline = TextOf(message, 148);
        if (IsEcho && headline.StartsWith(Mark, StringComparison.Ordinal))
        {
            FixMessageBuilder news = new("B");
            if (message.Fields.TryGet(347, out ReadOnlySpan<byte> encoding))
            {
                news.AddHeader(347, encoding);
            }

            news.Add(148, headline[Mark.Length..].TrimStart());
            if (message.Fields.TryGet(359, out ReadOnlySpan<byte> text))
            {
                news.Add(359, text);
            }

            session.Send(news);
        }

        return FixVerdict.Accepted;
    }
}
