using System.Text;
using Estream.Testing;
using Estream.Wire.Fix.Codec;
using Estream.Wire.Fix.Session;

namespace Estream.Wire.Fix.Tests.Rig;

/// <summary>One session without a socket. Received and sent messages are text.</summary>
internal sealed class SessionRig : IFixOutput
{
    private readonly Queue<string> _sent = new();

    public SessionRig(FixSessionOptions? options = null, IFixStore? store = null)
    {
        Store = store ?? new FixMemoryStore(1_000);
        Session = new FixSession(options ?? Options(), Store, Application, Clock);
    }

    public ManualClock Clock { get; } = new(FixDay.Start);

    public Application Application { get; } = new() { IsEcho = true };

    public IFixStore Store { get; }

    public FixSession Session { get; }

    /// <summary>Why the connection was closed, or null.</summary>
    public string? Closed { get; private set; }

    /// <summary>The length of the longest sent message.</summary>
    public int Longest { get; private set; }

    /// <summary>The next MsgSeqNum of the counterparty.</summary>
    public long Number { get; set; } = 1;

    public static FixSessionOptions Options(FixProtocol? protocol = null)
    {
        return new FixSessionOptions { Protocol = protocol ?? FixProtocol.Fix44, SenderCompId = "ISLD", TargetCompId = "TW" };
    }

    /// <summary>An acceptor whose counterparty is logged on with this heartbeat interval.</summary>
    public static SessionRig LoggedOn(FixSessionOptions? options = null, int heartbeat = 30)
    {
        SessionRig rig = new(options);
        Assert.True(rig.Connect());
        rig.Receive($"35=A|98=0|108={heartbeat}|");
        Assert.StartsWith("35=A|34=1|", rig.Next(), StringComparison.Ordinal);
        return rig;
    }

    public bool Connect(bool isInitiator = false)
    {
        Closed = null;
        return Session.Open(this, isInitiator) is null;
    }

    /// <summary>Passes a message to the session: its type, then the fields outside the standard header. MsgSeqNum increases
    /// automatically.</summary>
    public void Receive(string body)
    {
        Receive(Number, body);
        Number++;
    }

    public void Receive(long number, string body)
    {
        int end = body.IndexOf('|', StringComparison.Ordinal) + 1;
        ReceiveWhole($"{body[..end]}34={number}|49=TW|52={Now()}|56=ISLD|{body[end..]}");
    }

    /// <summary>Passes a message with an explicit header to the session.</summary>
    public void ReceiveWhole(string body, string beginString = "FIX.4.4")
    {
        Session.Receive(Frames.Message(beginString, body));
    }

    /// <summary>The current time as the session writes it, shifted by seconds.</summary>
    public string Now(int seconds = 0)
    {
        byte[] text = new byte[FixText.TimeLength];
        FixText.WriteTime(text, Clock.UtcNanos + (seconds * 1_000_000_000L));
        return Encoding.ASCII.GetString(text);
    }

    /// <summary>Lets time pass, with five ticks per second.</summary>
    public void Pass(double seconds)
    {
        for (int tick = 0; tick < seconds * 5; tick++)
        {
            Clock.Pass(TimeSpan.FromMilliseconds(200));
            Session.Tick();
        }
    }

    /// <summary>The next sent message from MsgType on, without CompIDs and times.</summary>
    public string Next()
    {
        Assert.True(_sent.TryDequeue(out string? message), "The session has sent nothing more.");
        return message;
    }

    /// <summary>Asserts that nothing more was sent.</summary>
    public void NothingMore()
    {
        Assert.Equal("", string.Join('\n', _sent));
    }

    void IFixOutput.Send(ReadOnlySpan<byte> message)
    {
        Assert.Null(Closed);
        Assert.Equal(FixFrameStatus.Complete, FixFrame.TryRead(message, 8 << 20, out int length, out _));
        Assert.Equal(message.Length, length);
        Longest = Math.Max(Longest, length);
        string[] fields = Frames.Text(message).Split('|');
        _sent.Enqueue(string.Concat(fields[2..^2]
            .Where(field => !field.StartsWith("49=", StringComparison.Ordinal) && !field.StartsWith("52=", StringComparison.Ordinal)
                && !field.StartsWith("56=", StringComparison.Ordinal))
            .Select(field => field + "|")));
    }

    void IFixOutput.Close(string why)
    {
        Closed = why;
    }
}
