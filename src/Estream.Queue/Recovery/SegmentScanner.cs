using Estream.Core;

namespace Estream.Queue.Internal;

/// <summary>
/// Finds the end of the messages in a segment after a possible crash of the machine. The end is after the last valid message, and before a
/// batch that is partly invalid. Read-only; no writer may exist.
/// </summary>
/// <remarks>
/// Skips claims of dead writers in a shared segment if a valid frame follows: the claim word tells the length. A hole ends the segment,
/// since a claim and a lost page look alike there. It is also unknown whether a claim was committed and then lost: see <see
/// cref="HidesConsumed"/>.
/// </remarks>
internal sealed class SegmentScanner
{
    private readonly Segment _segment;
    private readonly RegionSpan _memory;
    private readonly long _verifiedFrom;
    private readonly DeadPlaces _places;
    private readonly List<(long Offset, long Stride)> _dead = [];
    private LogEnd _at = new(SegmentLayout.HeaderBytes, 0, 0, IsSealed: false);

    // The offset to return to if later frames turn out to be invalid: the first frame of a batch, or the first dead claim.
    private LogEnd? _batchStart;
    private LogEnd? _deadStart;
    private int _deadKept;

    private SegmentScanner(Segment segment, long verifiedFrom, DeadPlaces places)
    {
        _segment = segment;
        _memory = segment.Memory;
        _verifiedFrom = verifiedFrom;
        _places = places;
    }

    /// <summary>The end of the messages.</summary>
    public LogEnd End => _at;

    /// <summary>The claims of dead writers before the end.</summary>
    public IReadOnlyList<(long Offset, long Stride)> Dead => _dead;

    /// <summary>
    /// Whether a batch with a consumer offset, or a block that may contain one, follows a dead claim. The claim may be the remains of an
    /// earlier batch whose content was lost: a reader that trusts the later batch would skip messages that have no output.
    /// </summary>
    public bool HidesConsumed { get; private set; }

    /// <summary>Whether only zeros follow the end, so that the log can continue there.</summary>
    public bool IsRestZero => _at.IsSealed || IsZero(_memory, _at.Offset);

    /// <summary>Scans a segment and checks every frame from an offset on.</summary>
    /// <param name="segment">The segment.</param>
    /// <param name="verifiedFrom">The offset.</param>
    /// <param name="places">How to treat dead claims, and whether earlier segments have some.</param>
    /// <exception cref="EstreamCorruptionException">A frame before that offset violates the format.</exception>
    public static SegmentScanner Of(Segment segment, long verifiedFrom, DeadPlaces places)
    {
        segment.EnsureLoaded(0, segment.Region.Length);
        var audit = new SegmentScanner(segment, verifiedFrom, places);
        while (audit.TryPass())
        {
        }

        audit.GoBack();
        return audit;
    }

    private bool TryPass()
    {
        long offset = _at.Offset;
        int word = _memory.ReadInt32Acquire(offset);
        if (word == 0)
        {
            return false;
        }

        // Before _verifiedFrom all messages are durable and so committed: bit 31 is damage there, which RequireKnown reports.
        if (word < 0 && _segment.IsShared && offset >= _verifiedFrom)
        {
            return TryPassDead(word);
        }

        if (offset < _verifiedFrom)
        {
            RequireKnown(word);
        }
        else if (!IsWhole(word))
        {
            return false;
        }

        KeepDead();
        if (FrameCheck.IsEndOfSegment(_memory, offset, word))
        {
            _at = _at with
            {
                Number = _segment.Version == 1 ? _at.Number : (uint)_memory.ReadInt32(offset + FrameLayout.TimeOffset),
                IsSealed = true,
            };
            return false;
        }

        PassFrame(word);
        return true;
    }

    private void PassFrame(int word)
    {
        long offset = _at.Offset;
        bool isMessage = FrameCheck.HoldsMessages(_segment, offset, word);
        bool mayConsume = _segment.IsEncrypted ? isMessage : ConsumerOffsetFrame.Is(_segment, offset, word);
        HidesConsumed |= mayConsume && (_dead.Count > 0 || _places == DeadPlaces.PassedBefore);

        // An encrypted batch is one frame.
        bool goesOn = isMessage && !_segment.IsEncrypted
            && ((uint)_memory.ReadInt32(offset + FrameLayout.NumberOffset) & FrameLayout.BatchFlag) != 0;
        _batchStart = goesOn ? _batchStart ?? _at : null;
        long next = offset + FrameLayout.StrideOfAny(word);
        _at = isMessage
            ? new LogEnd(
                next, FrameCheck.NumberBehind(_segment, offset),
                Math.Max(_at.Time, (uint)_memory.ReadInt32(offset + FrameLayout.TimeOffset)), IsSealed: false)
            : _at with { Offset = next };
    }

    // Skips a claim without a commit. A batch contains no such claim.
    private bool TryPassDead(int word)
    {
        if (_places == DeadPlaces.End || _batchStart is not null
            || !FrameCheck.IsClaim(_segment, _at.Offset, _memory.ReadInt64(_at.Offset)))
        {
            return false;
        }

        long stride = FrameLayout.StrideOfAny(word);
        _deadStart ??= _at;
        _dead.Add((_at.Offset, stride));
        _at = _at with { Offset = _at.Offset + stride };
        return true;
    }

    private bool IsWhole(int word)
    {
        long offset = _at.Offset;
        if (FrameCheck.IsPad(_segment, offset, word))
        {
            return _batchStart is null && PadFrame.ChecksumMatches(_segment, offset, word);
        }

        if (FrameCheck.IsEndOfSegment(_memory, offset, word))
        {
            uint stored = (uint)_memory.ReadInt32(offset + FrameLayout.TimeOffset);
            return _batchStart is null && FrameCheck.ChecksumMatches(_segment, offset, word) && (_segment.Version == 1 || IsNumber(stored));
        }

        if (ConsumerOffsetFrame.Is(_segment, offset, word))
        {
            return FrameCheck.ChecksumMatches(_segment, offset, word);
        }

        return FrameCheck.HoldsMessages(_segment, offset, word) && IsNumber(FrameCheck.NumberOf(_segment, offset))
            && FrameCheck.ChecksumMatches(_segment, offset, word);
    }

    // With several writers numbers increase, but the numbers of aborted claims and dead writers are missing.
    private bool IsNumber(uint stored) => _segment.IsShared ? stored >= _at.Number : stored == _at.Number;

    private void RequireKnown(int word)
    {
        if (!FrameCheck.IsEndOfSegment(_memory, _at.Offset, word) && !FrameCheck.IsSkipped(_segment, _at.Offset, word))
        {
            FrameCheck.RequireMessage(_segment, _at.Offset, word);
        }
    }

    private void KeepDead()
    {
        _deadStart = null;
        _deadKept = _dead.Count;
    }

    private void GoBack()
    {
        _dead.RemoveRange(_deadKept, _dead.Count - _deadKept);
        _at = _batchStart ?? _deadStart ?? _at;
    }

    private static bool IsZero(RegionSpan memory, long offset)
    {
        const int Step = 1 << 20;
        while (offset < memory.Length)
        {
            ReadOnlySpan<byte> part = memory.ReadOnlySpan(offset, (int)Math.Min(Step, memory.Length - offset));
            if (part.ContainsAnyExcept((byte)0))
            {
                return false;
            }

            offset += part.Length;
        }

        return true;
    }
}

/// <summary>How to treat claims of dead writers.</summary>
internal enum DeadPlaces
{
    /// <summary>Skip them if a valid frame follows. None was skipped so far.</summary>
    Pass,

    /// <summary>Skip them if a valid frame follows. Some were skipped before.</summary>
    PassedBefore,

    /// <summary>End the log at the first one.</summary>
    End,
}
