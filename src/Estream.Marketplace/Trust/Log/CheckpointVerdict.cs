using System.Diagnostics.CodeAnalysis;

namespace Estream.Marketplace.Trust.Log;

/// <summary>The result of verifying a checkpoint. Immutable and thread-safe.</summary>
public sealed class CheckpointVerdict
{
    private CheckpointVerdict(Checkpoint? checkpoint, SignedNote? note, long time, int witnesses, CheckpointFault fault, string reason) =>
        (Checkpoint, Note, Time, WitnessCount, Fault, Reason) = (checkpoint, note, time, witnesses, fault, reason);

    /// <summary>Whether the checkpoint is accepted.</summary>
    [MemberNotNullWhen(true, nameof(Checkpoint), nameof(Note))]
    public bool IsAccepted => Checkpoint is not null;

    /// <summary>The checkpoint, if accepted.</summary>
    public Checkpoint? Checkpoint { get; }

    /// <summary>The note with all its signatures, if accepted.</summary>
    public SignedNote? Note { get; }

    /// <summary>
    /// The earliest time at which the checkpoint may have become outdated, in seconds since 1970 UTC: at this time or later, the required
    /// number of witnesses stated that the checkpoint was the newest. If no witnesses are required, the time at which the log stated so.
    /// </summary>
    public long Time { get; }

    /// <summary>The number of known witnesses that cosigned the checkpoint.</summary>
    public int WitnessCount { get; }

    /// <summary>Why the checkpoint is rejected.</summary>
    public CheckpointFault Fault { get; }

    /// <summary>Why the checkpoint is rejected, as text; empty if accepted.</summary>
    public string Reason { get; }

    internal static CheckpointVerdict Accepted(Checkpoint checkpoint, SignedNote note, long time, int witnesses) =>
        new(checkpoint, note, time, witnesses, CheckpointFault.None, "");

    internal static CheckpointVerdict Refused(CheckpointFault fault, string reason) => new(null, null, 0, 0, fault, reason);
}

/// <summary>Why a checkpoint is rejected.</summary>
public enum CheckpointFault
{
    /// <summary>The checkpoint is accepted.</summary>
    None,

    /// <summary>The bytes are not a signed note, or the text of the note is not a checkpoint.</summary>
    Malformed,

    /// <summary>The checkpoint belongs to another log.</summary>
    OtherLog,

    /// <summary>A required signature of the log is missing.</summary>
    MissingSignature,

    /// <summary>A signature names a known key but does not verify.</summary>
    BadSignature,

    /// <summary>Fewer witnesses than required cosigned the checkpoint.</summary>
    TooFewWitnesses,
}
