using Estream.Cli.Data;
using Estream.Client;

namespace Estream.Cli.Commands.Remote;

/// <summary>`estream tail --host`: prints messages of a queue of a host.</summary>
/// <param name="Start">The first message.</param>
/// <param name="Limit">The largest number of messages.</param>
/// <param name="Follow">Whether to wait for new messages. Otherwise the last message is the last one of the queue at the start.</param>
/// <param name="Schema">The schema of the messages; null for all.</param>
/// <param name="Filter">A condition over the fields of the schema; null for none.</param>
internal sealed record RemoteTail(StartPoint Start, long Limit, bool Follow, string? Schema, string? Filter)
{
    public async Task PrintAsync(RemoteQueue queue, RemoteValues values, CancellationToken cancellation)
    {
        // The host does not say that the end is reached if its filter drops the last message, so the end needs all messages here.
        FieldSelection? selection = Follow ? null : FieldSelection.Of(values.Schemas, Schema, Filter);
        RemoteQueueInfo info = await queue.GetInfoAsync(cancellation).ConfigureAwait(false);
        SubscribeOptions options = new()
        {
            From = Start.ForHost(info), Schema = Follow ? Schema : null, Filter = Follow ? Filter : null,
        };
        long? end = Follow ? null : info.NextSequence;
        MessageSubscription messages = await queue.SubscribeAsync(options, cancellation).ConfigureAwait(false);
        await using (((IAsyncDisposable)messages).ConfigureAwait(false))
        {
            if (end is not null && (end == 0 || options.From == SubscribeStart.Next))
            {
                return;
            }

            long left = Limit;
            await foreach (RemoteMessage message in messages.WithCancellation(cancellation).ConfigureAwait(false))
            {
                if (end is not null && message.Sequence >= end)
                {
                    return;
                }

                if (selection is null || selection.Matches(message.Payload.Span))
                {
                    values.Print(message);
                    left--;
                }

                if (left == 0 || message.Sequence + 1 == end)
                {
                    return;
                }
            }
        }
    }
}
