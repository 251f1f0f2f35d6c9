using System.Diagnostics.CodeAnalysis;

namespace Estream.Marketplace.Trust.Log;

/// <summary>What came of looking at a checkpoint. Immutable and thread-safe.</summary>
public sealed class CheckpointVerdict
{
    private CheckpointVerdict(Checkpoint? checkpoint, SignedNote? note, long time, int witnesses, CheckpointFault fault, string reason) =>
        (Checkpoint, Note, Time, WitnessCount, Fault, Reason) = (checkpoint, note, time, witnesses, fault, reason);

    /// <summary>Whether it is taken.</summary>
    [MemberNotNullWhen(true, nameof(Checkpoint), nameof(Note))]
    public bool IsAccepted => Checkpoint is not null;

    /// <summary>What the log says of itself, where it is taken.</summary>
    public Checkpoint? Checkpoint { get; }

    /// <summary>The whole note with its signatures, where it is taken.</summary>
    public SignedNote? Note { get; }

    /// <summary>
    /// Since when at the earliest it may have been outdated, in seconds since 1970 UTC: so many witnesses as have to cosign have said at
    /// that time or later that it was the newest. Where no witnesses have to, when the log says it was.
    /// </summary>
    public long Time { get; }

    /// <summary>How many of the known witnesses have cosigned it.</summary>
    public int WitnessCount { get; }

    /// <summary>Why it is not taken.</summary>
    public CheckpointFault Fault { get; }

    /// <summary>The same in words; empty where it is taken.</summary>
    public string Reason { get; }

    internal static CheckpointVerdict Accepted(Checkpoint checkpoint, SignedNote note, long time, int witnesses) =>
        new(checkpoint, note, time, witnesses, CheckpointFault.None, "");

    internal static CheckpointVerdict Refused(CheckpointFault fault, string reason) => new(null, null, 0, 0, fault, reason);
}

/// <summary>Why a checkpoint is not taken.</summary>
public enum CheckpointFault
{
    /// <summary>It is taken.</summary>
    None,

    /// <summary>It is no signed note, or its text is no checkpoint.</summary>
    Malformed,

    /// <summary>It is one of another log.</summary>
    OtherLog,

    /// <summary>A key of the log has not signed it.</summary>
    MissingSignature,

    /// <summary>A signature names a key that is known and does not verify.</summary>
    BadSignature,

    /// <summary>Fewer witnesses have cosigned it than have to.</summary>
    TooFewWitnesses,
}
