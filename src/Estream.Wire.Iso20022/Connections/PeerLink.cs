using Estream.Wire.Iso20022.Payments;

namespace Estream.Wire.Iso20022.Connections;

/// <summary>A connection of a client: sends one message at a time, reads everything that the peer sends, stores status reports, and finds
/// the answer to the message. Thread-safe.</summary>
/// <param name="connection">The connection; disposed with this object.</param>
/// <param name="answers">How the peer answers.</param>
/// <param name="intake">Stores status reports; disposed with this object.</param>
/// <param name="onReject">Called with an admi.002 that names another message than the one being sent.</param>
/// <param name="counters">The counts of the client.</param>
/// <param name="events">Receives events.</param>
internal sealed class PeerLink(
    Iso20022Connection connection, Iso20022Answers answers, DocumentIntake intake, Action<PeerAnswer> onReject,
    AdapterCounters counters, AdapterEventLog events) : IAsyncDisposable
{
    private static readonly TimeSpan s_retryInterval = TimeSpan.FromMilliseconds(100);

    private readonly Lock _lock = new();
    private Pending? _pending;
    private string? _ended;

    /// <summary>Sends a message and waits for its answer. One call at a time.</summary>
    /// <param name="messageId">The id of the message.</param>
    /// <param name="document">The message.</param>
    /// <param name="timeout">The time limit for sending and for the answer.</param>
    /// <param name="cancellation">Ends the wait; the message may have been sent.</param>
    /// <exception cref="WireConnectionException">The connection was lost, or there was no answer in time. The peer may have stored the
    /// message.</exception>
    public async Task<PeerAnswer> SendAsync(
        string messageId, ReadOnlyMemory<byte> document, TimeSpan timeout, CancellationToken cancellation)
    {
        Pending pending = new(messageId);
        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(timeout);
        lock (_lock)
        {
            _pending = _ended is null ? pending : throw Lost(_ended);
        }

        try
        {
            await connection.SendAsync(document, limit.Token).ConfigureAwait(false);
            return await pending.Answer.Task.WaitAsync(limit.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            throw new WireConnectionException($"No answer arrived within {timeout.TotalSeconds:0.#} s.", isTransient: true);
        }
        finally
        {
            lock (_lock)
            {
                _pending = null;
            }
        }
    }

    /// <summary>Reads until the connection ends.</summary>
    /// <returns>Why the connection has ended.</returns>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public async Task<string> RunAsync(CancellationToken cancellation)
    {
        string reason = "the client has stopped";
        try
        {
            ReadOnlyMemory<byte> frame;
            while (!(frame = await connection.ReceiveAsync(cancellation).ConfigureAwait(false)).IsEmpty)
            {
                await TakeAsync(frame, cancellation).ConfigureAwait(false);
            }

            reason = "the peer closed the connection";
        }
        catch (Exception failure) when (failure is WireConnectionException or Core.EstreamStorageException)
        {
            reason = failure.Message;
            if (failure is WireConnectionException { IsTransient: false })
            {
                counters.Refuse("the peer has violated the protocol", reason);
                events.Report(AdapterEventKind.ProtocolViolation, reason);
            }
        }
        finally
        {
            lock (_lock)
            {
                _ended = reason;
                _pending?.Answer.TrySetException(Lost(reason));
            }
        }

        return reason;
    }

    /// <summary>Ends the connection. <see cref="RunAsync"/> returns soon after.</summary>
    public void Close() => connection.Close();

    /// <summary>Closes the connection. Call it after <see cref="RunAsync"/> has ended.</summary>
    public async ValueTask DisposeAsync()
    {
        await connection.DisposeAsync().ConfigureAwait(false);
        intake.Dispose();
    }

    private static WireConnectionException Lost(string reason) => new($"The connection has ended: {reason}", isTransient: true);

    private async Task TakeAsync(ReadOnlyMemory<byte> frame, CancellationToken cancellation)
    {
        if (PeerAnswer.IsAcknowledgement(frame.Span))
        {
            PeerAnswer answer = PeerAnswer.ReadAcknowledgement(frame.Span);

            // An ACK of a peer that answers by messages says nothing about the payments.
            if (answers == Iso20022Answers.Frames || !answer.IsAccepted)
            {
                Complete(answer);
            }

            return;
        }

        intake.Read(frame.Span);
        if (intake.Definition is null && PeerAnswer.IsReject(frame.Span))
        {
            TakeReject(frame.Span);
            return;
        }

        bool isValid = intake.Status.IsOk;
        string[] accepted = isValid && intake.Definition!.StartsWith("pacs.002.", StringComparison.Ordinal)
            ? [.. PaymentReferences.OfReport(intake.First).Select(status => status.Ids.MessageId ?? "")]
            : [];
        await StoreAsync(cancellation).ConfigureAwait(false);
        counters.CountMessage(frame.Length, isValid && intake.Status.IsOk);
        if (!isValid || !intake.Status.IsOk)
        {
            events.Report(AdapterEventKind.ProtocolViolation, $"A message of the peer was rejected: {intake.Status.Describe(default)}.");
        }
        else if (answers == Iso20022Answers.Messages)
        {
            Array.ForEach(accepted, id => Complete(new PeerAnswer(id, true, "")));
        }
    }

    /// <summary>Stores the message, and waits until it is durable. The peer must wait while a queue cannot be written.</summary>
    private async Task StoreAsync(CancellationToken cancellation)
    {
        if (!intake.TryStore())
        {
            events.Report(AdapterEventKind.StorageBlocked, "Reading from the peer is paused: a queue cannot be written.");
            do
            {
                await Task.Delay(s_retryInterval, cancellation).ConfigureAwait(false);
            }
            while (!intake.TryStore());
            events.Report(AdapterEventKind.StorageRecovered, "Reading from the peer has resumed.");
        }

        await intake.WaitDurableAsync(cancellation).ConfigureAwait(false);
    }

    private void TakeReject(ReadOnlySpan<byte> frame)
    {
        if (PeerAnswer.ReadReject(frame) is not { } reject)
        {
            events.Report(AdapterEventKind.ProtocolViolation, "The peer sent an admi.002 that cannot be read.");
        }
        else if (!Complete(reject))
        {
            onReject(reject);
        }
    }

    /// <summary>Completes the wait of the message that is being sent.</summary>
    /// <returns>False if the answer is about another message.</returns>
    private bool Complete(PeerAnswer answer)
    {
        lock (_lock)
        {
            bool isMeant = _pending is not null && (answer.MessageId is null || answer.MessageId == _pending.MessageId);
            if (isMeant)
            {
                _pending!.Answer.TrySetResult(answer);
            }

            return isMeant;
        }
    }

    private sealed record Pending(string MessageId)
    {
        public TaskCompletionSource<PeerAnswer> Answer { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
