using RabbitMQ.Client;
using RabbitMQ.Client.Events;

namespace Estream.Replication.Internal;

/// <summary>Finds out whether a stream has an offset. A broker silently sends nothing to a consumer that starts after the end.</summary>
internal static class StreamProbe
{
    // A consumer of the newest entries gets them at once. A stream without entries, or one that is too short, sends no other sign.
    private static readonly TimeSpan s_quiet = TimeSpan.FromSeconds(2);

    /// <summary>Whether the stream has an entry at an offset or after it.</summary>
    /// <remarks>A broker whose copy of the stream is behind may answer too early that it has not. The caller then reads more than
    /// necessary.</remarks>
    public static async Task<bool> ReachesAsync(IConnection connection, string stream, long offset, CancellationToken cancellation)
    {
        IChannel channel = await connection.CreateChannelAsync(cancellationToken: cancellation).ConfigureAwait(false);
        await using (channel.ConfigureAwait(false))
        {
            TaskCompletionSource<bool> found = new(TaskCreationOptions.RunContinuationsAsynchronously);
            AsyncEventingBasicConsumer consumer = new(channel);
            consumer.ReceivedAsync += (_, delivery) =>
            {
                if (delivery.BasicProperties.Headers?.TryGetValue(RabbitSession.OffsetHeader, out object? value) == true
                    && value is long at && at >= offset)
                {
                    _ = found.TrySetResult(true);
                }

                return channel.BasicAckAsync(delivery.DeliveryTag, multiple: false, cancellation).AsTask();
            };
            await channel.BasicQosAsync(0, RabbitSession.Prefetch, global: false, cancellation).ConfigureAwait(false);
            _ = await channel.BasicConsumeAsync(stream, autoAck: false, string.Empty, noLocal: false, exclusive: false,
                new Dictionary<string, object?> { [RabbitSession.OffsetHeader] = "last" }, consumer, cancellation).ConfigureAwait(false);
            Task ended = await Task.WhenAny(found.Task, Task.Delay(s_quiet, cancellation)).ConfigureAwait(false);
            cancellation.ThrowIfCancellationRequested();
            return ended == found.Task;
        }
    }
}
