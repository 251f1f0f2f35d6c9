using System.Buffers;
using System.IO.Pipelines;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Estream.Core;
using Estream.Wire.Fix.Session;

namespace Estream.Wire.Fix.Internal;

/// <summary>Runs a link on a socket. One loop reads, dispatches and writes: nothing is read while an answer cannot be written or a queue
/// does not accept a message. Other threads may send through the session, tick the connection, or end it.</summary>
internal sealed class FixConnection : IDisposable
{
    private const int ReadBytes = 64 * 1024;
    private const int LingerMs = 500;
    private const long NanosPerSecond = 1_000_000_000;

    private static readonly TimeSpan s_retryInterval = TimeSpan.FromMilliseconds(100);

    private readonly Socket _socket;
    private readonly IClock _clock;
    private readonly AdapterEventLog _events;
    private readonly string _peer;
    private readonly long _writeTimeoutNanos;
    private readonly int _maxWaitingBytes;
    private readonly FixOutgoing _outgoing = new();
    private readonly SemaphoreSlim _writing = new(1, 1);
    private readonly CancellationTokenSource _closing = new();
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Stream _stream;
    private FixLink? _link;
    private PipeReader? _reader;
    private long _writingSince;
    private volatile bool _isInLoop;

    // Certificates that were loaded after the handshake began; null if no new certificates were loaded.
    private volatile ServerTlsFiles? _newest;

    public FixConnection(Socket socket, Stream stream, FixConnectionLimits limits, IClock clock, AdapterEventLog events)
    {
        _socket = socket;
        _stream = stream;
        _clock = clock;
        _events = events;
        _peer = socket.RemoteEndPoint?.ToString() ?? "an unknown peer";
        Address = (socket.RemoteEndPoint as IPEndPoint)?.Address is { } address ? CountedAddress.Of(address) : null;
        _writeTimeoutNanos = limits.WriteTimeoutSeconds * NanosPerSecond;
        _maxWaitingBytes = limits.MaxWaitingBytes;
    }

    /// <summary>The address of the peer for limits per address; null if unknown.</summary>
    public IPAddress? Address { get; }

    /// <summary>Completes when the connection has ended and its session is free.</summary>
    public Task Ended => _ended.Task;

    /// <summary>The session, once logged on.</summary>
    public FixSession? Session => _link?.Session;

    /// <summary>Runs an acceptor's connection until it ends; never throws.</summary>
    public Task RunAsync(FixSessionTable table, ServerTlsFiles? tls)
    {
        return RunAsync(() => new FixLink(table, _outgoing, _clock) { Peer = _peer }, tls);
    }

    /// <summary>Logs on and runs an initiator's connection until it ends; never throws.</summary>
    public Task RunAsync(FixSession session)
    {
        return RunAsync(() => new FixLink(session, _outgoing, _clock) { Peer = _peer }, null);
    }

    private async Task RunAsync(Func<FixLink> open, ServerTlsFiles? tls)
    {
        try
        {
            // For an initiator this sends the Logon, which can fail, for example if the journal's disk is full.
            FixLink link = open();
            _link = link;
            _outgoing.Filled = OnFilled;
            if (tls is not null)
            {
                SslStream secure = new(_stream);
                _stream = secure;
                await secure.AuthenticateAsServerAsync(tls.Options, _closing.Token).ConfigureAwait(false);
                link.PeerCertificate = secure.RemoteCertificate as X509Certificate2;
                Interlocked.MemoryBarrier();
                if (_newest is { } newer)
                {
                    Review(newer);
                }
            }

            PipeReader reader = PipeReader.Create(
                _stream, new StreamPipeReaderOptions(bufferSize: ReadBytes, minimumReadSize: 4 * 1024, useZeroByteReads: true));
            _reader = reader;
            await ServeAsync(link, reader).ConfigureAwait(false);
            await SayGoodbyeAsync().ConfigureAwait(false);
        }
        catch (Exception failure) when (failure is IOException or SocketException or ObjectDisposedException or AuthenticationException
            or OperationCanceledException)
        {
            _events.Report(AdapterEventKind.ConnectionFailed, $"The connection with {_peer} was lost: {_link?.Why ?? failure.Message}",
                failure);
        }
        catch (Exception failure)
        {
            // An application error must not end other connections. The message is not counted, so the counterparty sends it again.
            _events.Report(AdapterEventKind.ConnectionFailed, $"The connection with {_peer} was closed: {failure.Message}", failure);
        }
        finally
        {
            Dispose();
        }
    }

    /// <summary>Ends the connection if the certificate of the peer was revoked.</summary>
    public void Review(ServerTlsFiles files)
    {
        _newest = files;
        Interlocked.MemoryBarrier();
        if (files.IsRevoked(_link?.PeerCertificate))
        {
            _events.Report(AdapterEventKind.CredentialsReloaded, $"{_peer} is disconnected: its certificate was revoked.");
            Abort();
        }
    }

    /// <summary>The time until the next <see cref="Tick"/>.</summary>
    public TimeSpan TickInterval => _link?.Session?.TickInterval ?? FixSession.ShortTickInterval;

    /// <summary>Handles timeouts and heartbeats. Called a few times per second, from a thread other than the loop's.</summary>
    public void Tick()
    {
        FixLink? link = _link;
        long writingSince = Volatile.Read(ref _writingSince);
        bool isStuck = writingSince != 0 && _clock.MonotonicNanos - writingSince > _writeTimeoutNanos;
        if (isStuck || _outgoing.Waiting > _maxWaitingBytes)
        {
            _events.Report(AdapterEventKind.ConnectionFailed,
                $"{_peer} was disconnected: it reads too slowly (WriteTimeoutSeconds, MaxWaitingBytes).");
            Abort();
            return;
        }

        link?.Tick();
        if (_outgoing.Waiting > 0)
        {
            _ = FlushAlongsideAsync();
        }

        if (link?.Why is not null)
        {
            EndRead();
        }
    }

    /// <summary>Ends the connection without a Logout. Thread-safe.</summary>
    public void Abort()
    {
        _closing.Cancel();
        _socket.Dispose();
    }

    public void Dispose()
    {
        EndSession();
        try
        {
            _reader?.Complete();
            _stream.Dispose();
            _socket.Dispose();
        }
        finally
        {
            _ended.TrySetResult();
        }
    }

    // Notifies the session and its application. An exception that the session or the application throws must not keep the socket open.
    private void EndSession()
    {
        try
        {
            _link?.Dispose();
        }
        catch (Exception failure)
        {
            _events.Report(AdapterEventKind.ConnectionFailed, $"The session with {_peer} did not end cleanly: {failure.Message}",
                failure);
        }
    }

    private async Task ServeAsync(FixLink link, PipeReader reader)
    {
        await FlushAsync().ConfigureAwait(false);
        bool isCompleted = false;
        while (!isCompleted && link.Why is null)
        {
            ReadResult result = await reader.ReadAsync(_closing.Token).ConfigureAwait(false);
            _isInLoop = true;
            SequencePosition consumed = link.Receive(result.Buffer, out bool hasMore);
            _isInLoop = false;
            bool isPaused = hasMore || link.IsHeld;
            isCompleted = result.IsCompleted && !isPaused;

            // Complete messages may follow a ResendRequest or a held message in the buffer, so mark nothing as examined: the next read must
            // not wait for more bytes.
            reader.AdvanceTo(consumed, isPaused ? consumed : result.Buffer.End);
            await FlushAsync().ConfigureAwait(false);
            while (hasMore && link.Why is null)
            {
                hasMore = link.Session?.ContinueResend() ?? false;
                await FlushAsync().ConfigureAwait(false);
            }

            await WaitForRoomAsync(link).ConfigureAwait(false);
        }

        _events.Report(link.IsBroken ? AdapterEventKind.ProtocolViolation : AdapterEventKind.Disconnected,
            $"{_peer}: {link.Why ?? "the counterparty closed the connection."}");
    }

    /// <summary>Offers the held message again until its queue accepts it. Nothing is read meanwhile; ticks still send heartbeats.</summary>
    private async Task WaitForRoomAsync(FixLink link)
    {
        if (!link.IsHeld)
        {
            return;
        }

        _events.Report(AdapterEventKind.StorageBlocked, $"Reading from {_peer} is paused: a queue cannot be written.");
        while (link.Why is null && link.IsHeld)
        {
            await Task.Delay(s_retryInterval, _closing.Token).ConfigureAwait(false);
            _isInLoop = true;
            link.TryAgain();
            _isInLoop = false;
            await FlushAsync().ConfigureAwait(false);
        }

        if (link.Why is null)
        {
            _events.Report(AdapterEventKind.StorageRecovered, $"Reading from {_peer} has resumed.");
        }
    }

    // The loop writes its own output. Output that other threads add between its iterations is written on a pool thread.
    private void OnFilled()
    {
        if (!_isInLoop)
        {
            ThreadPool.UnsafeQueueUserWorkItem(static connection => _ = connection.FlushAlongsideAsync(), this, preferLocal: true);
        }
    }

    private void EndRead()
    {
        if (_reader is { } reader)
        {
            reader.CancelPendingRead();
        }
        else
        {
            // The TLS handshake is still running.
            Abort();
        }
    }

    private async Task FlushAsync()
    {
        await _writing.WaitAsync(_closing.Token).ConfigureAwait(false);
        try
        {
            while (_outgoing.TryTake(out ReadOnlyMemory<byte> bytes))
            {
                // Take the bytes before settling. The messages that these bytes answer were stored before the bytes were queued, so
                // settling covers these messages.
                if (_link?.Session is { } session)
                {
                    await session.SettleAsync(_closing.Token).ConfigureAwait(false);
                }

                Volatile.Write(ref _writingSince, _clock.MonotonicNanos);
                await _stream.WriteAsync(bytes, _closing.Token).ConfigureAwait(false);
            }
        }
        finally
        {
            Volatile.Write(ref _writingSince, 0);
            _writing.Release();
        }
    }

    private async Task FlushAlongsideAsync()
    {
        try
        {
            await FlushAsync().ConfigureAwait(false);
        }
        catch (Exception failure) when (failure is IOException or SocketException or ObjectDisposedException or OperationCanceledException)
        {
            // The loop gets the same error.
        }
        catch (Exception failure)
        {
            // The bytes taken for writing may be lost. The next connection finds them in the journal; this connection would skip them.
            _events.Report(AdapterEventKind.ConnectionFailed, $"The connection with {_peer} was closed: {failure.Message}", failure);
            Abort();
        }
    }

    /// <summary>Writes the remaining output, then waits briefly for the peer to close: a TCP reset would discard bytes that the peer has
    /// not read.</summary>
    private async Task SayGoodbyeAsync()
    {
        using CancellationTokenSource limit = new(LingerMs);
        byte[] waste = ArrayPool<byte>.Shared.Rent(ReadBytes);
        try
        {
            await FlushAsync().WaitAsync(limit.Token).ConfigureAwait(false);
            if (_stream is SslStream secure)
            {
                await secure.ShutdownAsync().WaitAsync(limit.Token).ConfigureAwait(false);
            }

            _socket.Shutdown(SocketShutdown.Send);
            while (await _socket.ReceiveAsync(waste, limit.Token).ConfigureAwait(false) > 0)
            {
            }
        }
        catch (Exception failure) when (failure is IOException or SocketException or ObjectDisposedException or OperationCanceledException)
        {
            // The peer has closed already or does not close in time. Nothing is left to do.
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(waste);
        }
    }
}

/// <summary>How long a write may block and how many bytes may wait before a connection is closed.</summary>
internal readonly record struct FixConnectionLimits(int WriteTimeoutSeconds, int MaxWaitingBytes);
