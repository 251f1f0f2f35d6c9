using System.Text;
using Estream.Core;
using Estream.Esf;
using Estream.Esf.Schema;
using Estream.Map;
using Estream.Queue;
using Estream.Streams.Internal;

namespace Estream.Streams;

/// <summary>
/// Decides about proposals. An approval copies the proposal into the curated queue, in one message with the approval, and makes it visible
/// to readers there. A rejection appends a message that records it and makes nothing visible. Each proposal is decided once, even across
/// crashes.
/// </summary>
/// <typeparam name="TView">The generated view.</typeparam>
/// <remarks>
/// <para>Anyone can propose, with an <see cref="EsfAppender{TWriter}"/> of the queue of proposals. Only one approver at a time can write to
/// a curated queue, because it holds the queue's exclusive appender. File permissions control which users may write to the curated
/// queue.</para>
/// <para>Not thread-safe: use it on one thread at a time. Opening reads all decisions so far, and keeps 16 bytes for each in unmanaged
/// memory. The curated queue retains all decisions: a proposal whose decision was reclaimed could be decided again.</para>
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

    /// <summary>Opens the two queues for deciding. The caller still disposes the queues.</summary>
    /// <param name="proposals">The queue of proposals.</param>
    /// <param name="curated">The queue of decisions; nothing else may append to it.</param>
    /// <param name="approver">The name of the approver: at most 64 bytes of UTF-8, stored with each decision.</param>
    /// <exception cref="ArgumentException">The name is empty or too long, or both queues are the same.</exception>
    /// <exception cref="InvalidOperationException">The curated queue was opened read-only, or the schema declares another
    /// pattern.</exception>
    /// <exception cref="EstreamLeaseException">Another approver or appender has the curated queue open.</exception>
    /// <exception cref="EstreamStorageException">The curated queue has reclaimed decisions, or the disk is full.</exception>
    /// <exception cref="EstreamFormatException">This version cannot read a decision.</exception>
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
                $"'{curated.Directory}' cannot be both the queue of proposals and the curated queue. Use two queues.",
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

    /// <summary>The number of decisions so far, of all approvers.</summary>
    public long Decisions => _decided.Count;

    /// <summary>Reads the next undecided proposal, if there is one. Each proposal is returned once, starting with the oldest that the queue
    /// retains.</summary>
    /// <param name="proposal">The proposal; valid until the next call on this object.</param>
    /// <returns>True if there was a proposal.</returns>
    /// <exception cref="EstreamFormatException">The next message has this schema's id but cannot be read. The next call continues after
    /// it.</exception>
    /// <exception cref="EstreamCorruptionException">The bytes at the position are not a message of the queue; the exception names the file
    /// and offset.</exception>
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

    /// <summary>Approves a proposal and makes it visible to readers.</summary>
    /// <param name="proposal">The position of the proposal.</param>
    /// <returns>False if the proposal was already decided; that decision stands.</returns>
    /// <exception cref="ArgumentException">There is no proposal of this schema at the position, or it is too long for the curated
    /// queue.</exception>
    /// <exception cref="EstreamStorageException">The proposal was reclaimed by retention, or a new segment could not be created. Nothing
    /// was decided.</exception>
    /// <exception cref="ObjectDisposedException">The approver is disposed.</exception>
    public bool Approve(long proposal) => Decide(proposal, CuratedVerdict.Approved, default);

    /// <summary>Rejects a proposal: it never becomes visible in the curated queue.</summary>
    /// <param name="proposal">The position of the proposal.</param>
    /// <param name="reason">A human-readable reason: at most 1,024 bytes of UTF-8.</param>
    /// <returns>False if the proposal was already decided; that decision stands.</returns>
    /// <inheritdoc cref="Approve" path="/exception"/>
    public bool Reject(long proposal, ReadOnlySpan<char> reason = default)
    {
        if (Encoding.UTF8.GetByteCount(reason) > LongestReason)
        {
            throw new ArgumentException($"The reason has more than {LongestReason} bytes of UTF-8. Shorten it.", nameof(reason));
        }

        return Decide(proposal, CuratedVerdict.Rejected, reason);
    }

    /// <summary>Releases the curated queue for another approver. Idempotent.</summary>
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
