using Estream.Core;
using Estream.Esf;
using Estream.Host.Http;
using Estream.Host.Remote;
using Estream.Wire;

namespace Estream.Host.Runtime;

/// <summary>Stores dead letters where their messages came from: through the mappings of their adapter, or in the queue of their pipeline,
/// circuit or client. Not thread-safe.</summary>
/// <param name="parts">The open parts of the host.</param>
/// <param name="plan">The configuration of the host.</param>
/// <param name="caller">The identity that stores the messages. It must be allowed to append to their queues.</param>
/// <param name="clock">The clock.</param>
internal sealed class DeadLetterTargets(HostComponents parts, HostConfiguration plan, Identity caller, IClock clock) : IDisposable
{
    private readonly Dictionary<string, IngressWriter> _writers = new(StringComparer.Ordinal);
    private readonly HashSet<IngressSink> _sinks = [];
    private readonly TrialBuffer _trial = new();

    /// <summary>Stores a message again.</summary>
    /// <param name="deadLetter">The dead letter.</param>
    /// <param name="isDryRun">Whether to check only.</param>
    /// <returns>Why the message cannot be stored; null if it was stored.</returns>
    /// <exception cref="EstreamStorageException">The queue cannot be written now.</exception>
    public string? Send(DeadLetter deadLetter, bool isDryRun)
    {
        if (deadLetter.WhyIncomplete is { } reason)
        {
            return reason;
        }

        AdapterRuntime? adapter = parts.Adapters.FirstOrDefault(runtime => runtime.Name == deadLetter.Source);
        try
        {
            return adapter is null ? ToQueue(deadLetter, isDryRun)
                : adapter.Adapter is IDeadLetterTarget target ? ToAdapter(target, deadLetter, isDryRun)
                : $"the adapter {adapter.Name} cannot store the message again; the sender must send it again";
        }
        catch (EstreamException failure) when (failure is not EstreamStorageException)
        {
            // For example, the queue is in quarantine. Other dead letters may belong to other queues, so continue with them.
            return failure.Message;
        }
    }

    /// <summary>Waits until the stored messages are as durable as their queues promise.</summary>
    public void WaitDurable(CancellationToken cancellation)
    {
        foreach (IngressWriter writer in _writers.Values)
        {
            writer.WaitDurable(cancellation);
        }

        foreach (IngressSink sink in _sinks.Where(sink => sink.Durability.IsDurable))
        {
            (Queue.EstreamQueue queue, long position) = sink.Newest;
            queue.WaitDurable(position, cancellation);
        }
    }

    public void Dispose()
    {
        foreach (IngressWriter writer in _writers.Values)
        {
            writer.Dispose();
        }
    }

    private string? ToAdapter(IDeadLetterTarget target, DeadLetter deadLetter, bool isDryRun)
    {
        if (!_writers.TryGetValue(deadLetter.Source, out IngressWriter? writer))
        {
            _writers.Add(deadLetter.Source, writer = target.CreateDeadLetterWriter());
        }

        writer.ReceivedAt = deadLetter.ReceivedAt;
        WireMessage message = new(deadLetter.TopicBytes, deadLetter.Payload);
        if (writer.SinkOf(message.Topic) is { } mapped && plan.Access.WhyNotAppend(caller, mapped.Name) is { } refusal)
        {
            return refusal;
        }

        TranslateStatus status = _trial.Try(writer, message);
        if (!status.IsOk || isDryRun)
        {
            return status.IsOk ? null : status.Describe([]);
        }

        try
        {
            return writer.Append(message) switch
            {
                IngressStatus.Stored => null,
                IngressStatus.Blocked => throw Blocked(writer.Failure),
                _ => "the message was refused again, and is a new dead letter",
            };
        }
        finally
        {
            writer.Release();
        }
    }

    private static EstreamStorageException Blocked(EstreamStorageException? failure) =>
        failure ?? new EstreamStorageException("The queue cannot be written now.", path: null, StorageFailure.Other);

    private string? ToQueue(DeadLetter deadLetter, bool isDryRun)
    {
        // The topic of a dead letter of an adapter is text of the sender, and must not name a queue after the adapter was removed.
        if (deadLetter.Source != AppendService.Source && !IsOfPipeline(deadLetter))
        {
            return $"no adapter is named '{deadLetter.Source}', and no pipeline or circuit of this name reads a queue '{deadLetter.Topic}'";
        }

        if (plan.Access.WhyNotAppend(caller, deadLetter.Topic) is { } refusal)
        {
            return refusal;
        }

        if (!parts.Sinks.TryGet(deadLetter.Topic, out IngressSink? sink))
        {
            return $"no queue of adapters or clients is named '{deadLetter.Topic}'";
        }

        if (!plan.Schemas.TryGet(deadLetter.Payload, out EsfSchema? schema) || sink.MaxMessageBytes < deadLetter.Payload.Length)
        {
            return $"the payload is not a message of the queue {sink.Name}";
        }

        if (schema.IsProtected && !EsfValidator.CheckStored(schema, deadLetter.Payload).IsOk)
        {
            return "the message has private fields that are not encrypted, and only an adapter encrypts them";
        }

        string? reason = sink.Signatures?.WhyNot(plan.Schemas, deadLetter.Payload, clock.UtcNanos);
        if (reason is not null || isDryRun)
        {
            return reason;
        }

        sink.Enter();
        try
        {
            if (!sink.TryAppend(deadLetter.Payload, note: null))
            {
                throw Blocked(sink.Failure);
            }
        }
        finally
        {
            sink.Exit();
        }

        _sinks.Add(sink);
        return null;
    }

    private bool IsOfPipeline(DeadLetter deadLetter) => !plan.Adapters.ContainsKey(deadLetter.Source) && plan.AllPipelines.Any(pipeline =>
        pipeline.Name == deadLetter.Source && (pipeline.Source == deadLetter.Topic || pipeline.JoinedQueue == deadLetter.Topic));
}
