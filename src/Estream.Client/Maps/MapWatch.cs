using System.Threading.Channels;
using Estream.Client.Connection;
using Estream.Client.Protocol;

namespace Estream.Client.Maps;

/// <summary>A watch of a key, which continues over a new connection after the old one was lost.</summary>
internal sealed class MapWatch(EstreamClient client, string map, MapKey key) : IAsyncDisposable
{
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(100);

    private Attempt? _attempt;
    private long _version = -1;

    /// <summary>Waits for the next state of the entry.</summary>
    public async Task<MapEntry?> NextAsync(CancellationToken cancellation)
    {
        while (true)
        {
            try
            {
                _attempt ??= new Attempt(await client.ConnectionAsync(cancellation).ConfigureAwait(false), map, key);
                Response change = await _attempt.Changes.ReadAsync(cancellation).ConfigureAwait(false);
                MapEntry? entry = MapFrames.ReadEntry(change.ThrowUnless($"Map '{map}'").Payload);

                // After a new connection, the host sends the current state again.
                long version = entry?.Version ?? 0;
                if (version != _version)
                {
                    _version = version;
                    return entry;
                }
            }
            catch (Exception lost) when (lost is ChannelClosedException
                or EstreamClientException { Status: ClientStatus.Unavailable })
            {
                _attempt = null;
                await Task.Delay(s_pause, cancellation).ConfigureAwait(false);
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_attempt is { } attempt)
        {
            await attempt.EndAsync().ConfigureAwait(false);
        }
    }

    private sealed class Attempt : IFrameHandler
    {
        // Only the newest state matters, so an unread state is replaced.
        private readonly Channel<Response> _changes = Channel.CreateBounded<Response>(
            new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropOldest, SingleReader = true });

        private readonly ClientConnection _connection;
        private readonly uint _id;

        public Attempt(ClientConnection connection, string map, MapKey key)
        {
            _connection = connection;
            _id = connection.Send(
                ClientOp.MapWatch, (map, key), static (frame, given) => frame.Text(given.map).ShortBytes(given.key.Bytes.Span), this);
        }

        public ChannelReader<Response> Changes => _changes.Reader;

        public bool OnFrame(FrameHeader header, ReadOnlySpan<byte> payload)
        {
            _changes.Writer.TryWrite(new Response(header.Status, payload.ToArray()));
            return header.Status == ClientStatus.Ok;
        }

        public void OnClosed(Exception reason) => _changes.Writer.TryComplete();

        public async ValueTask EndAsync()
        {
            try
            {
                await _connection.SendAsync(ClientOp.MapUnwatch, _id, static (frame, id) => frame.UInt32(id), CancellationToken.None)
                    .ConfigureAwait(false);
            }
            catch (EstreamClientException)
            {
                // The connection is lost, which ends the watch too.
            }
        }
    }
}
