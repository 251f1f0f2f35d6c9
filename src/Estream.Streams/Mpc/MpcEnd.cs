using Estream.Core;
using Estream.Queue;
using Estream.Streams.Operators;

namespace Estream.Streams.Mpc;

/// <summary>
/// The end of a pipeline that takes part in sessions as one party. A commit enters the numbers: it posts the shares of each number, and
/// then commits the read position in an empty batch of the transcript. Each step then reads the posts of the other parties and appends
/// the posts that are due.
/// </summary>
/// <remarks>The secrets of a party are only in memory. After a restart, the party aborts its unfinished sessions. It never posts in a
/// round in which an earlier process has posted.</remarks>
internal sealed class MpcEnd : PipelineEnd
{
    /// <summary>The maximum number of sessions at a time. Further numbers wait.</summary>
    public const int MaxSessions = 16;

    private const long NoMessage = -1;

    // How often the transcript is read while sessions run.
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(20);

    private readonly EstreamQueue _transcript;
    private readonly MpcIdentity _identity;
    private readonly QueueAppender _appender;
    private readonly Dictionary<long, MpcSumParty> _running = [];
    private readonly List<(long Session, ulong Number)> _numbers = [];

    // The sessions in which an earlier process has posted as this party.
    private readonly HashSet<long> _earlier = [];
    private ResultCount _results;
    private bool _hasAborted;
    private int _marked;

    // The position of the source message of the last numbers.
    private long _begun = NoMessage;

    public MpcEnd(EstreamQueue transcript, MpcIdentity identity)
    {
        (_transcript, _identity) = (transcript, identity);
        _appender = transcript.CreateAppender();
    }

    public override ResultCount Results => _results;

    public override bool IsHolding => _numbers.Count > 0;

    public override TimeSpan Pause => _running.Count > 0 ? s_pause : base.Pause;

    // Reading does not advance a tailer that is bound to the transcript, so numbers whose shares were not posted are read again.
    public override QueueTailer OpenTailer(EstreamQueue queue, string name)
    {
        try
        {
            return queue.CreateTailer(name, _transcript);
        }
        catch (EstreamStorageException e) when (e.Reason == StorageFailure.NotFound)
        {
            // After a crash, retention has deleted the batch that tells the progress, and with it the sessions of its numbers. It does no
            // harm to read these numbers again. Without the transcript, the name forgets where the batch was.
            queue.CreateTailer(name).Dispose();
            return queue.CreateTailer(name, _transcript);
        }
    }

    /// <summary>Buffers a number.</summary>
    /// <param name="session">The position of the session.</param>
    /// <param name="number">The number.</param>
    /// <param name="position">The position of the source message.</param>
    public void Write(long session, ulong number, long position)
    {
        if (position != _begun)
        {
            (_begun, _marked) = (position, _numbers.Count);
        }

        _numbers.Add((session, number));
        SetFull();
    }

    /// <inheritdoc/>
    public override bool Refuse(QueueTailer tailer, long position)
    {
        if (position == _begun)
        {
            _numbers.RemoveRange(_marked, _numbers.Count - _marked);
            _begun = NoMessage;
            SetFull();
        }

        return base.Refuse(tailer, position);
    }

    public override void Resume()
    {
        if (!_hasAborted)
        {
            AbortUnfinished();
            _hasAborted = true;
        }

        StepAll();
    }

    // The shares are posted before the read position is committed. After a crash in between, the next process reads the numbers again,
    // finds the posts, aborts the sessions and ignores the numbers. In the other order, numbers would be lost.
    public override void Commit(QueueTailer tailer)
    {
        foreach ((long session, ulong number) in _numbers)
        {
            if (!_running.ContainsKey(session) && !_earlier.Contains(session) && IsOpen(session))
            {
                _running.Add(session,
                    new MpcSumParty(_transcript, session, _identity.Parties, _identity.Party, _identity.Key, number));
                _results = _results.And(1, 0);
            }
        }

        StepAll();
        using (BatchClaim batch = _appender.ClaimBatch(0, 1, tailer))
        {
            batch.Commit();
        }

        _numbers.Clear();
        _begun = NoMessage;
        SetFull();
    }

    public override void StartOver(QueueTailer tailer) =>
        throw new NotSupportedException($"Numbers in the sessions of '{_transcript.Directory}' cannot be withdrawn.");

    public override void Dispose()
    {
        foreach (MpcSumParty party in _running.Values)
        {
            party.Dispose();
        }

        _running.Clear();
        _appender.Dispose();
        base.Dispose();
    }

    private void SetFull() => IsFull = _numbers.Count + _running.Count >= MaxSessions;

    private bool IsOpen(long session)
    {
        try
        {
            return MpcSum.Verify(_transcript, session).State == MpcState.Running;
        }
        catch (EstreamStorageException e) when (e.Reason == StorageFailure.NotFound)
        {
            // Retention has deleted the start.
            return false;
        }
    }

    // A failure in one session must not stop the others.
    private void StepAll()
    {
        EstreamException? failed = null;
        foreach ((long session, MpcSumParty party) in _running)
        {
            try
            {
                if (party.Step() != MpcState.Running)
                {
                    _ = _running.Remove(session);
                    party.Dispose();
                }
            }
            catch (EstreamException failure)
            {
                failed ??= failure;
            }
        }

        SetFull();
        if (failed is not null)
        {
            throw failed;
        }
    }

    /// <summary>Aborts the running sessions in which an earlier process has posted as this party. A party that finds posts that it did not
    /// make aborts the session in its first step.</summary>
    private void AbortUnfinished()
    {
        foreach (long session in FindUnfinished())
        {
            if (IsOpen(session))
            {
                using MpcSumParty party = new(_transcript, session, _identity.Parties, _identity.Party, _identity.Key, number: 0);
                _ = party.Step();
            }
        }
    }

    // Fills _earlier. A party that has posted its share of the total has posted in all rounds, so its session can still finish.
    private HashSet<long> FindUnfinished()
    {
        Dictionary<string, long> sessions = new(StringComparer.Ordinal);
        HashSet<long> unfinished = [];
        long now = SystemClock.Instance.UtcNanos;
        using QueueTailer starts = _transcript.CreateTailer();
        using QueueTailer tailer = _transcript.CreateTailer();
        while (tailer.TryRead(out QueueMessage message))
        {
            if (MpcStartRecord.View.TryOf(message.Payload, out MpcStartRecord.View start))
            {
                if (start.Deadline >= now && IsOurs(starts, message.Position))
                {
                    sessions[Convert.ToHexStringLower(start.Session)] = message.Position;
                }
            }
            else if (MpcPost.TryRead(message.Payload, out MpcPost post) && post.Party == _identity.Party
                && sessions.TryGetValue(Convert.ToHexStringLower(post.Session), out long session))
            {
                _ = _earlier.Add(session);
                _ = post.Round == MpcRound.Reveal ? unfinished.Remove(session) : unfinished.Add(session);
            }
        }

        return unfinished;
    }

    private bool IsOurs(QueueTailer starts, long position)
    {
        try
        {
            return _identity.IsFor(MpcStart.Read(starts, position));
        }
        catch (EstreamFormatException)
        {
            return false;
        }
        catch (EstreamStorageException e) when (e.Reason == StorageFailure.NotFound)
        {
            // Retention has deleted the start since it was read.
            return false;
        }
    }
}
