using System.Collections.Concurrent;
using System.Globalization;
using System.Net.Sockets;
using Estream.Core;
using Estream.Wire.Compliance;
using Estream.Wire.Fix.Tests.Rig;

namespace Estream.Wire.Fix.Tests.Compliance;

/// <summary>A connection of a counterparty in FIX 4.4, without the product's codec and session.</summary>
internal sealed class FixPeerConnection(TcpClient client, Stream stream, string name) : IPeerConnection
{
    public const int HeartbeatSeconds = 5;

    /// <summary>MsgSeqNum of the first message after the Logon.</summary>
    public const int FirstNumber = 2;

    private const byte Soh = 1;
    private const int TrailerBytes = 7;
    private const int MaxStartBytes = 32;
    private const int MaxBodyBytes = 1024 * 1024;

    private static readonly TimeSpan s_signInterval = TimeSpan.FromMilliseconds(500);

    private readonly ConcurrentQueue<ComplianceMessage> _received = new();
    private readonly SemaphoreSlim _writing = new(1);
    private readonly CancellationTokenSource _ended = new();
    private readonly TaskCompletionSource _over = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private byte[] _tail = [];
    private int _next = FirstNumber;
    private volatile bool _isSilent;

    /// <summary>FIX does not acknowledge single messages.</summary>
    public IReadOnlyCollection<int> Acknowledged => [];

    public IReadOnlyCollection<ComplianceMessage> Received => [.. _received];

    public bool IsOver => _over.Task.IsCompleted;

    /// <summary>A complete message with the current SendingTime.</summary>
    public static byte[] Frame(string msgType, int number, string name, string body)
    {
        return Frames.Message(
            string.Create(CultureInfo.InvariantCulture, $"35={msgType}|34={number}|49={name}|52={Now()}|56={FixPeer.Adapter}|{body}"));
    }

    /// <summary>Logs on with both numbers at 1.</summary>
    /// <returns>False if the acceptor ends the connection instead.</returns>
    public async Task<bool> LoginAsync(string user, string password, CancellationToken cancellation)
    {
        try
        {
            await SendAsync(Logon($"141=Y|553={user}|554={password}|"), cancellation);
            string answer = await ReadAsync(cancellation);
            if (!answer.Contains("|35=A|", StringComparison.Ordinal))
            {
                return false;
            }
        }
        catch (IOException)
        {
            return false;
        }

        Begin();
        return true;
    }

    /// <summary>Answers the Logon of an initiator.</summary>
    public async Task WelcomeAsync(CancellationToken cancellation)
    {
        string logon = await ReadAsync(cancellation);
        if (!logon.Contains("|35=A|", StringComparison.Ordinal))
        {
            throw new IOException($"The initiator did not log on but sent {logon}");
        }

        await SendAsync(Logon("141=Y|"), cancellation);
        Begin();
    }

    /// <summary>Sends garbled bytes instead of a Logon, and waits for the end of the connection.</summary>
    public async Task MisbehaveAsync(bool isVenue, CancellationToken cancellation)
    {
        try
        {
            if (isVenue)
            {
                await ReadAsync(cancellation);
            }

            // The CheckSum is wrong.
            await SendAsync(Frames.Bytes("8=FIX.4.4|9=5|35=0|10=000|"), cancellation);
            while (true)
            {
                await ReadAsync(cancellation);
            }
        }
        catch (IOException)
        {
            // The connection has ended.
        }
    }

    public ReadOnlyMemory<byte> Encode(int number, ComplianceMessage message)
    {
        // A message that already has the next header is sent unchanged, so that its bytes are known in advance.
        string text = Frames.Text(message.Payload.Span);
        int due = _next++;
        if (text.Contains(string.Create(CultureInfo.InvariantCulture, $"|34={due}|49={name}|"), StringComparison.Ordinal))
        {
            return message.Payload;
        }

        const string EndOfHeader = $"|56={FixPeer.Adapter}|";
        int start = text.IndexOf(EndOfHeader, StringComparison.Ordinal) + EndOfHeader.Length;
        return Frame(Frames.Text(message.Topic.Span), due, name, text[start..^TrailerBytes]);
    }

    public async ValueTask SendAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellation)
    {
        await _writing.WaitAsync(cancellation);
        try
        {
            await WriteAsync(bytes, cancellation);
        }
        finally
        {
            _writing.Release();
        }
    }

    public void FallSilent()
    {
        _isSilent = true;
    }

    public async ValueTask DisposeAsync()
    {
        await _ended.CancelAsync();

        // Cuts the connection without a Logout; unsent bytes are lost.
        client.Client?.Close(0);
        client.Dispose();
    }

    private static string Now()
    {
        return DateTime.UnixEpoch.AddTicks(SystemClock.Instance.UtcNanos / 100)
            .ToString("yyyyMMdd-HH:mm:ss.fff", CultureInfo.InvariantCulture);
    }

    private byte[] Logon(string rest)
    {
        return Frame("A", FirstNumber - 1, name, string.Create(CultureInfo.InvariantCulture, $"98=0|108={HeartbeatSeconds}|{rest}"));
    }

    private void Begin()
    {
        _ = ReadAllAsync();
        _ = LiveAsync();
    }

    private async Task WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellation)
    {
        try
        {
            await stream.WriteAsync(bytes, cancellation);
            byte[] sent = [.. _tail, .. bytes.Span[^Math.Min(bytes.Length, TrailerBytes)..]];
            _tail = sent[^Math.Min(sent.Length, TrailerBytes)..];
        }
        catch (ObjectDisposedException failure)
        {
            throw new IOException("The connection is cut.", failure);
        }
    }

    private async Task ReadAllAsync()
    {
        try
        {
            while (true)
            {
                string message = await ReadAsync(_ended.Token);
                if (message.Contains("|35=5|", StringComparison.Ordinal))
                {
                    await SendAsync(Frame("5", _next, name, ""), _ended.Token);
                }
                else if (message.Contains("|35=F|", StringComparison.Ordinal))
                {
                    _received.Enqueue(ComplianceMessage.Of("F", message));
                }
            }
        }
        catch (Exception end) when (end is IOException or ObjectDisposedException or OperationCanceledException)
        {
            // The connection has ended.
        }

        _over.TrySetResult();
    }

    /// <summary>Reads a message and returns it with | for SOH.</summary>
    private async Task<string> ReadAsync(CancellationToken cancellation)
    {
        // BeginString and BodyLength determine how many bytes follow.
        List<byte> start = [];
        byte[] one = new byte[1];
        int fields = 0;
        while (fields < 2)
        {
            await stream.ReadExactlyAsync(one, cancellation);
            start.Add(one[0]);
            fields += one[0] == Soh ? 1 : 0;
            if (start.Count > MaxStartBytes)
            {
                throw new IOException("The adapter sent bytes that are not FIX.");
            }
        }

        string text = Frames.Text([.. start]);
        int length = int.Parse(text[(text.LastIndexOf('=') + 1)..^1], CultureInfo.InvariantCulture);
        if (length > MaxBodyBytes)
        {
            throw new IOException($"The adapter sent a message of {length} bytes.");
        }

        byte[] rest = new byte[length + TrailerBytes];
        await stream.ReadExactlyAsync(rest, cancellation);
        return text + Frames.Text(rest);
    }

    /// <summary>Sends Heartbeats that use no new MsgSeqNum, because encoded messages that are not sent yet already have the next numbers.
    /// Each Heartbeat has MsgSeqNum 1 and is marked as a duplicate.</summary>
    private async Task LiveAsync()
    {
        while (!_ended.IsCancellationRequested && !IsOver)
        {
            await Task.Delay(s_signInterval, _ended.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (_isSilent || _ended.IsCancellationRequested)
            {
                return;
            }

            try
            {
                await SignAsync();
            }
            catch (Exception end) when (end is IOException or OperationCanceledException)
            {
                return;
            }
        }
    }

    private async Task SignAsync()
    {
        await _writing.WaitAsync(_ended.Token);
        try
        {
            // Never sends a Heartbeat in the middle of a message that is sent in parts.
            if (Frames.Text(_tail).StartsWith("10=", StringComparison.Ordinal))
            {
                string now = Now();
                await WriteAsync(Frames.Message($"35=0|34=1|43=Y|49={name}|52={now}|56={FixPeer.Adapter}|122={now}|"), _ended.Token);
            }
        }
        finally
        {
            _writing.Release();
        }
    }
}
