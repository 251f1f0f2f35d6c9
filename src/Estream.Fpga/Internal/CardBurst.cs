namespace Estream.Fpga.Internal;

/// <summary>
/// Requests that a card is asked together. Each ends exactly once: with the answer of the card, or, where the card fails, without one, and
/// then the card was reset before this returns, so that no answer comes late.
/// One thread at a time. Allocates only where it grows.
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

    /// <summary>What became of a request.</summary>
    public ref readonly CardAnswer this[int index] => ref _answers.AsSpan(0, _count)[index];

    /// <summary>Begins.</summary>
    /// <param name="slot">The card, which is ready and whose gate is held until the end.</param>
    /// <param name="count">How many requests there are; not all of them need be sent.</param>
    public void Begin(CardSlot slot, int count)
    {
        if (_answers.Length < count)
        {
            _answers = new CardAnswer[Math.Max(count, 2 * _answers.Length)];
        }

        _answers.AsSpan(0, count).Clear();
        (_slot, _count, _sent, _open, _used, _isFailed, _tag) = (slot, count, 0, 0, 0, false, slot.NextTag());
    }

    /// <summary>Whether the card takes another request, with so many bytes of memory; what was sent may be waited for first.</summary>
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

    /// <summary>Whether what was sent has to end before another request with so many bytes of memory is.</summary>
    public bool IsFullFor(int bytes) => !_isFailed && (_slot!.Card!.Queue.Free == 0 || Aligned(bytes) > _slot.Messages.Length - _used);

    /// <summary>The place of the submission of a request, behind <see cref="CanSend"/>. Everything in it but
    /// <see cref="FpgaSubmission.UserData"/> is to be written.</summary>
    public ref FpgaSubmission Send(int index)
    {
        _answers[index].IsSent = true;
        _sent++;
        _open++;
        ref FpgaSubmission place = ref _slot!.Card!.Queue.Next();
        place.UserData = ((ulong)_tag << 32) | (uint)index;
        return ref place;
    }

    /// <summary>Memory that the card sees, until what was sent has ended.</summary>
    /// <param name="bytes">No more than <see cref="CanSend"/> was asked for.</param>
    /// <param name="address">Where it is for the card.</param>
    public Span<byte> Take(int bytes, out ulong address)
    {
        address = _slot!.Messages.Address + (ulong)_used;
        Span<byte> part = _slot.Messages.Span(_used, bytes);
        _used += Aligned(bytes);
        return part;
    }

    /// <summary>Waits until everything that was sent has ended.</summary>
    /// <returns>Whether the card answered all of it.</returns>
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

    /// <summary>What was sent has all been answered, and the answers are in order.</summary>
    public void End()
    {
        if (Finish() && _sent > 0)
        {
            _slot!.Succeeded();
        }
    }

    /// <summary>The answers are there, but what they say cannot be.</summary>
    public void Distrust(string why)
    {
        if (!_isFailed)
        {
            _isFailed = true;
            _slot!.Fail(why);
        }
    }

    private static long Aligned(int bytes) => (bytes + Alignment - 1L) / Alignment * Alignment;

    // Null when every request has its answer.
    private string? TakeAll(FpgaQueue queue)
    {
        string? why = null;
        while (_open > 0 && why is null)
        {
            if (queue.Wait(_open, _slot!.Timeout) is FpgaFailure failure)
            {
                // What has come before it failed was done, and is told.
                _ = TakeThose(queue, ref why);
                return why ?? $"The card '{_slot.Uri}' did not answer {_open} requests: "
                    + $"{(failure == FpgaFailure.Gone ? "it is gone" : "their time is over")}.";
            }

            if (TakeThose(queue, ref why) == 0 && why is null)
            {
                return $"The card '{_slot.Uri}' has written a completion that is none.";
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
                why = $"The card '{_slot!.Uri}' has completed a request that nobody waits for.";
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
            // No answer: what was asked for may be done or not.
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

/// <summary>What became of one request on a card.</summary>
internal struct CardAnswer
{
    /// <summary>Whether the card was asked.</summary>
    public bool IsSent;

    /// <summary>Whether it answered, once, with what it did. Else whether it did anything is open, and does not matter any more: it was
    /// reset.</summary>
    public bool IsAnswered;

    public CardStatus Status;
    public uint Info;
    public ulong Sequence;
    public ulong Data;
}
