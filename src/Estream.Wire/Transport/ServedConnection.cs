using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using Estream.Core;

namespace Estream.Wire;

/// <summary>A connection of a <see cref="WireListener"/>: its TLS handshake, its end, and the reports of both. One task runs it.</summary>
internal abstract class ServedConnection : IDisposable
{
    private static readonly TimeSpan s_retryInterval = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan s_maxHandshake = TimeSpan.FromSeconds(10);

    private readonly Socket _socket;
    private readonly string _address;
    private readonly TimeSpan _handshakeLimit;
    private readonly CancellationTokenSource _closing = new();
    private volatile X509Certificate2? _certificate;
    private long _messages;
    private long _rejected;
    private long _lastMessageAt;
    private int _isEstablished;

    /// <param name="socket">The accepted socket, which the connection disposes.</param>
    /// <param name="handshakeLimit">The time limit of the whole TLS handshake; 10 s if it is longer.</param>
    /// <param name="events">Receives events.</param>
    protected ServedConnection(Socket socket, TimeSpan handshakeLimit, AdapterEventLog events)
    {
        _socket = socket;
        _handshakeLimit = handshakeLimit < s_maxHandshake ? handshakeLimit : s_maxHandshake;
        Events = events;
        Stream = new NetworkStream(socket, ownsSocket: true);
        Peer = _address = socket.RemoteEndPoint?.ToString() ?? "an unknown peer";
    }

    /// <summary>Cancelled when the connection must end.</summary>
    protected CancellationToken Closing => _closing.Token;

    /// <summary>The table of connections, in the order of the addresses of their peers. Reads what connections publish; takes no
    /// lock.</summary>
    /// <param name="connections">Returns the open connections.</param>
    /// <param name="count">Returns their number.</param>
    public static AdapterTable TableOf(Func<IEnumerable<ServedConnection>> connections, Func<long> count) => AdapterTable.Of(
        "connections", "Connections",
        [
            new AdapterColumn("address", "Address", AdapterColumnKind.Text),
            new AdapterColumn("certificate", "Certificate", AdapterColumnKind.Text),
            new AdapterColumn("connectedAt", "Connected since", AdapterColumnKind.Time),
            new AdapterColumn("lastMessageAt", "Last message", AdapterColumnKind.Time),
            new AdapterColumn("messages", "Messages", AdapterColumnKind.Count),
            new AdapterColumn("rejected", "Rejected", AdapterColumnKind.Count),
        ],
        connections, static connection => connection._address,
        static connection =>
        [
            connection._address, connection._certificate?.Subject, AdapterCell.TimeOf(connection.ConnectedAt),
            AdapterCell.TimeOf(Volatile.Read(ref connection._lastMessageAt)), Volatile.Read(ref connection._messages),
            Volatile.Read(ref connection._rejected),
        ],
        count);

    /// <summary>The bytes of the peer, decrypted if TLS is on.</summary>
    protected Stream Stream { get; private set; }

    /// <summary>The address of the peer and, after the handshake, the name of its certificate, for messages.</summary>
    protected string Peer { get; private set; }

    /// <summary>The peer, after the handshake; null if the adapter does not list its peers.</summary>
    protected WirePeer? Identity { get; private set; }

    /// <summary>When the connection was accepted, in nanoseconds since 1970-01-01 UTC.</summary>
    public long ConnectedAt { get; init; }

    /// <summary>Called when the peer is no longer an unknown one: it has shown an accepted certificate or completed a message.</summary>
    public Action? Established { get; set; }

    /// <summary>Receives events.</summary>
    protected AdapterEventLog Events { get; }

    /// <summary>Serves the connection until it ends; never throws.</summary>
    /// <param name="currentTls">Returns the certificates; null for a connection without TLS.</param>
    /// <param name="peers">The only peers to serve; empty for all.</param>
    public async Task RunAsync(Func<ServerTlsFiles?> currentTls, IReadOnlyList<WirePeer> peers)
    {
        try
        {
            if (currentTls() is { } tls)
            {
                await SecureAsync(tls).ConfigureAwait(false);
                if (!IsServed(currentTls()!, peers))
                {
                    return;
                }
            }

            Events.Report(AdapterEventKind.Connected, $"{Peer} has connected.");
            await ServeAsync().ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (Closing.IsCancellationRequested)
        {
            Events.Report(AdapterEventKind.Disconnected, $"{Peer} was disconnected.");
        }
        catch (Exception failure)
        {
            // An unexpected failure must not leave the connection registered, so it is reported like the expected ones.
            ReportLoss(failure);
        }
        finally
        {
            Dispose();
        }
    }

    /// <summary>Reports that the peer has shown an accepted certificate or completed a message. Cheap after the first call.</summary>
    public void Establish()
    {
        if (_isEstablished == 0 && Interlocked.Exchange(ref _isEstablished, 1) == 0)
        {
            Established?.Invoke();
        }
    }

    /// <summary>Ends the connection if the certificate of the peer was revoked.</summary>
    public void Review(ServerTlsFiles files)
    {
        if (files.IsRevoked(_certificate))
        {
            Events.Report(AdapterEventKind.CredentialsReloaded, $"{Peer} is disconnected: its certificate was revoked.");
            Abort();
        }
    }

    /// <summary>Ends the connection. Messages that are stored and not acknowledged will be sent again. Thread-safe.</summary>
    public void Abort()
    {
        try
        {
            _closing.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // The connection has just ended.
        }
    }

    /// <summary>Closes the socket and frees the buffers.</summary>
    public void Dispose()
    {
        Stream.Dispose();
        _socket.Dispose();
        Release();
        _closing.Dispose();
    }

    /// <summary>Counts a message for <see cref="TableOf"/>. Called by the task of the connection.</summary>
    protected void CountMessage(bool isAccepted, long now)
    {
        Volatile.Write(ref _messages, _messages + 1);
        Volatile.Write(ref _rejected, _rejected + (isAccepted ? 0 : 1));
        Volatile.Write(ref _lastMessageAt, now);
    }

    /// <summary>Reads and answers until the connection ends.</summary>
    protected abstract Task ServeAsync();

    /// <summary>Frees what the subclass owns.</summary>
    protected abstract void Release();

    /// <summary>Reports the failure that ended the connection.</summary>
    protected virtual void ReportLoss(Exception failure) =>
        Events.Report(AdapterEventKind.ConnectionFailed, $"The connection with {Peer} was lost: {failure.Message}", failure);

    /// <summary>Tries to store until it succeeds, the peer has left, or a time is over.</summary>
    /// <param name="store">Returns false if a queue cannot be written now.</param>
    /// <param name="limit">The time.</param>
    /// <param name="clock">The clock.</param>
    /// <returns>Whether it succeeded. If not, the connection must end without an answer, and the peer sends again: a later attempt of this
    /// connection would store after newer messages of the next one.</returns>
    protected async Task<bool> RetryAsync(Func<bool> store, TimeSpan limit, IClock clock)
    {
        long end = clock.MonotonicNanos + (limit.Ticks * TimeSpan.NanosecondsPerTick);
        while (clock.MonotonicNanos < end && !HasLeft())
        {
            await Task.Delay(s_retryInterval, Closing).ConfigureAwait(false);
            if (store())
            {
                Events.Report(AdapterEventKind.StorageRecovered, $"Reading from {Peer} has resumed.");
                return true;
            }
        }

        return false;
    }

    /// <summary>Whether the peer has closed or reset the connection.</summary>
    private bool HasLeft() => _socket.Poll(0, SelectMode.SelectRead) && _socket.Available == 0;

    /// <summary>Checks the certificate against the lists of this moment: they may have been reloaded during the handshake.</summary>
    private bool IsServed(ServerTlsFiles files, IReadOnlyList<WirePeer> peers)
    {
        if (files.IsRevoked(_certificate))
        {
            Events.Report(AdapterEventKind.ConnectionFailed, $"{Peer} was disconnected: its certificate is revoked.");
            return false;
        }

        Identity = WirePeer.Find(peers, _certificate);
        if (peers.Count > 0 && Identity is null)
        {
            string? name = _certificate?.GetNameInfo(X509NameType.SimpleName, forIssuer: false);
            Events.Report(AdapterEventKind.ConnectionFailed, $"{Peer} was disconnected: its certificate ({name}) is not one of Peers.");
            return false;
        }

        if (_certificate is not null)
        {
            Peer = $"{Peer} ({Identity?.CertificateName ?? _certificate.GetNameInfo(X509NameType.SimpleName, forIssuer: false)})";
            Establish();
        }

        return true;
    }

    private async Task SecureAsync(ServerTlsFiles tls)
    {
        SslStream secure = new(Stream);
        Stream = secure;
        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(Closing);
        limit.CancelAfter(_handshakeLimit);
        await secure.AuthenticateAsServerAsync(tls.Options, limit.Token).ConfigureAwait(false);
        _certificate = secure.RemoteCertificate as X509Certificate2;
    }
}
