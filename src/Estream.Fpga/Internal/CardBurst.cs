namespace Estream.Fpga.Internal;

/// <summary>
/// A batch of requests to a card. Each request ends exactly once: with the card's answer, or unanswered if the card fails. A failed card is
/// reset or closed before the method that detects the failure returns, so no answer can arrive late. Not thread-safe. Allocates only to
/// grow.
/// </summary>
internal sealed class CardBurst
{
    private const int Alignment = 64;

    private CardAnswer[] _answers = [];
    private CardSlot? _slot;
    private int _count;
    private int _sent;
    private int _open;
    private long _used;
    private bool _isFailed;
    private uint _tag;

    /// <summary>The result of a request.</summary>
    public ref readonly CardAnswer this[int index] => ref _answers.AsSpan(0, _count)[index];

    /// <summary>Begins a batch.</summary>
    /// <param name="slot">The card. It is ready, and the caller holds its gate until the end of the batch.</param>
    /// <param name="count">The number of requests; not all of them need to be sent.</param>
    public void Begin(CardSlot slot, int count)
    {
        if (_answers.Length < count)
        {
            _answers = new CardAnswer[Math.Max(count, 2 * _answers.Length)];
        }

        _answers.AsSpan(0, count).Clear();
        (_slot, _count, _sent, _open, _used, _isFailed, _tag) = (slot, count, 0, 0, 0, false, slot.NextTag());
    }

    /// <summary>Returns whether the card can accept another request with this many bytes of memory. May first wait for the requests
    /// already sent.</summary>
    public bool CanSend(int bytes)
    {
        if (_isFailed || Aligned(bytes) > _slot!.Messages.Length)
        {
            return false;
        }

        if (IsFullFor(bytes))
        {
            _ = Finish();
            _used = 0;
        }

        return !_isFailed;
    }

    /// <summary>Returns whether the requests already sent must complete before a request with this many bytes of memory can be
    /// sent.</summary>
    public bool IsFullFor(int bytes) => !_isFailed && (_slot!.Card!.Queue.Free == 0 || Aligned(bytes) > _slot.Messages.Length - _used);

    /// <summary>Returns the submission slot of a request, after <see cref="CanSend"/> returned true. The caller writes every field except
    /// <see cref="FpgaSubmission.UserData"/>.</summary>
    public ref FpgaSubmission Send(int index)
    {
        _answers[index].IsSent = true;
        _sent++;
        _open++;
        ref FpgaSubmission place = ref _slot!.Card!.Queue.Next();
        place.UserData = ((ulong)_tag << 32) | (uint)index;
        return ref place;
    }

    /// <summary>Returns memory that the card can access until the requests already sent have completed.</summary>
    /// <param name="bytes">The number of bytes, at most as passed to <see cref="CanSend"/>.</param>
    /// <param name="address">Receives the address of the memory for the card.</param>
    public Span<byte> Take(int bytes, out ulong address)
    {
        address = _slot!.Messages.Address + (ulong)_used;
        Span<byte> part = _slot.Messages.Span(_used, bytes);
        _used += Aligned(bytes);
        return part;
    }

    /// <summary>Waits until all requests sent so far have ended.</summary>
    /// <returns>True if the card answered all of them.</returns>
    public bool Finish()
    {
        if (_open > 0 && !_isFailed)
        {
            FpgaQueue queue = _slot!.Card!.Queue;
            string? why = queue.Ring() ? TakeAll(queue) : $"The card '{_slot.Uri}' is gone.";
            if (why is not null)
            {
                _isFailed = true;
                _slot.Unanswered += _open;
                _slot.Fail(why);
            }
        }

        return !_isFailed;
    }

    /// <summary>Ends the batch: waits for all requests, and records a success if the card answered them.</summary>
    public void End()
    {
        if (Finish() && _sent > 0)
        {
            _slot!.Succeeded();
        }
    }

    /// <summary>Marks the card as failed because one of its answers is impossible.</summary>
    public void Distrust(string why)
    {
        if (!_isFailed)
        {
            _isFailed = true;
            _slot!.Fail(why);
        }
    }

    private static long Aligned(int bytes) => (bytes + Alignment - 1L) / Alignment * Alignment;

    // Returns null when every request has its answer, otherwise the reason of the failure.
    private string? TakeAll(FpgaQueue queue)
    {
        string? why = null;
        while (_open > 0 && why is null)
        {
            if (queue.Wait(_open, _slot!.Timeout) is FpgaFailure failure)
            {
                // Requests that completed before the failure were executed; record their answers.
                _ = TakeThose(queue, ref why);
                return why ?? $"The card '{_slot.Uri}' did not answer {_open} requests: "
                    + $"{(failure == FpgaFailure.Gone ? "it is gone" : "they timed out")}.";
            }

            if (TakeThose(queue, ref why) == 0 && why is null)
            {
                return $"The card '{_slot.Uri}' wrote an invalid completion.";
            }
        }

        return why;
    }

    private int TakeThose(FpgaQueue queue, ref string? why)
    {
        int taken = 0;
        while (_open > 0 && queue.HasCompletion)
        {
            ref readonly FpgaCompletion completion = ref queue.Current;
            ulong index = completion.UserData & uint.MaxValue;
            if (completion.UserData >> 32 != _tag || index >= (ulong)_count || !_answers[index].IsSent || _answers[index].IsAnswered)
            {
                why = $"The card '{_slot!.Uri}' completed a request that is not in flight.";
            }
            else
            {
                Answer(ref _answers[index], in completion, ref why);
            }

            queue.Advance();
            taken++;
        }

        return taken;
    }

    private void Answer(ref CardAnswer answer, in FpgaCompletion completion, ref string? why)
    {
        _open--;
        if (completion.Status >= CardStatus.BadOperation)
        {
            // This status is not an answer: the card may or may not have executed the request.
            _slot!.Unanswered++;
            why = $"The card '{_slot.Uri}' answered {completion.Status}.";
            return;
        }

        _slot!.Answered++;
        answer.IsAnswered = true;
        answer.Status = completion.Status;
        answer.Info = completion.Info;
        answer.Sequence = completion.Sequence;
        answer.Data = completion.Data;
    }
}

/// <summary>The result of a request to a card.</summary>
internal struct CardAnswer
{
    /// <summary>Whether the request was sent to the card.</summary>
    public bool IsSent;

    /// <summary>Whether the card answered with a result. A request that was sent but not answered may or may not have been executed. This
    /// does not matter, because the card was reset or closed afterwards.</summary>
    public bool IsAnswered;

    public CardStatus Status;
    public uint Info;
    public ulong Sequence;
    public ulong Data;
}
