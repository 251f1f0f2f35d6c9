using Estream.Core;
using Estream.Esf;
using Estream.Esf.Expressions;
using Estream.Queue;
using Estream.Wire;

namespace Estream.Host.Runtime;

/// <summary>Stores the messages of dead letters again. Remembers which, so that a second run does not repeat them. A crash can repeat the
/// messages of the last run. Thread-safe.</summary>
internal sealed class DeadLetterRedrive(HostState state, HostConfiguration plan, IClock clock)
{
    /// <summary>The maximum number of dead letters that are listed in a result.</summary>
    private const int MaxListed = 100;

    /// <summary>The time of one run. The caller continues with the next dead letter.</summary>
    private static readonly TimeSpan s_budget = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan s_flushLimit = TimeSpan.FromSeconds(10);

    private readonly Lock _running = new();

    /// <summary>Runs a request.</summary>
    /// <returns>The result; null if the queue does not exist.</returns>
    /// <exception cref="EsfExpressionException">The condition is invalid.</exception>
    /// <exception cref="EstreamStorageException">A queue cannot be written now, or another run is in progress.</exception>
    public RedriveAnswer? Run(RedriveRequest request)
    {
        if (state.Parts is not { } parts || !parts.Queues.TryGetValue(request.Queue, out QueueRuntime? letters))
        {
            return null;
        }

        if (!_running.TryEnter())
        {
            throw new EstreamStorageException("Another redrive is in progress. Wait until it ends.", path: null, StorageFailure.Other);
        }

        try
        {
            return parts.Gate.Read(() => Run(parts, letters.Queue, request));
        }
        finally
        {
            _running.Exit();
        }
    }

    private RedriveAnswer Run(HostComponents parts, EstreamQueue letters, RedriveRequest request)
    {
        EsfSchemaSet.BuiltIn.TryGet(DeadLetterSink.SchemaName, out EsfSchema? schema);
        EsfExpression? where = request.Where is { } text ? EsfExpression.Compile(text, schema!) : null;
        RedrivenLetters done = RedrivenLetters.Load(Path.Combine(plan.Data.Redriven, request.Queue), letters.Id);
        using DeadLetterTargets targets = new(parts, plan.Schemas, clock);
        QueueInfo info = letters.GetInfo();
        using QueueTailer tailer = letters.CreateTailer();
        tailer.SeekToSequence(Math.Clamp(request.From, info.FirstSequence, info.NextSequence));
        Result result = new(Math.Clamp(request.From, info.FirstSequence, info.NextSequence));
        long end = clock.MonotonicNanos + (s_budget.Ticks * TimeSpan.NanosecondsPerTick);
        try
        {
            while (tailer.Position < info.EndPosition && result.Sent.Count < request.Limit
                && clock.MonotonicNanos < end && tailer.TryRead(out QueueMessage message))
            {
                result.Next = message.Sequence + 1;
                if (schema!.Matches(message.Payload) && (where is null || where.IsTrue(message.Payload))
                    && !done.Contains(message.Sequence))
                {
                    DeadLetter letter = DeadLetter.Read(schema, message.Payload);
                    result.Add(message.Sequence, letter, targets.Send(letter, request.IsTrial));
                }
            }
        }
        finally
        {
            // Also if a queue cannot be written: the messages before are stored.
            if (!request.IsTrial && result.Sent.Count > 0)
            {
                using CancellationTokenSource late = new(s_flushLimit);
                targets.WaitDurable(late.Token);
                result.Sent.ForEach(done.Add);
                done.Save(info.FirstSequence);
            }
        }

        return new RedriveAnswer(result.Sent.Count, result.Refused, result.Next, result.Next < info.NextSequence, result.Letters);
    }

    private sealed class Result(long next)
    {
        public List<long> Sent { get; } = [];

        public long Refused { get; private set; }

        public long Next { get; set; } = next;

        public List<RedrivenLetter> Letters { get; } = [];

        public void Add(long sequence, DeadLetter letter, string? reason)
        {
            if (reason is null)
            {
                Sent.Add(sequence);
            }
            else
            {
                Refused++;
            }

            if (Letters.Count < MaxListed)
            {
                Letters.Add(new RedrivenLetter(sequence, letter.Source, letter.Topic, reason ?? ""));
            }
        }
    }
}

/// <summary>A request to store the messages of dead letters again.</summary>
/// <param name="Queue">The queue of the dead letters.</param>
/// <param name="Where">A condition over the fields of a dead letter; null for all.</param>
/// <param name="From">The sequence number of the first dead letter to look at.</param>
/// <param name="Limit">The maximum number of messages to store.</param>
/// <param name="IsTrial">Whether to store nothing.</param>
internal sealed record RedriveRequest(string Queue, string? Where, long From, int Limit, bool IsTrial);

/// <summary>The result of a request.</summary>
/// <param name="Sent">The number of messages that were stored, or would be.</param>
/// <param name="Refused">The number of dead letters whose message cannot be stored.</param>
/// <param name="Next">The sequence number at which the next request continues.</param>
/// <param name="HasMore">Whether there are later dead letters.</param>
/// <param name="Letters">The first dead letters, with their results.</param>
internal sealed record RedriveAnswer(long Sent, long Refused, long Next, bool HasMore, IReadOnlyList<RedrivenLetter> Letters);

/// <summary>The result of one dead letter. <paramref name="Reason"/> is empty if its message was stored, or would be.</summary>
internal sealed record RedrivenLetter(long Sequence, string Source, string Topic, string Reason);
