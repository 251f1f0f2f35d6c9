namespace Estream.Wire.Fix;

// The values of tables. Reading them takes no lock, so it neither delays a message nor waits for a slow application.
public sealed partial class FixSession
{
    /// <summary>Counts the rejects of this session by reason; null if they are not counted.</summary>
    internal AdapterRejections? Rejections { get; set; }

    /// <summary>The address of the counterparty; null without a connection.</summary>
    internal string? Peer => Volatile.Read(ref _output)?.Peer;

    /// <summary>The state in words.</summary>
    internal string StateText => _state switch
    {
        State.LoggedOn => _isHeld ? "blocked" : "logged on",
        State.AwaitingLogon => "awaiting logon",
        State.LoggingOut => "logging out",
        _ => IsInHours ? "disconnected" : "closed",
    };

    /// <summary>When the last message was received, in nanoseconds since 1970-01-01 UTC; 0 if none was.</summary>
    internal long LastReceivedAt => Counters.Received == 0 ? 0 : ToUtc(Volatile.Read(ref _lastReceived));

    /// <summary>When the last message was sent, in nanoseconds since 1970-01-01 UTC; 0 if none was.</summary>
    internal long LastSentAt => Counters.Sent == 0 ? 0 : ToUtc(Volatile.Read(ref _lastSent));

    /// <summary>The MsgSeqNum of the last missing message that the session has asked for; 0 if none is missing.</summary>
    internal long GapEnd => Volatile.Read(ref _gapEnd);

    private long ToUtc(long monotonic) => _clock.UtcNanos - (_clock.MonotonicNanos - monotonic);
}
