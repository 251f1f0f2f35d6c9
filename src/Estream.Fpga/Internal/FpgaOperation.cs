using Estream.Circuits.Operations;
using Estream.Esf;

namespace Estream.Fpga.Internal;

/// <summary>
/// An operation in which a card takes part. The card is asked first, then the host executes the requests, and then the card's answers are
/// compared with the host's results. The host's queue or map is authoritative: the operation always returns the host's results, with a
/// card, without a card, and if a card fails in the middle of a batch.
/// </summary>
internal abstract class FpgaOperation : IExecutableOperation
{
    private readonly CircuitOperation _operation;
    private readonly IExecutableOperation _host;
    private readonly CardSlots _cards;
    private readonly CardBurst _burst = new();
    private readonly int _place;

    // Indices of requests on which card and host disagree.
    private int[] _disagreed = [];
    private bool _isDisposed;

    protected FpgaOperation(CircuitOperation operation, IExecutableOperation host, CardSlots cards, object owner)
    {
        _operation = operation;
        _host = host;
        _cards = cards;
        _place = cards.NextPlace();
        Owner = owner;
        cards.Enter(owner);
    }

    /// <summary>The queue or map of this operation, to which a lane of a card is assigned.</summary>
    protected object Owner { get; }

    public void Run(MessageBatch requests, MessageBatch results)
    {
        ArgumentNullException.ThrowIfNull(requests);
        ArgumentNullException.ThrowIfNull(results);
        CardSlot? slot = _cards.Take(_place);
        if (slot is null)
        {
            _host.Run(requests, results);
            return;
        }

        try
        {
            RunOn(slot, requests, results);
        }
        finally
        {
            slot.Gate.Exit();
        }
    }

    public void Dispose()
    {
        if (!_isDisposed)
        {
            _isDisposed = true;
            _cards.Leave(Owner);
            _host.Dispose();
        }
    }

    /// <summary>Returns whether a card has the engine for this operation.</summary>
    protected abstract bool HasEngine(FpgaInfo card);

    /// <summary>Sends a request to the card, if the card supports it.</summary>
    protected abstract void Ask(CardBurst burst, CardLane lane, int index, ReadOnlySpan<byte> request);

    /// <summary>Compares an answer with the host's result.</summary>
    /// <returns>True if card and host agree. Without an answer from the card: true if the host changed nothing that the card would have to
    /// know.</returns>
    protected abstract bool Agrees(CardSlot slot, in CardAnswer answer, ReadOnlySpan<byte> request, ReadOnlySpan<byte> result,
        OperationStatus status);

    /// <summary>Corrects the card's state for the requests on which card and host disagree; called once per batch.</summary>
    /// <param name="slot">The card.</param>
    /// <param name="lane">The lane.</param>
    /// <param name="requests">The requests.</param>
    /// <param name="disagreed">Indices of the requests for which <see cref="Agrees"/> returned false; may be empty.</param>
    protected abstract void Correct(CardSlot slot, CardLane lane, MessageBatch requests, ReadOnlySpan<int> disagreed);

    protected EsfField RequestField(string name) => _operation.Request.Fields.First(field => field.Name == name);

    protected EsfField ResultField(string name) => _operation.Result.Fields.First(field => field.Name == name);

    private void RunOn(CardSlot slot, MessageBatch requests, MessageBatch results)
    {
        int before = results.Count;
        CardLane? lane = HasEngine(slot.Card!.Info) ? slot.LaneOf(Owner) : null;
        uint generation = slot.Generation;
        if (lane is not null)
        {
            AskAll(slot, lane, requests);
        }

        try
        {
            _host.Run(requests, results);
        }
        finally
        {
            // Runs also after an exception, because the card must forget requests that it executed and the host did not.
            if (lane is not null && slot.Generation == generation)
            {
                Settle(slot, lane, requests, results, before);
            }
        }
    }

    private void AskAll(CardSlot slot, CardLane lane, MessageBatch requests)
    {
        _burst.Begin(slot, requests.Count);
        for (int i = 0; i < requests.Count; i++)
        {
            ReadOnlySpan<byte> request = requests[i];
            if (EsfValidator.Check(_operation.Request, request).IsOk)
            {
                Ask(_burst, lane, i, request);
            }
        }

        _burst.End();
    }

    private void Settle(CardSlot slot, CardLane lane, MessageBatch requests, MessageBatch results, int before)
    {
        uint generation = slot.Generation;
        int disagreed = 0;
        if (_disagreed.Length < requests.Count)
        {
            _disagreed = new int[Math.Max(requests.Count, 2 * _disagreed.Length)];
        }

        for (int i = 0; i < requests.Count && slot.Generation == generation; i++)
        {
            bool isDone = before + i < results.Count;
            ReadOnlySpan<byte> result = isDone ? results[before + i] : default;
            ref readonly CardAnswer answer = ref _burst[i];
            bool isRight = isDone ? Agrees(slot, in answer, requests[i], result, _operation.StatusOf(result)) : !answer.IsSent;
            if (!isRight)
            {
                _disagreed[disagreed++] = i;
            }
        }

        if (slot.Generation == generation)
        {
            slot.Corrections += disagreed;
            Correct(slot, lane, requests, _disagreed.AsSpan(0, disagreed));
        }
    }
}
