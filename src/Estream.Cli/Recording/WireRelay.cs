using System.Collections.Concurrent;
using System.Net.Sockets;
using Estream.Core;

namespace Estream.Cli.Recording;

/// <summary>
/// Stands between clients and a server and records both sides. What is recorded is forwarded, and nothing else: where the recording cannot
/// be written, or is as long as it may be, the flow stops with it.
/// </summary>
internal sealed class WireRelay(WireRecorder recorder, WireAddress server, bool hidesPasswords)
{
    /// <summary>Bytes of one chunk at most; a CONNECT whose password is hidden has to fit one.</summary>
    private const int ChunkBytes = 64 * 1024;

    private const int MaxConnections = 1_000;

    private static readonly TimeSpan s_connectLimit = TimeSpan.FromSeconds(10);

    private readonly ConcurrentDictionary<Task, bool> _serving = new();
    private readonly TaskCompletionSource _over = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _refused;

    /// <summary>Connections that came to nothing: the server could not be reached, or there were too many.</summary>
    public int Refused => Volatile.Read(ref _refused);

    /// <summary>Forwards and records until cancelled, or until the recording is over.</summary>
    /// <exception cref="EstreamStorageException">The recording cannot be written.</exception>
    public async Task RunAsync(Socket listener, CancellationToken cancellation)
    {
        using CancellationTokenSource stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        Task accepting = AcceptAsync(listener, stop.Token);
        await Task.WhenAny(accepting, _over.Task).ConfigureAwait(false);
        await stop.CancelAsync().ConfigureAwait(false);
        await accepting.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await Task.WhenAll(_serving.Keys).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (accepting.Exception?.InnerException is { } failure)
        {
            throw new CliException($"no more connections can be taken: {failure.Message}");
        }

        if (_over.Task.IsFaulted)
        {
            await _over.Task.ConfigureAwait(false);
        }
    }

    private async Task AcceptAsync(Socket listener, CancellationToken cancellation)
    {
        while (!cancellation.IsCancellationRequested)
        {
            Socket client = await listener.AcceptAsync(cancellation).ConfigureAwait(false);
            if (_serving.Count >= MaxConnections)
            {
                Interlocked.Increment(ref _refused);
                client.Dispose();
                continue;
            }

            Task serving = ServeAsync(client, cancellation);
            _serving.TryAdd(serving, true);
            _ = serving.ContinueWith(ended => _serving.TryRemove(ended, out _), CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
        }
    }

    /// <summary>One connection, from its beginning to its end; what goes wrong with the recording ends all.</summary>
    private async Task ServeAsync(Socket client, CancellationToken cancellation)
    {
        using Socket peer = new(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        using (client)
        {
            try
            {
                client.NoDelay = true;
                await ConnectAsync(peer, cancellation).ConfigureAwait(false);
                if (recorder.TryOpen() is not { } number)
                {
                    _over.TrySetResult();
                    return;
                }

                Recorded connection = new(number, client, peer);
                await Task.WhenAll(
                    PumpAsync(connection, WireSide.Client, client, peer, cancellation),
                    PumpAsync(connection, WireSide.Server, peer, client, cancellation)).ConfigureAwait(false);
            }
            catch (Exception failure) when (failure is SocketException or IOException or ObjectDisposedException or OperationCanceledException)
            {
                Interlocked.Add(ref _refused, cancellation.IsCancellationRequested ? 0 : 1);
            }
            catch (EstreamStorageException failure)
            {
                _over.TrySetException(failure);
            }
        }
    }

    private async Task ConnectAsync(Socket peer, CancellationToken cancellation)
    {
        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(s_connectLimit);
        await peer.ConnectAsync(server.Host, server.Port, limit.Token).ConfigureAwait(false);
    }

    /// <summary>Takes what one side sends to the other. Ends with that side, or with the connection.</summary>
    private async Task PumpAsync(Recorded connection, WireSide from, Socket source, Socket target, CancellationToken cancellation)
    {
        byte[] buffer = new byte[ChunkBytes];
        try
        {
            int count = from == WireSide.Client && hidesPasswords
                ? await ReceiveConnectAsync(source, buffer, cancellation).ConfigureAwait(false)
                : await source.ReceiveAsync(buffer, cancellation).ConfigureAwait(false);
            bool isFirst = from == WireSide.Client && hidesPasswords;
            while (count > 0)
            {
                if (!Keep(connection, from, buffer.AsSpan(0, count), isFirst))
                {
                    return;
                }

                isFirst = false;
                await SendAllAsync(target, buffer.AsMemory(0, count), cancellation).ConfigureAwait(false);
                count = await source.ReceiveAsync(buffer, cancellation).ConfigureAwait(false);
            }

            recorder.TryAppend(WireChunkKind.End, from, connection.Number, []);
            target.Shutdown(SocketShutdown.Send);
        }
        catch (Exception failure) when (failure is SocketException or IOException or ObjectDisposedException)
        {
            // The other direction finds its sockets closed, and says nothing of its own.
            if (connection.Break())
            {
                recorder.TryAppend(WireChunkKind.Reset, from, connection.Number, []);
            }
        }
        catch (EstreamStorageException failure)
        {
            _over.TrySetException(failure);
            connection.Break();
        }
        catch (OperationCanceledException)
        {
            // The recording ends in the middle of the connection, and shows it so.
        }
    }

    private bool Keep(Recorded connection, WireSide from, ReadOnlySpan<byte> bytes, bool hasPassword)
    {
        bool isKept;
        if (hasPassword && ConnectSecrets.LengthOf(bytes) is int length and > 0 && length <= bytes.Length)
        {
            byte[] masked = bytes.ToArray();
            ConnectSecrets.Mask(masked.AsSpan(0, length));
            isKept = recorder.TryAppend(WireChunkKind.Data, from, connection.Number, masked);
        }
        else
        {
            isKept = recorder.TryAppend(WireChunkKind.Data, from, connection.Number, bytes);
        }

        if (!isKept)
        {
            _over.TrySetResult();
        }

        return isKept;
    }

    /// <summary>Receives until the CONNECT is whole, for its password may lie anywhere in it.</summary>
    /// <exception cref="IOException">It is too long to hide anything in.</exception>
    private static async Task<int> ReceiveConnectAsync(Socket source, byte[] buffer, CancellationToken cancellation)
    {
        int filled = 0;
        while (true)
        {
            int length = ConnectSecrets.LengthOf(buffer.AsSpan(0, filled));
            if (length < 0 || (length > 0 && length <= filled))
            {
                return filled;
            }

            if (length > buffer.Length)
            {
                throw new IOException($"A CONNECT of {length} bytes is longer than the {buffer.Length} in which a password is hidden.");
            }

            int count = await source.ReceiveAsync(buffer.AsMemory(filled), cancellation).ConfigureAwait(false);
            if (count == 0)
            {
                // Cut off: what may be a part of a password is not kept.
                return 0;
            }

            filled += count;
        }
    }

    private static async Task SendAllAsync(Socket target, ReadOnlyMemory<byte> bytes, CancellationToken cancellation)
    {
        while (!bytes.IsEmpty)
        {
            int sent = await target.SendAsync(bytes, cancellation).ConfigureAwait(false);
            bytes = bytes[sent..];
        }
    }

    /// <summary>A connection with both its sockets.</summary>
    private sealed class Recorded(int number, Socket client, Socket server)
    {
        private int _isBroken;

        public int Number => number;

        /// <summary>Closes both sockets.</summary>
        /// <returns>Whether this is the first to do so.</returns>
        public bool Break()
        {
            if (Interlocked.Exchange(ref _isBroken, 1) != 0)
            {
                return false;
            }

            // Hard, so that either side sees that it was no end.
            client.Close(0);
            server.Close(0);
            return true;
        }
    }
}
