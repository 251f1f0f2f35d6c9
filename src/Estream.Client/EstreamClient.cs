using System.Net.Sockets;
using System.Runtime.CompilerServices;
using System.Security.Authentication;
using System.Text;
using Estream.Client.Connection;
using Estream.Client.Protocol;

namespace Estream.Client;

/// <summary>
/// A client of a host. Queues and maps share one connection, which is opened again after it was lost: appenders resend what is not
/// acknowledged, and subscriptions and watches continue. Thread-safe.
/// </summary>
/// <remarks>See docs/guides/client.md and, for the protocol, docs/formats/client.md.</remarks>
public sealed class EstreamClient : IAsyncDisposable
{
    private const int MaxNameBytes = 255;

    private static readonly TimeSpan s_shortestLimit = TimeSpan.FromSeconds(5);

    private readonly HostAddress _address;
    private readonly Lock _lock = new();
    private readonly CancellationTokenSource _disposed = new();
    private Task<ClientConnection>? _connecting;
    private ClientConnection? _connection;

    private EstreamClient(HostAddress address, EstreamClientOptions options)
    {
        _address = address;
        Options = options;
    }

    internal EstreamClientOptions Options { get; }

    /// <summary>The maximum length of a frame, from the last connection.</summary>
    internal int MaxFrameBytes { get; private set; }

    /// <summary>Connects to a host.</summary>
    /// <param name="address"><c>estreams://HOST:PORT</c> for TLS, <c>estream://HOST:PORT</c> for plain TCP, <c>unix:PATH</c> for a Unix
    /// socket. The default port is 5082.</param>
    /// <param name="options">The options; <see langword="null"/> for the defaults.</param>
    /// <param name="cancellation">Cancels the attempt.</param>
    /// <exception cref="ArgumentException">The address or an option is invalid, or plain TCP would leave this machine and
    /// <see cref="EstreamClientOptions.AllowPlaintext"/> is not set.</exception>
    /// <exception cref="EstreamClientException">The host refused the token, or could not be reached in time.</exception>
    public static async Task<EstreamClient> ConnectAsync(
        Uri address, EstreamClientOptions? options = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(address);
        options ??= new EstreamClientOptions();
        options.Validate();
        HostAddress host = HostAddress.Parse(address);
        if (host is { IsLocal: false, IsTls: false } && !options.AllowPlaintext)
        {
            throw new ArgumentException(
                $"{host} is another machine, and the connection would not be encrypted. Use estreams://, or set AllowPlaintext on a "
                + "network where every machine is trusted.", nameof(address));
        }

        EstreamClient client = new(host, options);
        try
        {
            await client.ConnectionAsync(cancellation).ConfigureAwait(false);
            return client;
        }
        catch
        {
            await client.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Returns a queue of the host. Sends nothing.</summary>
    /// <param name="name">The name of the queue.</param>
    public RemoteQueue Queue(string name)
    {
        RequireName(name);
        return new RemoteQueue(this, name);
    }

    /// <summary>Returns a partitioned queue of the host. Sends nothing.</summary>
    /// <param name="name">The name of the queue.</param>
    public RemotePartitionedQueue PartitionedQueue(string name)
    {
        RequireName(name);
        return new RemotePartitionedQueue(this, name);
    }

    /// <summary>Returns a map of the host. Sends nothing.</summary>
    /// <param name="name">The name of the map.</param>
    public RemoteMap Map(string name)
    {
        RequireName(name);
        return new RemoteMap(this, name);
    }

    /// <summary>Closes the connection. Unacknowledged appends fail; flush appenders before. Idempotent.</summary>
    public async ValueTask DisposeAsync()
    {
        Task<ClientConnection>? connecting;
        lock (_lock)
        {
            if (_disposed.IsCancellationRequested)
            {
                return;
            }

            _disposed.Cancel();
            connecting = _connecting;
        }

        if (connecting is not null)
        {
            await ((Task)connecting).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        if (_connection is { } connection)
        {
            await connection.DisposeAsync().ConfigureAwait(false);
        }
    }

    /// <summary>Sends a request over the open connection, or over a new one.</summary>
    internal ValueTask<Response> SendAsync<TState>(
        ClientOp op, TState state, Action<FrameBuilder, TState> write, CancellationToken cancellation)
    {
        ValueTask<ClientConnection> connection = ConnectionAsync(cancellation);
        return connection.IsCompletedSuccessfully
            ? connection.Result.SendAsync(op, state, write, cancellation)
            : SendLaterAsync(connection, op, state, write, cancellation);
    }

    /// <summary>Returns the open connection; opens one if there is none. Concurrent calls share the attempt.</summary>
    /// <exception cref="EstreamClientException">The host refused the connection, or could not be reached in time.</exception>
    internal ValueTask<ClientConnection> ConnectionAsync(CancellationToken cancellation)
    {
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_disposed.IsCancellationRequested, this);
            if (_connection is { IsOpen: true } connection)
            {
                return new ValueTask<ClientConnection>(connection);
            }

            if (_connecting is null || _connecting.IsCompleted)
            {
                _connecting = Task.Run(() => ConnectAgainAsync(_disposed.Token), CancellationToken.None);
            }

            return new ValueTask<ClientConnection>(_connecting.WaitAsync(cancellation));
        }
    }

    private static async ValueTask<Response> SendLaterAsync<TState>(ValueTask<ClientConnection> connection,
        ClientOp op, TState state, Action<FrameBuilder, TState> write, CancellationToken cancellation)
    {
        ClientConnection opened = await connection.ConfigureAwait(false);
        return await opened.SendAsync(op, state, write, cancellation).ConfigureAwait(false);
    }

    private async Task<ClientConnection> ConnectAgainAsync(CancellationToken cancellation)
    {
        if (_connection is { } old)
        {
            await old.DisposeAsync().ConfigureAwait(false);
        }

        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(Options.ConnectTimeout);
        TimeSpan attemptLimit = Options.ConnectTimeout / 3 > s_shortestLimit ? Options.ConnectTimeout / 3 : s_shortestLimit;
        Backoff backoff = new();
        while (true)
        {
            // Try again if a host accepts the connection and then stays silent, for example because its machine failed.
            using CancellationTokenSource attempt = CancellationTokenSource.CreateLinkedTokenSource(limit.Token);
            attempt.CancelAfter(attemptLimit);
            try
            {
                ClientConnection opened = await ClientConnection.OpenAsync(_address, Options, attempt.Token).ConfigureAwait(false);
                lock (_lock)
                {
                    _connection = opened;
                    MaxFrameBytes = opened.MaxFrameBytes;
                }

                return opened;
            }
            catch (Exception failure) when (IsWorthAnotherAttempt(failure) && !limit.IsCancellationRequested)
            {
                await Task.Delay(backoff.Next(), limit.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                if (limit.IsCancellationRequested)
                {
                    throw Unreachable(failure);
                }
            }
            catch (Exception failure) when (failure is OperationCanceledException or SocketException or IOException
                or AuthenticationException)
            {
                throw Unreachable(failure);
            }
        }
    }

    /// <exception cref="ArgumentException">The name is empty, or too long for a frame.</exception>
    internal static void RequireName(string name, [CallerArgumentExpression(nameof(name))] string? parameter = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(name, parameter);
        if (Encoding.UTF8.GetByteCount(name) is var bytes and > MaxNameBytes)
        {
            throw new ArgumentException(
                $"The name '{name[..20]}…' has {bytes} bytes in UTF-8; the maximum is {MaxNameBytes}. Choose a shorter name.", parameter);
        }
    }

    private EstreamClientException Unreachable(Exception failure) => new(
        $"{_address} cannot be reached: {ReasonOf(failure)}. Check that the host runs, and the address in its setting Estream:Client.",
        failure is AuthenticationException ? ClientStatus.Unauthorized : ClientStatus.Unavailable, failure);

    // For a path without a socket, .NET reports an address that cannot be assigned.
    private string ReasonOf(Exception failure) =>
        _address.SocketPath is not null && failure is SocketException { SocketErrorCode: SocketError.AddressNotAvailable }
            ? "the socket does not exist"
            : failure.Message.TrimEnd('.');

    private static bool IsWorthAnotherAttempt(Exception failure) =>
        failure is SocketException or IOException or OperationCanceledException
            or EstreamClientException { Status: ClientStatus.Unavailable };
}
