namespace Estream.Replication.Internal;

/// <summary>What an entry means for the log, by the rules of the protocol.</summary>
internal enum Verdict
{
    /// <summary>The frames continue the log.</summary>
    Accepted,

    /// <summary>An owner has taken over the log.</summary>
    Epoch,

    /// <summary>The log has all frames of the entry.</summary>
    Duplicate,

    /// <summary>The owner lost the log before it wrote the entry. No reader applies it.</summary>
    Stale,

    /// <summary>An owner tried to take over at a position or epoch that is not current. No reader follows it.</summary>
    Refused,

    /// <summary>Frames before the entry are missing. The owner sends them again.</summary>
    Gap,
}

/// <summary>
/// The rules by which every reader of a stream decides on each entry. All readers see the entries in one order, so all reach the same
/// decisions: an entry counts exactly if every reader accepts it. An epoch begins by compare-and-exchange: only if its owner knew all
/// frames that were accepted before.
/// </summary>
internal sealed class StreamState
{
    /// <summary>Whether an epoch has begun.</summary>
    public bool IsStarted => Epoch > 0;

    /// <summary>The current epoch, from 1; 0 if there is none.</summary>
    public long Epoch { get; private set; }

    /// <summary>The owner of the epoch.</summary>
    public long Owner { get; private set; }

    /// <summary>The position after the accepted frames.</summary>
    public long Position { get; private set; }

    /// <summary>The offset in the stream of the newest entry; -1 if there is none.</summary>
    public long Offset { get; private set; } = -1;

    /// <summary>Continues where an earlier reader stopped.</summary>
    public void Resume(long epoch, long owner, long position, long offset) =>
        (Epoch, Owner, Position, Offset) = (epoch, owner, position, offset);

    /// <summary>Decides on the next entry. Accepted frames must be applied before the next call.</summary>
    /// <param name="offset">The offset of the entry in the stream.</param>
    /// <param name="header">The entry.</param>
    /// <param name="skip">For accepted frames, the number of bytes at their start that the log has.</param>
    public Verdict Take(long offset, in EntryHeader header, out int skip)
    {
        skip = 0;
        Offset = offset;
        if (header.Kind == EntryKind.Epoch)
        {
            return TakeEpoch(header);
        }

        if (header.Epoch != Epoch || header.Owner != Owner)
        {
            return Verdict.Stale;
        }

        if (header.End <= Position)
        {
            return Verdict.Duplicate;
        }

        if (header.Position > Position)
        {
            return Verdict.Gap;
        }

        skip = (int)(Position - header.Position);
        Position = header.End;
        return Verdict.Accepted;
    }

    private Verdict TakeEpoch(in EntryHeader header)
    {
        if (header.Epoch == Epoch && header.Owner == Owner)
        {
            return Verdict.Duplicate;
        }

        if (header.Epoch <= Epoch || (IsStarted && header.Position != Position))
        {
            return header.Epoch < Epoch ? Verdict.Stale : Verdict.Refused;
        }

        (Epoch, Owner, Position) = (header.Epoch, header.Owner, header.Position);
        return Verdict.Epoch;
    }
}
