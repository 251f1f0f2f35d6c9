using System.Collections.Concurrent;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using Estream.Core;

namespace Estream.Wire.Tools.Recording;

/// <summary>
/// A proxy between clients and a server that records both directions. The proxy forwards only bytes that it has recorded: if the recording
/// cannot be written, or has its maximum length, the proxy stops. It terminates TLS on both sides.
/// </summary>
internal sealed class WireRelay(WireRecorder recorder, WireAddress server, WireProtocol protocol, RelayTls tls)
{
    /// <summary>The maximum length of a chunk; a CONNECT with a hidden password must fit.</summary>
    private const int ChunkBytes = 64 * 1024;

    private const int MaxConnections = 1_000;

    private static readonly TimeSpan s_connectLimit = TimeSpan.FromSeconds(10);

    private readonly ConcurrentDictionary<Task, bool> _serving = new();
    private readonly TaskCompletionSource _over = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _refused;

    /// <summary>The number of failed connections: server unreachable, certificate refused, or too many connections.</summary>
    public int Refused => Volatile.Read(ref _refused);

    /// <summary>Forwards and records until cancelled, or until the recording ends.</summary>
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
            throw new WireToolException($"cannot accept connections: {failure.Message}");
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
            _ = serving.ContinueWith(ended => _serving.TryRemove(ended, out _), CancellationToken.None, TaskContinuationOptions.None,
                TaskScheduler.Default);
        }
    }

    /// <summary>Serves one connection. A failure of the recording ends all connections.</summary>
    private async Task ServeAsync(Socket accepted, CancellationToken cancellation)
    {
        using Socket socket = new(SocketType.Stream, ProtocolType.Tcp);
        using (accepted)
        using (RelaySide client = new(accepted))
        {
            try
            {
                using RelaySide peer = await ConnectAsync(client, socket, cancellation).ConfigureAwait(false);
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
            catch (Exception failure) when (failure is SocketException or IOException or ObjectDisposedException
                or OperationCanceledException or AuthenticationException)
            {
                // Count the failure before the client notices it, so that the summary includes the failure.
                Interlocked.Add(ref _refused, cancellation.IsCancellationRequested ? 0 : 1);
            }
            catch (EstreamStorageException failure)
            {
                _over.TrySetException(failure);
            }
        }
    }

    /// <summary>Connects to the server after the handshake with the client.</summary>
    private async Task<RelaySide> ConnectAsync(RelaySide client, Socket socket, CancellationToken cancellation)
    {
        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(s_connectLimit);
        if (tls.Clients is { } shown)
        {
            await client.SecureAsync(shown, limit.Token).ConfigureAwait(false);
        }

        await socket.ConnectAsync(server.Host, server.Port, limit.Token).ConfigureAwait(false);
        RelaySide peer = new(socket);
        if (tls.Server is { } wanted)
        {
            await peer.SecureAsync(wanted, limit.Token).ConfigureAwait(false);
        }

        return peer;
    }

    /// <summary>Forwards one direction. Ends with the sender, or with the connection.</summary>
    private async Task PumpAsync(Recorded connection, WireSide from, RelaySide source, RelaySide target, CancellationToken cancellation)
    {
        byte[] buffer = new byte[ChunkBytes];
        MaskSecrets? secrets = protocol switch
        {
            WireProtocol.Fix => new FixSecrets().Mask,
            WireProtocol.Http => new HttpSecrets().Mask,
            _ => null,
        };
        try
        {
            bool isConnect = from == WireSide.Client && protocol == WireProtocol.Mqtt;
            int count = isConnect
                ? await ReceiveConnectAsync(source, buffer, cancellation).ConfigureAwait(false)
                : await source.ReceiveAsync(buffer, cancellation).ConfigureAwait(false);
            while (count > 0)
            {
                if (!Keep(connection, from, buffer.AsSpan(0, count), isConnect, secrets))
                {
                    return;
                }

                isConnect = false;
                await target.SendAsync(buffer.AsMemory(0, count), cancellation).ConfigureAwait(false);
                count = await source.ReceiveAsync(buffer, cancellation).ConfigureAwait(false);
            }

            recorder.TryAppend(WireChunkKind.End, from, connection.Number, []);
            await target.EndAsync().ConfigureAwait(false);
        }
        catch (Exception failure) when (failure is SocketException or IOException or ObjectDisposedException)
        {
            // The other direction finds its sockets closed and ends silently.
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
            // The recording ends within the connection, so it has no event for the end of the connection.
        }
    }

    private bool Keep(Recorded connection, WireSide from, ReadOnlySpan<byte> bytes, bool isConnect, MaskSecrets? secrets)
    {
        byte[]? masked = null;
        if (isConnect && ConnectSecrets.LengthOf(bytes) is int length and > 0 && length <= bytes.Length)
        {
            masked = bytes.ToArray();
            ConnectSecrets.Mask(masked.AsSpan(0, length));
        }
        else if (secrets is not null)
        {
            masked = bytes.ToArray();
            secrets(masked);
        }

        bool isKept = recorder.TryAppend(WireChunkKind.Data, from, connection.Number, masked ?? bytes);
        if (!isKept)
        {
            _over.TrySetResult();
        }

        return isKept;
    }

    /// <summary>Receives the complete CONNECT, which has the password at any offset.</summary>
    /// <exception cref="IOException">The CONNECT is longer than the buffer.</exception>
    private static async Task<int> ReceiveConnectAsync(RelaySide source, byte[] buffer, CancellationToken cancellation)
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
                throw new IOException($"A CONNECT of {length} bytes exceeds {buffer.Length} bytes, so its password cannot be hidden.");
            }

            int count = await source.ReceiveAsync(buffer.AsMemory(filled), cancellation).ConfigureAwait(false);
            if (count == 0)
            {
                // The CONNECT is truncated. Discard its bytes, which may contain a part of the password.
                return 0;
            }

            filled += count;
        }
    }

    /// <summary>A connection with its two sides.</summary>
    private sealed class Recorded(int number, RelaySide client, RelaySide server)
    {
        private int _isBroken;

        public int Number => number;

        /// <summary>Closes both sides.</summary>
        /// <returns>Whether this call was the first.</returns>
        public bool Break()
        {
            if (Interlocked.Exchange(ref _isBroken, 1) != 0)
            {
                return false;
            }

            client.Break();
            server.Break();
            return true;
        }
    }
}

/// <summary>The TLS options of a relay for clients and for the server. Null for plain TCP on that side.</summary>
internal sealed record RelayTls(SslServerAuthenticationOptions? Clients, SslClientAuthenticationOptions? Server)
{
    /// <summary>Reads the files.</summary>
    /// <exception cref="WireConfigurationException">A file is missing or invalid.</exception>
    public static RelayTls Load(WireServerTlsOptions? clients, WireTlsOptions? server, string host) =>
        new(clients?.ToServerOptions(), server?.ToClientOptions(host));
}

/// <summary>Overwrites the secrets in the next chunk of one direction.</summary>
internal delegate void MaskSecrets(Span<byte> chunk);
