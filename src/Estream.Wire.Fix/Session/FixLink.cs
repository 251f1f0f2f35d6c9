using System.Buffers;
using System.Security.Cryptography.X509Certificates;
using Estream.Core;
using Estream.Wire.Fix.Codec;

namespace Estream.Wire.Fix.Session;

/// <summary>One connection without its socket: splits bytes into messages, finds the session by the first message, and outputs the bytes
/// that the session sends. One thread at a time may receive or tick; the session may send from any thread.</summary>
internal sealed class FixLink : IFixOutput, IDisposable
{
    /// <summary>The maximum number of consecutive garbled bytes. A peer that speaks another protocol is disconnected.</summary>
    public const long MaxGarbledBytes = 1024 * 1024;

    private readonly FixSessionTable? _table;
    private readonly IBufferWriter<byte> _output;
    private readonly IClock _clock;
    private readonly FrameScratch _scratch = new();
    private readonly long _openedAt;
    private FixSession? _session;
    private long _garbledBytes;
    private volatile string? _why;
    private bool _isBroken;

    /// <summary>Creates an acceptor's connection.</summary>
    /// <param name="table">The sessions that may log on.</param>
    /// <param name="output">Receives the bytes to send; locked during each write.</param>
    /// <param name="clock">The clock, for the logon timeout.</param>
    public FixLink(FixSessionTable table, IBufferWriter<byte> output, IClock clock)
    {
        _table = table;
        _output = output;
        _clock = clock;
        _openedAt = clock.MonotonicNanos;
    }

    /// <summary>Creates an initiator's connection; the session sends its Logon.</summary>
    public FixLink(FixSession session, IBufferWriter<byte> output, IClock clock)
    {
        _output = output;
        _clock = clock;
        _openedAt = clock.MonotonicNanos;
        _session = session;
        _why = session.Open(this, isInitiator: true);
        if (_why is not null)
        {
            _session = null;
        }
    }

    /// <inheritdoc/>
    public string? Peer { get; init; }

    /// <summary>Why the connection has to end once its output is written; null while it stays open.</summary>
    public string? Why => _why;

    /// <summary>Whether the connection ends because the counterparty violated the protocol or was not authorised for the session.</summary>
    public bool IsBroken => _isBroken;

    /// <summary>Whether a message is held for the application. Nothing may be received until <see cref="TryAgain"/> has delivered
    /// it.</summary>
    public bool IsHeld => _session?.IsHeld ?? false;

    /// <summary>The session, once the Logon was received.</summary>
    public FixSession? Session => _session;

    /// <summary>The counterparty's certificate; null if none was requested or presented.</summary>
    public X509Certificate2? PeerCertificate { get; set; }

    private int MaxMessageBytes => _session?.Options.MaxMessageBytes ?? _table?.MaxMessageBytes ?? 0;

    /// <summary>Processes received bytes until a message is incomplete or held, the connection ends, or a resend needs a flush.</summary>
    /// <param name="buffer">The received bytes that are not consumed yet.</param>
    /// <param name="hasMoreToSend">Whether the caller has to flush and call <see cref="FixSession.ContinueResend"/> until it returns false,
    /// before the next read.</param>
    /// <returns>The position up to which bytes were consumed.</returns>
    public SequencePosition Receive(in ReadOnlySequence<byte> buffer, out bool hasMoreToSend)
    {
        FixFrameReader reader = new(buffer, _scratch, MaxMessageBytes);
        hasMoreToSend = false;
        while (_why is null && !hasMoreToSend && !IsHeld)
        {
            FixFrameStatus status = reader.TryNext(out ReadOnlySpan<byte> message, out FixGarbled why);
            if (status == FixFrameStatus.Incomplete)
            {
                break;
            }

            if (status == FixFrameStatus.Garbled)
            {
                OnGarbled(why, reader.GarbledBytes);
            }
            else
            {
                _garbledBytes = -reader.GarbledBytes;
                OnMessage(message);
                hasMoreToSend = _session?.ContinueResend() ?? false;
            }
        }

        _garbledBytes += reader.GarbledBytes;
        _scratch.Trim();
        return reader.Consumed;
    }

    /// <summary>Offers the held message again.</summary>
    public void TryAgain()
    {
        _session?.TryAgain();
    }

    /// <summary>Handles timeouts and heartbeats.</summary>
    public void Tick()
    {
        if (_session is { } session)
        {
            session.Tick();
        }
        else if (_table is not null && _clock.MonotonicNanos - _openedAt >= _table.LogonTimeoutNanos)
        {
            Close("No Logon was received in time.");
        }
    }

    public void Send(ReadOnlySpan<byte> message)
    {
        lock (_output)
        {
            _output.Write(message);
        }
    }

    public void Close(string why)
    {
        _why ??= why;
    }

    /// <summary>Ends the link and notifies the session, unless the session ended the connection itself.</summary>
    public void Dispose()
    {
        _why ??= "The connection was lost.";
        _session?.Disconnected(this);
        _scratch.Dispose();
    }

    private void OnGarbled(FixGarbled why, long bytes)
    {
        if (_session is null)
        {
            Close($"The data before the Logon was garbled ({why}).");
        }
        else if (_garbledBytes + bytes > MaxGarbledBytes)
        {
            Close($"More than {MaxGarbledBytes} bytes in a row were garbled.");
            _session.Disconnected(this);
        }
        else
        {
            _session.ReceiveGarbled(why);
        }

        // Garbled bytes are ignored, unless they ended the connection.
        _isBroken |= _why is not null;
    }

    private void OnMessage(ReadOnlySpan<byte> bytes)
    {
        if (_session is null && !TryFindSession(bytes))
        {
            return;
        }

        _session?.Receive(bytes, this);
    }

    private bool TryFindSession(ReadOnlySpan<byte> bytes)
    {
        FixFieldIndex index = new(FixDataTags.None, _table!.MaxFields);
        index.Parse(bytes);
        FixSession? session = _table.Find(new FixMessage(bytes, index));
        if (session is null)
        {
            Refuse("The first message matches no session of this acceptor.");
            return false;
        }

        if (session.Options.PeerCertificateName is { } name && PeerCertificate?.MatchesHostname(name, allowWildcards: false) != true)
        {
            Refuse($"The certificate presented for {session.TargetCompId} does not have the name {name}.");
            return false;
        }

        string? refused = session.Open(this, isInitiator: false);
        if (refused is not null)
        {
            Refuse(refused);
            return false;
        }

        _session = session;
        return true;
    }

    private void Refuse(string why)
    {
        _isBroken = true;
        Close(why);
    }
}

/// <summary>The output side of a connection, as a session uses it.</summary>
internal interface IFixOutput
{
    /// <summary>The address of the counterparty; null if it is unknown.</summary>
    string? Peer => null;

    /// <summary>Queues a message for sending. The bytes are not used after the call.</summary>
    void Send(ReadOnlySpan<byte> message);

    /// <summary>Ends the connection after the queued output.</summary>
    /// <param name="why">One sentence for the log, without field values.</param>
    void Close(string why);
}
