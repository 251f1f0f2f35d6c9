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

    /// <summary>A later epoch has begun in entries that this reader never got, because the brokers have deleted them.</summary>
    Missed,
}

/// <summary>
/// The rules by which every reader of a stream decides on each entry. All readers see the entries in one order, so all reach the same
/// decisions: an entry counts exactly if every reader accepts it. An epoch begins by compare-and-exchange: only if its owner knew all
/// frames that were accepted before.
/// </summary>
internal sealed class StreamState
{
    private StreamPoint _point = StreamPoint.None;
    private long _knownPosition;

    // Without the start, a claim that no reader accepted could be taken for the first epoch.
    private bool _hasStart;

    /// <summary>Whether an epoch has begun.</summary>
    public bool IsStarted => Epoch > 0;

    /// <summary>The current epoch, from 1; 0 if there is none.</summary>
    public long Epoch => _point.Epoch;

    /// <summary>The owner of the epoch.</summary>
    public long Owner => _point.Owner;

    /// <summary>The position after the accepted frames.</summary>
    public long Position => _point.Position;

    /// <summary>The offset in the stream of the newest entry; -1 if there is none.</summary>
    public long Offset => _point.Offset;

    /// <summary>The checksum of the newest entry; 0 if it is not known.</summary>
    public uint Mark => _point.Mark;

    /// <summary>The epoch that was current before the stream was read again; 0 if it was not.</summary>
    public long KnownEpoch { get; private set; }

    /// <summary>Whether the stream is read again and does not have what it had: no epoch began since, and its frames end before.</summary>
    public bool IsBehind => Epoch <= KnownEpoch && Position < _knownPosition;

    /// <summary>The state as a value.</summary>
    public StreamPoint Point => _point;

    /// <summary>Continues where an earlier reader stopped.</summary>
    public void Resume(in StreamPoint point) => _point = point;

    /// <summary>Forgets the stream, which is read again from its oldest entry.</summary>
    public void Forget()
    {
        Search();
        _point = StreamPoint.None;
    }

    /// <summary>Forgets the epoch. The next checkpoint of the stream names it.</summary>
    public void Search()
    {
        KnownEpoch = Math.Max(KnownEpoch, Epoch);
        _knownPosition = Math.Max(_knownPosition, Position);
        _point = StreamPoint.None with { Offset = Offset, Mark = Mark };
        _hasStart = false;
    }

    /// <summary>Passes an entry that no reader takes.</summary>
    /// <param name="offset">The offset of the entry in the stream.</param>
    /// <param name="mark">Its checksum.</param>
    /// <param name="isForeign">Whether it may be an entry of an epoch that this reader cannot read.</param>
    public void Skip(long offset, uint mark, bool isForeign)
    {
        _hasStart = (_hasStart || offset == 0) && !isForeign;
        _point = _point with { Offset = offset, Mark = mark };
    }

    /// <summary>Decides on the next entry. Accepted frames must be applied before the next call.</summary>
    /// <param name="offset">The offset of the entry in the stream.</param>
    /// <param name="header">The entry.</param>
    /// <param name="skip">For accepted frames, the number of bytes at their start that the log has.</param>
    /// <param name="mark">The checksum of the entry; 0 if it is not known.</param>
    public Verdict Take(long offset, in EntryHeader header, out int skip, uint mark = 0)
    {
        skip = 0;
        _hasStart |= offset == 0;
        _point = _point with { Offset = offset, Mark = mark };
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
        _point = _point with { Position = header.End };
        return Verdict.Accepted;
    }

    private Verdict TakeEpoch(in EntryHeader header)
    {
        if (header.Epoch == Epoch && header.Owner == Owner)
        {
            return Verdict.Duplicate;
        }

        if (header.Epoch <= Epoch)
        {
            return header.Epoch < Epoch ? Verdict.Stale : Verdict.Refused;
        }

        if (!Begins(header))
        {
            return Verdict.Refused;
        }

        Verdict verdict = header.IsCheckpoint && IsStarted ? Verdict.Missed : Verdict.Epoch;
        _point = _point with { Epoch = header.Epoch, Owner = header.Owner, Position = header.Position };
        return verdict;
    }

    // A checkpoint proves that its epoch has begun. A reader that has read every entry knows that epoch already.
    private bool Begins(in EntryHeader header) => header.IsCheckpoint
        || (IsStarted ? (header.IsRestart ? header.KnownPosition : header.Position) == Position : header.IsRestart || _hasStart);
}

/// <summary>How far a stream was read, and what its entries say up to there.</summary>
/// <param name="Epoch">The current epoch, from 1; 0 if there is none.</param>
/// <param name="Owner">The owner of the epoch.</param>
/// <param name="Position">The position after the accepted frames.</param>
/// <param name="Offset">The offset of the newest entry; -1 if there is none.</param>
/// <param name="Mark">The checksum of the newest entry; 0 if it is not known.</param>
internal readonly record struct StreamPoint(long Epoch, long Owner, long Position, long Offset, uint Mark)
{
    public static StreamPoint None { get; } = new(0, 0, 0, -1, 0);
}
