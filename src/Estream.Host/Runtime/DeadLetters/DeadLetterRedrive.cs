using Estream.Core;
using Estream.Esf;
using Estream.Esf.Expressions;
using Estream.Host.Http;
using Estream.Queue;
using Estream.Wire;

namespace Estream.Host.Runtime;

/// <summary>Stores the messages of dead letters again. Records these dead letters, so that a second run does not repeat them. A crash can
/// repeat the messages of the last run. Thread-safe.</summary>
internal sealed class DeadLetterRedrive(HostState state, HostConfiguration plan, IClock clock)
{
    /// <summary>The maximum number of dead letters that are listed in a result.</summary>
    private const int MaxListed = 100;

    /// <summary>The maximum number of dead letters that are read inside the gate at once, because a part that closes waits for
    /// them.</summary>
    private const int MaxPerTurn = 500;

    /// <summary>The time limit of one run. The caller continues with the next dead letter.</summary>
    private static readonly TimeSpan s_budget = TimeSpan.FromSeconds(5);

    private readonly Lock _running = new();

    /// <summary>How long a run waits until the stored messages are durable.</summary>
    public TimeSpan FlushLimit { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Runs a request.</summary>
    /// <returns>The result; null if the queue does not exist.</returns>
    /// <exception cref="EsfExpressionException">The condition is invalid.</exception>
    /// <exception cref="EstreamException">A queue cannot be written now, stored messages may not be durable, or another run is in
    /// progress.</exception>
    /// <exception cref="ObjectDisposedException">The host is stopping, or the queue was removed.</exception>
    public RedriveAnswer? Run(RedriveRequest request)
    {
        if (state.Parts is not { } parts || !parts.Queues.TryGetValue(request.Queue, out QueueRuntime? deadLetters))
        {
            return null;
        }

        if (!_running.TryEnter())
        {
            throw new EstreamStorageException("Another redrive is in progress. Wait until it ends.", path: null, StorageFailure.Other);
        }

        try
        {
            return Run(parts, deadLetters, request);
        }
        finally
        {
            _running.Exit();
        }
    }

    private RedriveAnswer Run(HostComponents parts, QueueRuntime deadLetters, RedriveRequest request)
    {
        EsfSchemaSet.BuiltIn.TryGet(DeadLetterSink.SchemaName, out EsfSchema? schema);
        EsfExpression? where = request.Where is { } text ? EsfExpression.Compile(text, schema!) : null;
        (long id, QueueInfo info) = deadLetters.Gate.Read(() => (deadLetters.Queue.Id, deadLetters.Queue.GetInfo()));
        RedrivenDeadLetters done = RedrivenDeadLetters.Load(Path.Combine(plan.Data.Redriven, request.Queue), id);
        using DeadLetterTargets targets = new(parts, plan, request.Caller, clock);
        Result result = new(Math.Clamp(request.From, info.FirstSequence, info.NextSequence));
        long end = clock.MonotonicNanos + (s_budget.Ticks * TimeSpan.NanosecondsPerTick);
        bool SendNext(in QueueMessage message)
        {
            result.Next = message.Sequence + 1;
            if (schema!.Matches(message.Payload) && (where is null || where.IsTrue(message.Payload)) && !done.Contains(message.Sequence))
            {
                DeadLetter deadLetter = DeadLetter.Read(schema, message.Payload);
                result.Add(message.Sequence, deadLetter, targets.Send(deadLetter, request.IsDryRun));
            }

            return result.Next < info.NextSequence && result.Sent.Count < request.Limit && clock.MonotonicNanos < end;
        }

        try
        {
            bool hasMore = result.Next < info.NextSequence;
            while (hasMore)
            {
                hasMore = deadLetters.Gate.Read(() => ReadTurn(deadLetters.Queue, result.Next, SendNext));
            }
        }
        finally
        {
            // Required also after an exception, because the earlier messages are stored.
            if (!request.IsDryRun && result.Sent.Count > 0)
            {
                Keep(targets, result.Sent, done, info.FirstSequence);
            }
        }

        return new RedriveAnswer(result.Sent.Count, result.Refused, result.Next, result.Next < info.NextSequence, result.DeadLetters);
    }

    /// <summary>Reads the next dead letters, until <paramref name="take"/> returns false.</summary>
    /// <returns>Whether there may be more to read.</returns>
    private static bool ReadTurn(EstreamQueue deadLetters, long next, TakeDeadLetter take)
    {
        using QueueTailer tailer = deadLetters.CreateTailer();
        tailer.SeekToSequence(Math.Max(next, deadLetters.GetInfo().FirstSequence));
        for (int count = 0; count < MaxPerTurn; count++)
        {
            if (!tailer.TryRead(out QueueMessage message) || !take(message))
            {
                return false;
            }
        }

        return true;
    }

    // Waits outside the gate, because disks and brokers can be slow. A queue that closes ends the wait.
    private void Keep(DeadLetterTargets targets, List<long> sent, RedrivenDeadLetters done, long oldest)
    {
        try
        {
            using CancellationTokenSource late = new(FlushLimit);
            targets.WaitDurable(late.Token);
        }
        catch (Exception failure) when (failure is EstreamException or OperationCanceledException or InvalidOperationException)
        {
            string why = failure is OperationCanceledException ? "the wait for their queues timed out." : failure.Message;
            throw new EstreamStorageException($"{sent.Count} messages were stored, and the next run does not repeat them. They may not "
                + $"survive a power cut or a takeover: {why}", path: null, StorageFailure.Other, failure);
        }
        finally
        {
            sent.ForEach(done.Add);
            done.Save(oldest);
        }
    }

    private delegate bool TakeDeadLetter(in QueueMessage message);

    private sealed class Result(long next)
    {
        public List<long> Sent { get; } = [];

        public long Refused { get; private set; }

        public long Next { get; set; } = next;

        public List<RedrivenDeadLetter> DeadLetters { get; } = [];

        public void Add(long sequence, DeadLetter deadLetter, string? reason)
        {
            if (reason is null)
            {
                Sent.Add(sequence);
            }
            else
            {
                Refused++;
            }

            if (DeadLetters.Count < MaxListed)
            {
                DeadLetters.Add(new RedrivenDeadLetter(sequence, deadLetter.Source, deadLetter.Topic, reason ?? ""));
            }
        }
    }
}

/// <summary>A request to store the messages of dead letters again.</summary>
/// <param name="Queue">The queue of the dead letters.</param>
/// <param name="Where">A condition over the fields of a dead letter; null for all.</param>
/// <param name="From">The sequence number of the first dead letter to look at.</param>
/// <param name="Limit">The maximum number of messages to store.</param>
/// <param name="IsDryRun">Whether to store nothing.</param>
/// <param name="Caller">The identity that sends the request.</param>
internal sealed record RedriveRequest(string Queue, string? Where, long From, int Limit, bool IsDryRun, Identity Caller);

/// <summary>The result of a request.</summary>
/// <param name="Sent">The number of messages that were stored, or would be.</param>
/// <param name="Refused">The number of dead letters whose message cannot be stored.</param>
/// <param name="Next">The sequence number at which the next request continues.</param>
/// <param name="HasMore">Whether there are later dead letters.</param>
/// <param name="DeadLetters">The first dead letters, with their results.</param>
internal sealed record RedriveAnswer(long Sent, long Refused, long Next, bool HasMore, IReadOnlyList<RedrivenDeadLetter> DeadLetters);

/// <summary>The result of one dead letter. <paramref name="Reason"/> is empty if its message was stored, or would be.</summary>
internal sealed record RedrivenDeadLetter(long Sequence, string Source, string Topic, string Reason);
