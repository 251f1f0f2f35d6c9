using System.Buffers;
using Estream.Esf;
using Estream.Queue;

namespace Estream.Wire.Iso20022.Payments;

/// <summary>Reads the status reports of a queue, from this client and from any other adapter, and applies them to the table of payments.
/// Resumes from a named tailer; applying a report twice changes nothing. The ids and codes that it reads are public fields.</summary>
/// <param name="adapter">The name of the adapter; the tailer is <c>payments-NAME</c>.</param>
/// <param name="queue">The queue of the reports.</param>
/// <param name="schema">The schema of the reports; other messages are skipped.</param>
/// <param name="payments">The table.</param>
/// <param name="countUnpaired">Called after each report with the number of statuses that name no known payment.</param>
internal sealed class ReportFollower(
    string adapter, EstreamQueue queue, EsfSchema schema, PaymentTable payments, Action<int> countUnpaired)
{
    private readonly ArrayBufferWriter<byte> _json = new();
    private readonly TaskCompletionSource _caughtUp = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Completes when all reports of earlier processes are applied.</summary>
    public Task CaughtUp => _caughtUp.Task;

    /// <summary>Follows the queue until cancelled.</summary>
    /// <exception cref="Core.EstreamException">The queue cannot be read, or a state cannot be saved.</exception>
    public async Task RunAsync(CancellationToken cancellation)
    {
        // The first run may read a whole queue, which must not delay the caller.
        await Task.Yield();
        using QueueTailer tailer = queue.CreateTailer($"payments-{adapter}");
        if (payments.IsUncertain)
        {
            tailer.SeekToStart();
        }

        while (!cancellation.IsCancellationRequested)
        {
            // Reading a message commits the messages before it, so a report is committed only after it was applied.
            while (tailer.TryRead(out QueueMessage message))
            {
                Apply(message.Payload);
            }

            tailer.Commit();
            _caughtUp.TrySetResult();
            await tailer.WaitToReadAsync(cancellation).ConfigureAwait(false);
        }
    }

    private void Apply(ReadOnlySpan<byte> report)
    {
        if (!schema.Matches(report))
        {
            return;
        }

        _json.ResetWrittenCount();
        if (EsfJson.WriteJson(schema, report, _json).IsOk)
        {
            countUnpaired(payments.Apply(PaymentReferences.OfReport(_json.WrittenMemory)));
        }
    }
}
