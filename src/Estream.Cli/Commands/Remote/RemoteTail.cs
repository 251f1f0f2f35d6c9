using Estream.Cli.Data;
using Estream.Client;

namespace Estream.Cli.Commands.Remote;

/// <summary>`estream tail --host`: prints messages of a queue of a host.</summary>
/// <param name="Start">The first message.</param>
/// <param name="Limit">The largest number of messages.</param>
/// <param name="Follow">Whether to wait for new messages. Otherwise ends after the last message that the queue has at the start.</param>
/// <param name="Schema">The schema of the messages; null for all.</param>
/// <param name="Filter">A condition over the fields of the schema; null for none.</param>
internal sealed record RemoteTail(StartPoint Start, long Limit, bool Follow, string? Schema, string? Filter)
{
    private static readonly TimeSpan s_firstLimit = TimeSpan.FromSeconds(5);

    public async Task PrintAsync(RemoteQueue queue, RemoteValues values, CancellationToken cancellation)
    {
        // If a filter of the host drops the last message, the host does not report the end. So without --follow, the filter runs here.
        FieldSelection? selection = Follow ? null : FieldSelection.Of(values.Schemas, Schema, Filter);
        RemoteQueueInfo info = await queue.GetInfoAsync(cancellation).ConfigureAwait(false);
        SubscribeOptions options = new()
        {
            From = Start.ForHost(info), Schema = Follow ? Schema : null, Filter = Follow ? Filter : null,
        };
        if (!Follow && (info.FirstSequence == info.NextSequence || options.From == SubscribeStart.Next))
        {
            return;
        }

        MessageSubscription messages = await queue.SubscribeAsync(options, cancellation).ConfigureAwait(false);
        await using (((IAsyncDisposable)messages).ConfigureAwait(false))
        {
            // The queue may have no message after the start time, and the host does not report this.
            using CancellationTokenSource late = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
            late.CancelAfter(Follow ? Timeout.InfiniteTimeSpan : s_firstLimit);
            try
            {
                await PrintAsync(messages, Follow ? long.MaxValue : info.NextSequence - 1, selection, values, late).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
            {
                // The queue has no message after the start time.
            }
        }
    }

    private async Task PrintAsync(
        MessageSubscription messages, long last, FieldSelection? selection, RemoteValues values, CancellationTokenSource late)
    {
        long left = Limit;
        await foreach (RemoteMessage message in messages.WithCancellation(late.Token).ConfigureAwait(false))
        {
            late.CancelAfter(Timeout.InfiniteTimeSpan);
            if (message.Sequence <= last && (selection is null || selection.Matches(message.Payload.Span)))
            {
                values.Print(message);
                left--;
            }

            if (left == 0 || message.Sequence >= last)
            {
                return;
            }
        }
    }
}
