using System.Buffers;
using System.Security.Cryptography.X509Certificates;
using Estream.Core;
using Estream.Wire.Fix.Codec;

namespace Estream.Wire.Fix.Session;

/// <summary>
/// One connection without its socket: bytes become messages, the first message finds the session, and what the session says becomes
/// bytes. Received from, and ticked, by one thread at a time; the session may send from any.
/// </summary>
internal sealed class FixLink : IFixOutput, IDisposable
{
    /// <summary>Bytes that may be garbled before a message is right; a peer that speaks something else is not listened to for
    /// ever.</summary>
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

    /// <summary>An acceptor's connection.</summary>
    /// <param name="table">Whom it may be from.</param>
    /// <param name="output">Takes what is sent; locked meanwhile.</param>
    /// <param name="clock">For how long the first message may take.</param>
    public FixLink(FixSessionTable table, IBufferWriter<byte> output, IClock clock)
    {
        _table = table;
        _output = output;
        _clock = clock;
        _openedAt = clock.MonotonicNanos;
    }

    /// <summary>An initiator's connection: the session logs on.</summary>
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

    /// <summary>Why the connection is to be ended behind what was sent; null while it is not.</summary>
    public string? Why => _why;

    /// <summary>Whether it is to be ended because the counterparty sent what the protocol does not allow, or logged on to what it may
    /// not.</summary>
    public bool IsBroken => _isBroken;

    /// <summary>Whether a message waits for its application: nothing is to be received until <see cref="TryAgain"/> has brought it
    /// in.</summary>
    public bool IsHeld => _session?.IsHeld ?? false;

    /// <summary>The session, once its Logon was seen.</summary>
    public FixSession? Session => _session;

    /// <summary>What the counterparty has shown; null where nothing was asked for.</summary>
    public X509Certificate2? PeerCertificate { get; set; }

    private int MaxMessageBytes => _session?.Options.MaxMessageBytes ?? _table?.MaxMessageBytes ?? 0;

    /// <summary>Takes what has come, up to the first message that is not whole or is held, the end, or more to send again than fits at
    /// once.</summary>
    /// <param name="buffer">What has come and was not consumed.</param>
    /// <param name="hasMoreToSend">Whether to flush and call <see cref="FixSession.ContinueResend"/> until it says that there is no more,
    /// before the next read.</param>
    /// <returns>Up to where it was consumed.</returns>
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

    /// <summary>Offers the message that is held once more.</summary>
    public void TryAgain()
    {
        _session?.TryAgain();
    }

    /// <summary>Looks after time.</summary>
    public void Tick()
    {
        if (_session is { } session)
        {
            session.Tick();
        }
        else if (_table is not null && _clock.MonotonicNanos - _openedAt >= _table.LogonTimeoutNanos)
        {
            Close("No Logon came in time.");
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

    /// <summary>The connection is over; the session hears of it, if it has not ended it itself.</summary>
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
            Close($"What came before a Logon was garbled ({why}).");
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

        // Garbled bytes are passed over, unless they were the end of it.
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
            Refuse("The first message was for no session of this acceptor.");
            return false;
        }

        if (session.Options.PeerCertificateName is { } name && PeerCertificate?.MatchesHostname(name, allowWildcards: false) != true)
        {
            Refuse($"Who logged on as {session.TargetCompId} has shown a certificate without the name {name}.");
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

/// <summary>The connection as a session sees it.</summary>
internal interface IFixOutput
{
    /// <summary>Takes a message to be sent; the bytes are not used after the call.</summary>
    void Send(ReadOnlySpan<byte> message);

    /// <summary>Ends the connection behind what was sent.</summary>
    /// <param name="why">One sentence for the log, without values of fields.</param>
    void Close(string why);
}
