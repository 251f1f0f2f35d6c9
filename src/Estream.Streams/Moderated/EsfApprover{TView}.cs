using System.Text;
using Estream.Core;
using Estream.Esf;
using Estream.Esf.Schema;
using Estream.Map;
using Estream.Queue;
using Estream.Streams.Internal;

namespace Estream.Streams;

/// <summary>
/// Decides about proposals: what it approves is copied, with the approval, as one message into the curated queue, where readers see it; a
/// rejection leaves a message that says so, and nothing to see. Each proposal is decided once, also across kills.
/// </summary>
/// <typeparam name="TView">The generated view.</typeparam>
/// <remarks>
/// <para>Anybody proposes, with an <see cref="EsfAppender{TWriter}"/> of the queue of proposals. Only one object at a time approves into a
/// curated queue: it holds that queue's exclusive appender. Who may write the files of that queue is the system's to say.</para>
/// <para>One thread at a time. Opening reads all decisions so far, and keeps 16 bytes for each outside the managed heap. The curated queue
/// keeps all of them, for a decision that is given up could be made again.</para>
/// </remarks>
public sealed class EsfApprover<TView> : IDisposable
    where TView : struct, IEsfView<TView>, allows ref struct
{
    private const string KeeperName = "estream.curated";
    private const int LongestApprover = 64;
    private const int LongestReason = 1_024;

    private readonly EstreamQueue _proposals;
    private readonly byte[] _approver;
    private readonly QueueAppender _appender;
    private readonly StateMap<long, long> _decided = StateMap.CreateInMemory<long, long>();
    private readonly QueueTailer _waiting;
    private readonly QueueTailer _lookup;

    /// <summary>Opens the two queues, which stay the caller's to dispose, for deciding.</summary>
    /// <param name="proposals">The queue of proposals.</param>
    /// <param name="curated">The queue of decisions; nobody else appends to it.</param>
    /// <param name="approver">Who decides: at most 64 bytes of UTF-8, kept with each decision.</param>
    /// <exception cref="ArgumentException">The name is empty or too long, or the two queues are one.</exception>
    /// <exception cref="InvalidOperationException">The curated queue was opened read-only, or the schema declares another
    /// pattern.</exception>
    /// <exception cref="EstreamLeaseException">Somebody else approves into the curated queue, or appends to it.</exception>
    /// <exception cref="EstreamStorageException">The curated queue has given up decisions, or the disk is full.</exception>
    /// <exception cref="EstreamFormatException">A decision cannot be read by this version.</exception>
    public EsfApprover(EstreamQueue proposals, EstreamQueue curated, string approver)
    {
        ArgumentNullException.ThrowIfNull(proposals);
        ArgumentNullException.ThrowIfNull(curated);
        ArgumentException.ThrowIfNullOrEmpty(approver);
        SchemaDeclarations.Require(TView.Schema, StreamPattern.Curated);
        _approver = Encoding.UTF8.GetBytes(approver);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(_approver.Length, LongestApprover, nameof(approver));
        if (proposals.Directory == curated.Directory)
        {
            throw new ArgumentException(
                $"'{curated.Directory}' cannot be both: what is proposed would lie where what is approved is read. Use two queues.",
                nameof(curated));
        }

        _proposals = proposals;
        _appender = curated.CreateAppender(AppenderMode.Exclusive);
        try
        {
            RetentionPin.KeepAll(curated, KeeperName);
            ReadDecisions(curated);
            _waiting = proposals.CreateTailer();
            _lookup = proposals.CreateTailer();
        }
        catch
        {
            _appender.Dispose();
            _decided.Dispose();
            _waiting?.Dispose();
            throw;
        }
    }

    /// <summary>Decisions so far, of all approvers.</summary>
    public long Decisions => _decided.Count;

    /// <summary>Reads the next proposal that waits for a decision; each once, from the oldest one the queue has.</summary>
    /// <param name="proposal">The proposal; valid until the next call on this object.</param>
    /// <returns>Whether there was one.</returns>
    /// <exception cref="EstreamFormatException">The next message says it is of this schema and cannot be read. The next call goes on behind
    /// it.</exception>
    /// <exception cref="EstreamCorruptionException">What is there is not a message of the queue; file and offset are named.</exception>
    public bool TryRead(out EsfMessage<TView> proposal)
    {
        while (_waiting.TryRead(out QueueMessage message))
        {
            if (!_decided.ContainsKey(message.Position) && Message.TryView(message.Payload, message.Position, out TView view))
            {
                proposal = new EsfMessage<TView>(view, message);
                return true;
            }
        }

        proposal = default;
        return false;
    }

    /// <summary>Approves a proposal: from now on readers see it.</summary>
    /// <param name="proposal">Its position.</param>
    /// <returns>False if it was decided before, whatever was decided. That stays.</returns>
    /// <exception cref="ArgumentException">No proposal of this schema is there, or it is too long for the curated queue.</exception>
    /// <exception cref="EstreamStorageException">The proposal was given up by retention, or a new segment could not be made. Nothing was
    /// decided.</exception>
    /// <exception cref="ObjectDisposedException">It is disposed.</exception>
    public bool Approve(long proposal) => Decide(proposal, CuratedVerdict.Approved, default);

    /// <summary>Rejects a proposal: nobody ever sees it in the curated queue.</summary>
    /// <param name="proposal">Its position.</param>
    /// <param name="reason">Why, for people to read: at most 1,024 bytes of UTF-8.</param>
    /// <returns>False if it was decided before, whatever was decided. That stays.</returns>
    /// <inheritdoc cref="Approve" path="/exception"/>
    public bool Reject(long proposal, ReadOnlySpan<char> reason = default)
    {
        if (Encoding.UTF8.GetByteCount(reason) > LongestReason)
        {
            throw new ArgumentException($"The reason has more than {LongestReason} bytes of UTF-8. Shorten it.", nameof(reason));
        }

        return Decide(proposal, CuratedVerdict.Rejected, reason);
    }

    /// <summary>Lets another approver in. Idempotent.</summary>
    public void Dispose()
    {
        _appender.Dispose();
        _waiting.Dispose();
        _lookup.Dispose();
        _decided.Dispose();
    }

    private bool Decide(long proposal, CuratedVerdict verdict, ReadOnlySpan<char> reason)
    {
        if (_decided.ContainsKey(in proposal))
        {
            return false;
        }

        _lookup.Seek(proposal);
        if (!_lookup.TryRead(out QueueMessage message) || !Message.TryView<TView>(message.Payload, message.Position, out _))
        {
            throw new ArgumentException($"There is no proposal of {TView.Schema} at position {proposal} of '{_proposals.Directory}'.",
                nameof(proposal));
        }

        Append(in message, verdict, reason);
        _decided.Put(message.Position, (long)verdict);
        return true;
    }

    private void Append(in QueueMessage message, CuratedVerdict verdict, ReadOnlySpan<char> reason)
    {
        int itemLength = verdict == CuratedVerdict.Approved ? message.Payload.Length : 0;
        using AppendClaim claim =
            _appender.Claim(CuratedDecisionRecord.FixedLength + _approver.Length + Encoding.UTF8.GetByteCount(reason) + itemLength);
        CuratedDecisionRecord.Writer writer = CuratedDecisionRecord.Write(claim.Span);
        writer.Proposal = message.Position;
        writer.Verdict = verdict;
        writer.SetApprover(_approver);
        if (verdict == CuratedVerdict.Approved)
        {
            writer.SetItem(message.Payload);
        }
        else if (reason.Length > 0)
        {
            writer.SetReason(reason);
        }

        claim.Commit(writer.Length);
    }

    private void ReadDecisions(EstreamQueue curated)
    {
        using QueueTailer tailer = curated.CreateTailer();
        while (tailer.TryRead(out QueueMessage message))
        {
            if (Message.TryView(message.Payload, message.Position, out CuratedDecisionRecord.View decision))
            {
                _decided.Put(decision.Proposal, (long)decision.Verdict);
            }
        }
    }
}
