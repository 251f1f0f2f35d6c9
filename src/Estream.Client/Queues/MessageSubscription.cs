using System.Threading.Channels;
using Estream.Client.Connection;
using Estream.Client.Protocol;
using Estream.Client.Queues;

namespace Estream.Client;

/// <summary>
/// The messages of a queue, in order. Enumerate it once; a break of the connection is not visible, except as a pause. The host sends at
/// most <see cref="EstreamClientOptions.SubscriptionBytes"/> ahead. One thread enumerates; <see cref="CommitAsync"/> is thread-safe.
/// </summary>
public sealed class MessageSubscription : IAsyncEnumerable<RemoteMessage>, IAsyncDisposable
{
    private readonly EstreamClient _client;
    private readonly string _queue;
    private readonly SubscribeOptions _options;
    private SubscribeStart? _from;
    private Attempt? _attempt;
    private bool _disposed;

    internal MessageSubscription(EstreamClient client, string queue, SubscribeOptions options) =>
        (_client, _queue, _options, _from) = (client, queue, options, options.From);

    /// <inheritdoc/>
    /// <exception cref="EstreamClientException">The host ended the subscription: another subscription took over the cursor, retention
    /// deleted the next message, or the queue is damaged.</exception>
    public async IAsyncEnumerator<RemoteMessage> GetAsyncEnumerator(CancellationToken cancellationToken = default)
    {
        while (true)
        {
            Attempt attempt = _attempt!;
            await foreach (byte[] frame in attempt.Frames.ReadAllAsync(cancellationToken).ConfigureAwait(false))
            {
                int offset = 0;
                while (offset < frame.Length)
                {
                    RemoteMessage message = MessageFrame.Next(frame, ref offset);
                    _from = SubscribeStart.After(message.Position);
                    yield return message;
                }

                attempt.Grant(frame.Length);
            }

            if (_disposed)
            {
                yield break;
            }

            attempt.ThrowIfRefused();
            await BeginAgainAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Stores in the cursor that a message and all earlier messages are done. The next subscription with this cursor begins after
    /// the message.</summary>
    /// <param name="message">A message of this subscription.</param>
    /// <param name="cancellation">Cancels the wait.</param>
    /// <exception cref="InvalidOperationException">The subscription has no cursor.</exception>
    /// <exception cref="EstreamClientException">The connection was lost; the position is perhaps not stored.</exception>
    public async Task CommitAsync(RemoteMessage message, CancellationToken cancellation = default)
    {
        if (_options.Cursor is null)
        {
            throw new InvalidOperationException("This subscription has no cursor. Set SubscribeOptions.Cursor.");
        }

        Response response = await _attempt!.CommitAsync(message.Position, cancellation).ConfigureAwait(false);
        response.ThrowUnless($"Cursor '{_options.Cursor}' of queue '{_queue}'");
    }

    /// <summary>Ends the subscription. The cursor keeps its last committed position. Idempotent.</summary>
    public async ValueTask DisposeAsync()
    {
        if (!_disposed)
        {
            _disposed = true;
            if (_attempt is { } attempt)
            {
                await attempt.EndAsync().ConfigureAwait(false);
            }
        }
    }

    internal async Task BeginAsync(CancellationToken cancellation)
    {
        ClientConnection connection = await _client.ConnectionAsync(cancellation).ConfigureAwait(false);
        Attempt attempt = new(connection, _client.Options.SubscriptionBytes);
        Response response = await attempt.BeginAsync(_queue, _options, _from, cancellation).ConfigureAwait(false);
        response.ThrowUnless($"Queue '{_queue}' refused the subscription");
        _from = SubscribeStart.At(new PayloadReader(response.Payload).Int64());
        _attempt = attempt;
    }

    /// <summary>Subscribes again after a lost connection. The connection may be lost again meanwhile.</summary>
    private async Task BeginAgainAsync(CancellationToken cancellation)
    {
        SubscribeStart? from = _from;
        while (true)
        {
            try
            {
                await BeginAsync(cancellation).ConfigureAwait(false);
                return;
            }
            catch (EstreamClientException lost) when (lost.Status == ClientStatus.Unavailable && !cancellation.IsCancellationRequested)
            {
                _from = from;
                await Task.Delay(100, cancellation).ConfigureAwait(false);
            }
        }
    }

    /// <summary>The subscription over one connection.</summary>
    private sealed class Attempt(ClientConnection connection, int window) : IFrameHandler
    {
        private readonly Channel<byte[]> _frames = Channel.CreateUnbounded<byte[]>(
            new UnboundedChannelOptions { SingleReader = true, SingleWriter = true });

        private readonly PendingRequest _begun = new(connection: null);
        private EstreamClientException? _refused;
        private uint _id;
        private int _granted;

        public ChannelReader<byte[]> Frames => _frames.Reader;

        public async ValueTask<Response> BeginAsync(
            string queue, SubscribeOptions options, SubscribeStart? from, CancellationToken cancellation)
        {
            // The cursor is the default start. Without a cursor, the oldest message is.
            bool byCursor = from is null && options.Cursor is not null;
            _id = connection.Send(ClientOp.Subscribe, (queue, options, from, byCursor, window), static (frame, given) =>
                frame.Text(given.queue).Byte(given.byCursor ? ByCursor : (byte)(given.from?.Kind ?? StartKind.Start))
                    .Int64(given.from?.Value ?? 0).UInt32((uint)given.window).Text(given.options.Cursor ?? "")
                    .Text(given.options.Schema ?? "").Text(given.options.Filter ?? ""), this);
            return await _begun.Task.AsTask().WaitAsync(cancellation).ConfigureAwait(false);
        }

        public bool OnFrame(FrameHeader header, ReadOnlySpan<byte> payload)
        {
            if (header.Op == ClientOp.Subscribe)
            {
                _begun.OnFrame(header, payload);
                return header.Status == ClientStatus.Ok;
            }

            if (header.Status == ClientStatus.Ok)
            {
                return _frames.Writer.TryWrite(payload.ToArray());
            }

            _refused = Response.Error(header.Status, payload, "The host ended the subscription");
            _frames.Writer.TryComplete();
            return false;
        }

        public void OnClosed(Exception reason)
        {
            _begun.OnClosed(reason);
            _frames.Writer.TryComplete();
        }

        public void ThrowIfRefused()
        {
            if (_refused is { Status: not ClientStatus.Unavailable } refused)
            {
                throw refused;
            }
        }

        /// <summary>Lets the host send more, in steps of a quarter of the window.</summary>
        public void Grant(int bytes)
        {
            _granted += bytes;
            if (_granted >= window / 4)
            {
                connection.SendFor(ClientOp.Credit, _id, _granted, static (frame, given) => frame.UInt32((uint)given));
                _granted = 0;
            }
        }

        public ValueTask<Response> CommitAsync(long position, CancellationToken cancellation) =>
            connection.SendAsync(ClientOp.Commit, (_id, position), static (frame, given) => frame.UInt32(given._id).Int64(given.position),
                cancellation);

        public async ValueTask EndAsync()
        {
            _frames.Writer.TryComplete();
            try
            {
                await connection.SendAsync(ClientOp.Unsubscribe, _id, static (frame, id) => frame.UInt32(id), CancellationToken.None)
                    .ConfigureAwait(false);
            }
            catch (EstreamClientException)
            {
                // The connection is lost, which ends the subscription too.
            }
        }
    }

    private const byte ByCursor = (byte)StartKind.Cursor;
}
