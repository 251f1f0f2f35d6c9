using Estream.Client.Connection;
using Estream.Client.Protocol;
using Estream.Client.Queues;

namespace Estream.Client;

/// <summary>A queue of a host. Thread-safe.</summary>
public sealed class RemoteQueue
{
    private readonly EstreamClient _client;
    private readonly Lazy<RemoteAppender> _appender;

    internal RemoteQueue(EstreamClient client, string name)
    {
        _client = client;
        Name = name;
        _appender = new Lazy<RemoteAppender>(CreateAppender);
    }

    /// <summary>The name of the queue.</summary>
    public string Name { get; }

    /// <summary>Appends a message, and waits until the host has stored it with the durability of the queue.</summary>
    /// <param name="message">The message.</param>
    /// <param name="cancellation">Cancels the wait, not the append.</param>
    /// <returns>The position of the message.</returns>
    /// <exception cref="EstreamClientException">The host refused the message, or could not be reached.</exception>
    public Task<long> AppendAsync(ReadOnlyMemory<byte> message, CancellationToken cancellation = default) =>
        AppendBatchAsync([message], cancellation);

    /// <summary>Appends messages that become visible together if they fit in one request, and waits until the host has stored
    /// them.</summary>
    /// <param name="messages">The messages, at least one.</param>
    /// <param name="cancellation">Cancels the wait, not the append.</param>
    /// <returns>The position of the first message; -1 if the host does not know it any more, after a lost connection.</returns>
    /// <exception cref="ArgumentException">There is no message, or the request is larger than the host accepts.</exception>
    /// <exception cref="EstreamClientException">The host refused the messages, or could not be reached.</exception>
    public Task<long> AppendBatchAsync(IReadOnlyList<ReadOnlyMemory<byte>> messages, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(messages);
        ArgumentOutOfRangeException.ThrowIfZero(messages.Count, nameof(messages));
        return _appender.Value.AppendTogetherAsync(messages).WaitAsync(cancellation);
    }

    /// <summary>Creates an appender that sends batches, for many messages per second.</summary>
    public RemoteAppender CreateAppender() => new(_client, Name, Guid.NewGuid(), last: 0);

    /// <summary>Creates an appender that continues after the last message which the host has of a producer, so that a process that was
    /// killed stores no message twice and loses none. Append again from message <see cref="RemoteAppender.NextNumber"/> on: each number
    /// must always be the same message.</summary>
    /// <param name="producer">The producer: a random value that the program keeps. Only one appender may use it at a time.</param>
    /// <param name="cancellation">Cancels the request.</param>
    /// <remarks>The host forgets a producer after 7 days without an append, after a power cut, and if there are too many; then the numbers
    /// begin with 1 again. If the program has appended before, it must find out from the queue which messages are stored.</remarks>
    /// <exception cref="EstreamClientException">The queue does not exist, clients may not append to it, or the host could not be
    /// reached.</exception>
    public async Task<RemoteAppender> ResumeAppenderAsync(Guid producer, CancellationToken cancellation = default)
    {
        Response response = await _client.SendAsync(ClientOp.Producer, (Name, producer),
            static (frame, given) => given.producer.TryWriteBytes(frame.Text(given.Name).Reserve(16)), cancellation).ConfigureAwait(false);
        long last = new PayloadReader(response.ThrowUnless($"Queue '{Name}'").Payload).Int64();
        return new RemoteAppender(_client, Name, producer, last);
    }

    /// <summary>Subscribes to the messages of the queue. It continues over a new connection where the lost one ended.</summary>
    /// <param name="options">The options; <see langword="null"/> for all messages from the oldest.</param>
    /// <param name="cancellation">Cancels the request.</param>
    /// <exception cref="EstreamClientException">The host refused the subscription; the message says why.</exception>
    public async Task<MessageSubscription> SubscribeAsync(SubscribeOptions? options = null, CancellationToken cancellation = default)
    {
        MessageSubscription subscription = new(_client, Name, options ?? new SubscribeOptions());
        await subscription.BeginAsync(cancellation).ConfigureAwait(false);
        return subscription;
    }

    /// <summary>Removes a cursor that no subscription uses, so that retention no longer waits for it. A new cursor of this name starts at
    /// the oldest message.</summary>
    /// <param name="cursor">The name of the cursor.</param>
    /// <param name="cancellation">Cancels the wait, not the removal.</param>
    /// <returns>Whether the cursor existed.</returns>
    /// <exception cref="ArgumentException">The name is empty or longer than 255 bytes.</exception>
    /// <exception cref="EstreamClientException">A subscription uses the cursor (<see cref="ClientStatus.Conflict"/>), the host refused the
    /// removal for another reason, or the host could not be reached.</exception>
    public async Task<bool> RemoveCursorAsync(string cursor, CancellationToken cancellation = default)
    {
        EstreamClient.RequireName(cursor);
        Response response = await _client.SendAsync(ClientOp.CursorRemove, (Name, cursor),
            static (frame, given) => frame.Text(given.Name).Text(given.cursor), cancellation).ConfigureAwait(false);
        return new PayloadReader(response.ThrowUnless($"Queue '{Name}'").Payload).Byte() != 0;
    }

    /// <summary>Asks for the extent of the queue.</summary>
    /// <param name="cancellation">Cancels the request.</param>
    /// <exception cref="EstreamClientException">The queue does not exist, or the host could not be reached.</exception>
    public async Task<RemoteQueueInfo> GetInfoAsync(CancellationToken cancellation = default)
    {
        Response response = await _client.SendAsync(ClientOp.QueueInfo, Name, static (frame, name) => frame.Text(name), cancellation)
            .ConfigureAwait(false);
        return Read(response.ThrowUnless($"Queue '{Name}'").Payload);
    }

    private static RemoteQueueInfo Read(ReadOnlySpan<byte> payload)
    {
        PayloadReader reader = new(payload);
        return new RemoteQueueInfo(reader.Int64(), reader.Int64(), reader.Int64(), (int)reader.UInt32(), reader.Byte() != 0);
    }
}
