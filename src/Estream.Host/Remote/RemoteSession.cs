using System.Buffers;
using System.IO.Pipelines;
using System.Net;
using System.Text;
using Estream.Client;
using Estream.Client.Protocol;
using Estream.Core;
using Estream.Crypto;
using Estream.Host.Http;
using Estream.Host.Runtime;
using Estream.Queue;
using Estream.Wire;

namespace Estream.Host.Remote;

/// <summary>The origin of a connection.</summary>
/// <param name="Origin">The address, or <c>socket</c>.</param>
/// <param name="Identify">Returns the identity of a client that sends no token in Hello; null if it needs one. Called again while the
/// connection lasts. Thread-safe.</param>
internal sealed record RemotePeer(string Origin, Func<Identity?> Identify)
{
    private readonly IPAddress? _address;

    /// <summary>The address for which connections are counted; null for the Unix socket.</summary>
    public IPAddress? Address
    {
        get => _address;
        init => _address = value is null ? null : CountedAddress.Of(value);
    }

    /// <summary>Whether the connection is a WebSocket of the HTTP listener.</summary>
    public bool IsWebSocket { get; init; }

    /// <summary>Sends the close frame of a WebSocket, so that the peer receives all earlier frames; null for other connections.</summary>
    public Func<Task>? CloseOutputAsync { get; init; }
}

/// <summary>
/// Serves one connection. Requests are done in order by the read loop; subscriptions, scans and watches send from their own tasks. The
/// responses of one read are sent together, after their messages are durable, unless they are too long to be kept until then.
/// </summary>
internal sealed class RemoteSession : IAsyncDisposable
{
    private const int RoomBytes = 1 << 20;
    private const int HeaderRoomBytes = 64;

    private readonly RemoteServer _server;
    private readonly RemotePeer _peer;
    private readonly IDuplexPipe _transport;
    private readonly CancellationTokenSource _end = new();
    private readonly FrameBuilder _frame = new();
    private readonly long _began = ConnectionClock.Millis;
    private RemoteRequests? _requests;
    private volatile Func<Identity?>? _identify;
    private volatile bool _isStopping;
    private byte[] _scratch = new byte[4096];
    private long _lastReceived = ConnectionClock.Millis;
    private long _silenceMillis;

    public RemoteSession(RemoteServer server, RemotePeer peer, IDuplexPipe transport)
    {
        (_server, _peer, _transport) = (server, peer, transport);
        _silenceMillis = RemoteServer.HelloMillis;
        Ended = _end.Token;
        Output = new FrameOutput(transport.Output, RoomBytes);
    }

    public FrameOutput Output { get; }

    /// <summary>Cancelled when the connection ends.</summary>
    public CancellationToken Ended { get; }

    public string Origin => _peer.Origin;

    /// <summary>The turns of filtered subscriptions of all connections.</summary>
    public ScanTurns FilterTurns => _server.FilterTurns;

    /// <summary>The scans of maps of all connections.</summary>
    public ScanTurns Scans => _server.Scans;

    /// <summary>The stream subscriptions of all connections.</summary>
    public StreamTotals Streams => _server.Streams;

    /// <summary>The rate of all stream subscriptions of the connection together.</summary>
    public MessagePace StreamPace { get; } = new(StreamRequests.MaxPerSecondOfAll, TimeProvider.System);

    /// <summary>The maximum length of the payload of a frame.</summary>
    public int MaxPayloadBytes => _server.Settings.MaxFrameBytes - HeaderRoomBytes;

    /// <summary>The name that the client has given; empty before its first frame.</summary>
    public string ClientName { get; private set; } = "";

    /// <summary>The identity of the client; null before its first frame.</summary>
    public Identity? Identity { get; private set; }

    /// <summary>Whether the connection counts as one of a client.</summary>
    public bool IsAdmitted { get; private set; }

    private int MaxFrameBytes => Identity is null ? FrameParser.MaxHelloBytes : _server.Settings.MaxFrameBytes;

    /// <summary>Reads and answers until the connection ends or <see cref="Stop(string)"/> is called.</summary>
    public async Task RunAsync()
    {
        try
        {
            await ReadAsync().ConfigureAwait(false);
        }
        catch (RemoteRefusalException refused)
        {
            Say(refused.Status, refused.Message);
        }
        catch (Exception lost) when (lost is IOException or OperationCanceledException
            or Microsoft.AspNetCore.Connections.ConnectionAbortedException)
        {
            // The peer has closed the connection, or the host ends it.
        }
        finally
        {
            await _end.CancelAsync().ConfigureAwait(false);
            if (_requests is { } requests)
            {
                await requests.DisposeAsync().ConfigureAwait(false);
            }

            await Output.DrainAsync().WaitAsync(RemoteServer.DrainLimit).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            Output.Fail(new IOException("The connection has ended."));
        }
    }

    /// <summary>Ends the read loop after the requests it is doing.</summary>
    public void Stop(string reason) => Stop(ClientStatus.Unavailable, reason);

    /// <summary>Ends the read loop if the token or the browser session of the client has ended, or has other rights now. Called about once
    /// a second.</summary>
    public bool StopIfRevoked()
    {
        if (_identify is not { } identify || _isStopping || Ended.IsCancellationRequested || identify() == Identity)
        {
            return false;
        }

        Stop(ClientStatus.Unauthorized, "The token or the session has ended, or has other rights now. Create a token with: "
            + "estream token new --role operator");
        return true;
    }

    /// <summary>Ends the stream subscriptions of widgets whose component has changed. Called about once a second.</summary>
    public void EndChangedStreams() => _requests?.EndChangedStreams();

    /// <summary>Why the connection must be closed now; null if it need not. Called about once a second.</summary>
    public string? WhyClose(long now)
    {
        long silence = Volatile.Read(ref _silenceMillis);
        long writing = Output.WritingSince;
        return Identity is null && now - _began > RemoteServer.HelloMillis
            ? $"no Hello was received within {RemoteServer.HelloMillis / 1000} s"
            : now - Volatile.Read(ref _lastReceived) > silence
            ? $"no frame was received for {silence / 1000} s"
            : writing != 0 && now - writing > RemoteServer.StuckMillis
                ? $"the client has received nothing for {RemoteServer.StuckMillis / 1000} s"
                : null;
    }

    /// <summary>Whether a frame of this length may be sent.</summary>
    public bool Fits(int bytes) => bytes <= MaxPayloadBytes;

    /// <exception cref="RemoteRefusalException">A frame does not take the message.</exception>
    public void RequireFits(ReadOnlySpan<byte> message, long position)
    {
        if (!Fits(message.Length))
        {
            throw new RemoteRefusalException(ClientStatus.LimitExceeded,
                $"The message at position {position} has {message.Length} bytes, more than a frame takes. Set Client:MaxFrameBytes.");
        }
    }

    /// <exception cref="RemoteRefusalException">The message must not be sent to this client.</exception>
    public void RequireReadable(in QueueMessage message)
    {
        if (Identity!.Role < AccessRole.Admin && _requests!.Parts.Privacy.IsForAdministrators(message.Payload))
        {
            throw new RemoteRefusalException(ClientStatus.Forbidden,
                $"Message {message.Sequence} at position {message.Position} may contain private values in plaintext. Only the role admin "
                + "may read it.");
        }
    }

    public Task RemoveAsync(uint subscription) => _requests?.RemoveAsync(subscription) ?? Task.CompletedTask;

    public ValueTask DisposeAsync()
    {
        _end.Dispose();
        return default;
    }

    private async Task ReadAsync()
    {
        PipeReader input = _transport.Input;
        while (true)
        {
            ReadResult read = await input.ReadAsync(_end.Token).ConfigureAwait(false);
            ReadOnlySequence<byte> buffer = read.Buffer;
            bool isAnswered;
            do
            {
                Volatile.Write(ref _lastReceived, ConnectionClock.Millis);
                Output.Cork();
                try
                {
                    isAnswered = Answer(ref buffer);
                    if (_requests is { } requests)
                    {
                        await requests.AcknowledgeAsync(_end.Token).ConfigureAwait(false);
                    }
                }
                finally
                {
                    Output.Uncork();
                }

                // A client that does not read its responses is not read either.
                await Output.WaitForRoomAsync().WaitAsync(_end.Token).ConfigureAwait(false);
            }
            while (!isAnswered && !_isStopping && Output.Failure is null);

            input.AdvanceTo(buffer.Start, buffer.End);
            if (read.IsCompleted || read.IsCanceled || _isStopping || Output.Failure is not null)
            {
                return;
            }
        }
    }

    /// <summary>Answers the requests of a read while there is room for responses and no request waits. Returns false if requests may
    /// remain.</summary>
    private bool Answer(ref ReadOnlySequence<byte> buffer)
    {
        while (Output.HasRoom && !_isStopping && _requests is not { IsWaiting: true })
        {
            FrameResult result = FrameParser.TryRead(ref buffer, MaxFrameBytes, out FrameHeader header,
                out ReadOnlySequence<byte> payload);
            if (result == FrameResult.Incomplete)
            {
                return true;
            }

            if (result == FrameResult.Invalid || header.Status != ClientStatus.Ok)
            {
                throw new RemoteRefusalException(ClientStatus.ProtocolError,
                    $"The bytes are not a frame of this protocol, or it is longer than {MaxFrameBytes} bytes.");
            }

            ReadOnlySpan<byte> bytes = PayloadReader.Span(payload, ref _scratch);
            if (Identity is null)
            {
                Greet(header, bytes);
            }
            else
            {
                _requests!.Answer(header, bytes);
            }
        }

        return false;
    }

    /// <summary>Checks the first frame: magic, version, keep-alive seconds, token, name.</summary>
    private void Greet(FrameHeader header, ReadOnlySpan<byte> payload)
    {
        PayloadReader reader = new(payload);
        uint magic = reader.UInt32();
        ushort version = reader.UInt16();
        ushort keepAlive = reader.UInt16();
        string token = Encoding.UTF8.GetString(reader.ShortBytes());
        string name = Encoding.UTF8.GetString(reader.ShortBytes());
        if (header.Op != ClientOp.Hello || !reader.IsComplete || magic != ClientHello.Magic || keepAlive is 0 or > 3600)
        {
            throw new RemoteRefusalException(ClientStatus.ProtocolError, "The first frame is not Hello.");
        }

        if (version != ClientHello.Version)
        {
            throw new RemoteRefusalException(ClientStatus.ProtocolError,
                $"The client speaks version {version}, the host version {ClientHello.Version}. Update the older one.");
        }

        HostComponents parts = _server.PartsOrNull()
            ?? throw new RemoteRefusalException(ClientStatus.Unavailable, "The host is starting or stopping. Retry later.");
        Func<Identity?> identify = token.Length > 0 ? () => _server.Access.IdentityOf(token) : _peer.Identify;
        Identity? identity = identify();
        if (identity is null or { Role: < AccessRole.Viewer })
        {
            _server.RecordRefused(parts, this, "hello", "no valid token");
            throw new RemoteRefusalException(ClientStatus.Unauthorized,
                "A valid token of the role viewer or a higher one is required. Create one with: estream token new --role operator");
        }

        _server.Admit(_peer);
        IsAdmitted = true;
        ClientName = name;
        _requests = new RemoteRequests(_server, this, parts, identity);
        Volatile.Write(ref _silenceMillis, 3000L * keepAlive);
        Identity = identity;
        _identify = identify;
        Output.Write(_frame.Begin().UInt16(ClientHello.Version).Byte(RoleOnTheWire(identity.Role))
            .UInt32((uint)_server.Settings.MaxFrameBytes).End(ClientOp.Hello, header.Id));
    }

    // The protocol numbers the roles of clients from 1.
    private static byte RoleOnTheWire(AccessRole role) => (byte)(role - AccessRole.Viewer + 1);

    private void Stop(ClientStatus status, string reason)
    {
        Say(status, reason);
        _isStopping = true;
        _ = EndAfterDrainAsync();
    }

    // Cancelling a read aborts a WebSocket together with frames that Kestrel has not sent yet, so the peer gets time to close first.
    private async Task EndAfterDrainAsync()
    {
        await Output.DrainAsync().WaitAsync(RemoteServer.DrainLimit).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (_peer.CloseOutputAsync is { } close)
        {
            await close().WaitAsync(RemoteServer.DrainLimit).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await Task.Delay(RemoteServer.DrainLimit, Ended).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        try
        {
            _end.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // The session has ended meanwhile.
        }
    }

    /// <summary>Sends the reason for the end of the connection.</summary>
    private void Say(ClientStatus status, string text) =>
        Output.Write(new FrameBuilder().Begin().Raw(Encoding.UTF8.GetBytes(text)).End(ClientOp.Hello, 0, status));
}
