using System.Globalization;
using System.Net.Security;
using Estream.Core;
using Estream.Queue;

namespace Estream.Wire.Tools.Recording;

/// <summary>The options of a replay.</summary>
/// <param name="Server">The server.</param>
/// <param name="Tls">The TLS options; null for plain TCP.</param>
/// <param name="Protocol">The protocol; FIX is compared by messages.</param>
/// <param name="Speed">The speed relative to the recording; 0 for the speed of the server.</param>
/// <param name="Compares">Whether to compare the replies.</param>
/// <param name="Connection">The only connection to replay; null for all.</param>
/// <param name="Patience">The longest wait for a reply.</param>
internal sealed record ReplayOptions(WireAddress Server, SslClientAuthenticationOptions? Tls, WireProtocol Protocol, double Speed,
    bool Compares, int? Connection, TimeSpan Patience);

/// <summary>
/// Replays the clients of a recording: the same connections and chunks, in their order across all connections. Each chunk is sent after
/// the same amount of replies as in the recording, so that the server sees the same order at any speed.
/// </summary>
internal sealed class WireReplay(ReplayOptions options, IClock clock) : IDisposable
{
    private const long NanosPerMillisecond = 1_000_000;
    private const int MaxConnections = 1_000;

    private readonly Dictionary<int, ReplayConnection> _open = [];
    private readonly SemaphoreSlim _progress = new(0);
    private int _connections;
    private long _sent;
    private long _received;

    /// <summary>A summary line.</summary>
    public string Summary =>
        string.Create(CultureInfo.InvariantCulture, $"replayed {_connections} connections: {_sent} bytes sent, {_received} bytes received");

    /// <summary>Replays a recording to its end, or to the first difference.</summary>
    /// <returns>The first difference; null for none.</returns>
    /// <exception cref="WireToolException">The server cannot be reached, the queue is not a recording, or the recording does not have the
    /// connection.</exception>
    public async Task<string?> RunAsync(EstreamQueue recording, CancellationToken cancellation)
    {
        try
        {
            using QueueTailer tailer = recording.CreateTailer();
            long start = clock.MonotonicNanos;
            while (TryNext(tailer, out WireChunk chunk, out byte[] bytes))
            {
                if (options.Connection is { } only && chunk.Connection != only)
                {
                    continue;
                }

                if (chunk.From == WireSide.Client)
                {
                    await WaitUntilDueAsync(chunk.Nanos, start, cancellation).ConfigureAwait(false);
                    if (!await WaitForAnswersAsync(cancellation).ConfigureAwait(false))
                    {
                        return WhatIsMissing();
                    }
                }

                if (await PlayAsync(chunk, bytes, cancellation).ConfigureAwait(false) is { } difference)
                {
                    return difference;
                }
            }

            if (options.Connection is { } wanted && _connections == 0)
            {
                throw new WireToolException($"the recording has no connection {wanted}: omit --connection to replay all connections");
            }

            return await WaitForAnswersAsync(cancellation).ConfigureAwait(false) ? FirstDifference() : WhatIsMissing();
        }
        finally
        {
            foreach (ReplayConnection connection in _open.Values)
            {
                await CloseAsync(connection).ConfigureAwait(false);
            }
        }
    }

    public void Dispose()
    {
        _progress.Dispose();
    }

    private static bool TryNext(QueueTailer tailer, out WireChunk chunk, out byte[] bytes)
    {
        chunk = default;
        bytes = [];
        if (!tailer.TryRead(out QueueMessage message))
        {
            return false;
        }

        if (!WireChunk.TryRead(message.Payload, out chunk))
        {
            throw new WireToolException(
                $"message {message.Sequence} is not part of a recording: name the directory that was given to `estream wire record`");
        }

        bytes = message.Payload[WireChunk.HeadBytes..].ToArray();
        return true;
    }

    private async Task<string?> PlayAsync(WireChunk chunk, byte[] bytes, CancellationToken cancellation)
    {
        if (chunk.Kind == WireChunkKind.Open)
        {
            if (_open.Count >= MaxConnections || _open.ContainsKey(chunk.Connection))
            {
                throw new WireToolException(
                    $"the recording is damaged: it opens connection {chunk.Connection} twice, or more than {MaxConnections} connections");
            }

            _open.Add(
                chunk.Connection,
                await ReplayConnection.OpenAsync(chunk.Connection, options, () => _progress.Release(), cancellation).ConfigureAwait(false));
            _connections++;
            return null;
        }

        if (!_open.TryGetValue(chunk.Connection, out ReplayConnection? connection))
        {
            // The recording has an event of one side after the other side reset the connection. Skip it.
            return null;
        }

        switch (chunk.Kind, chunk.From)
        {
            case (WireChunkKind.Data, WireSide.Client):
                bool isSent = await connection.SendAsync(bytes, cancellation).ConfigureAwait(false);
                _sent += isSent ? bytes.Length : 0;
                break;
            case (WireChunkKind.Data, WireSide.Server):
                connection.Expect(bytes);
                break;
            case (WireChunkKind.End, WireSide.Client):
                await connection.EndAsync().ConfigureAwait(false);
                break;
            case (_, WireSide.Server):
                connection.ExpectEnd();
                break;
            default:
                connection.Break();
                _open.Remove(chunk.Connection);
                await CloseAsync(connection).ConfigureAwait(false);
                break;
        }

        return connection.Difference;
    }

    private async Task CloseAsync(ReplayConnection connection)
    {
        await connection.CloseAsync().ConfigureAwait(false);
        _received += connection.Received;
    }

    /// <summary>Waits until a chunk is due, if a speed is set.</summary>
    private async Task WaitUntilDueAsync(long nanos, long start, CancellationToken cancellation)
    {
        if (options.Speed <= 0)
        {
            return;
        }

        long early = (long)(nanos / options.Speed) - (clock.MonotonicNanos - start);
        if (early >= NanosPerMillisecond)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(early / NanosPerMillisecond), cancellation).ConfigureAwait(false);
        }
    }

    /// <summary>Waits until all connections have received the replies that were recorded up to now.</summary>
    /// <returns>False after a timeout.</returns>
    private async Task<bool> WaitForAnswersAsync(CancellationToken cancellation)
    {
        while (!_open.Values.All(connection => connection.HasCaughtUp))
        {
            bool isHopeless = FirstDifference() is not null || _open.Values.Any(connection => connection.IsLost);
            if (isHopeless || !await _progress.WaitAsync(options.Patience, cancellation).ConfigureAwait(false))
            {
                return false;
            }
        }

        // A connection that has ended on both sides has no more events.
        foreach (ReplayConnection done in _open.Values.Where(connection => connection.IsDone).ToArray())
        {
            _open.Remove(done.Number);
            await CloseAsync(done).ConfigureAwait(false);
        }

        return true;
    }

    private string? FirstDifference()
    {
        return _open.Values.Select(connection => connection.Difference).FirstOrDefault(difference => difference is not null);
    }

    private string WhatIsMissing()
    {
        return FirstDifference() ?? _open.Values.First(connection => !connection.HasCaughtUp).Missing;
    }
}
