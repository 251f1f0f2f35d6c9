using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using Estream.Core;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace Estream.Replication.Internal;

/// <summary>A RabbitMQ stream as a log. A reader sees only entries that a majority of the brokers with the stream has.</summary>
/// <param name="cluster">The cluster.</param>
/// <param name="stream">The name of the stream.</param>
/// <param name="isReader">Whether the stream must exist; otherwise it is created.</param>
/// <param name="isTemporary">Whether the stream may be deleted: once entries of it were read, it is not created again.</param>
/// <param name="limits">What the brokers keep, if the stream is created.</param>
internal sealed class RabbitLog(
    ReplicationCluster cluster, string stream, bool isReader, bool isTemporary = false, StreamLimits limits = default) : IBatchLog
{
    private static readonly TimeSpan s_connectTimeout = TimeSpan.FromSeconds(5);

    private bool _mustExist = isReader;

    public string Name => stream;

    public async Task<IBatchSession> ConnectAsync(long known, CancellationToken cancellation)
    {
        IConnection? connection = null;
        try
        {
            connection = await OpenConnectionAsync(cluster, cluster.Heartbeat, s_connectTimeout, cancellation).ConfigureAwait(false);
            _mustExist |= isTemporary && known >= 0;
            RabbitStream declared = new(stream, _mustExist ? null : cluster.Factor, limits);
            return await RabbitSession.OpenAsync(connection, declared, known, cancellation).ConfigureAwait(false);
        }
        catch (Exception failure)
        {
            if (connection is not null)
            {
                await CloseAsync(connection).ConfigureAwait(false);
            }

            if (IsFailure(failure, cancellation))
            {
                throw Failed(stream, failure);
            }

            throw;
        }
    }

    /// <summary>Opens a connection to one of the brokers.</summary>
    /// <param name="cluster">The cluster.</param>
    /// <param name="heartbeat">The interval of heartbeats. A broker closes a connection that is silent for two to three
    /// intervals.</param>
    /// <param name="timeout">The time limit for each step of the connection to a broker.</param>
    /// <param name="cancellation">Cancels the attempt.</param>
    public static Task<IConnection> OpenConnectionAsync(
        ReplicationCluster cluster, TimeSpan heartbeat, TimeSpan timeout, CancellationToken cancellation) =>
        CreateFactory(cluster, heartbeat, timeout).CreateConnectionAsync(Endpoints(cluster), "estream", cancellation);

    /// <summary>Deletes a stream with all its entries. A stream that does not exist is no error.</summary>
    /// <exception cref="EstreamException">No broker can be reached, or it refuses the request.</exception>
    public static async Task DeleteAsync(ReplicationCluster cluster, string stream)
    {
        IConnection? connection = null;
        try
        {
            connection = await OpenConnectionAsync(cluster, cluster.Heartbeat, s_connectTimeout, CancellationToken.None)
                .ConfigureAwait(false);
            IChannel channel = await connection.CreateChannelAsync().ConfigureAwait(false);
            _ = await channel.QueueDeleteAsync(stream, ifUnused: false, ifEmpty: false).ConfigureAwait(false);
        }
        catch (Exception failure) when (IsFailure(failure))
        {
            throw Failed(stream, failure);
        }
        finally
        {
            if (connection is not null)
            {
                await CloseAsync(connection).ConfigureAwait(false);
            }
        }
    }

    /// <summary>Closes a connection, which may be gone already.</summary>
    public static async ValueTask CloseAsync(IConnection connection)
    {
        try
        {
            await connection.DisposeAsync().ConfigureAwait(false);
        }
        catch (Exception failure) when (IsFailure(failure))
        {
            // The connection is gone, which is what disposal wants.
        }
    }

    /// <summary>Whether an exception of the client library means that a broker is unreachable or refuses a request. The library cancels
    /// requests whose connection ends.</summary>
    public static bool IsFailure(Exception failure, CancellationToken cancellation = default) =>
        (failure is OperationCanceledException && !cancellation.IsCancellationRequested)
        || failure is RabbitMQClientException or IOException or TimeoutException or ObjectDisposedException
            or System.Threading.Channels.ChannelClosedException or System.Net.Sockets.SocketException
            or System.Security.Authentication.AuthenticationException;

    public static EstreamException Failed(string stream, Exception failure)
    {
        string reason = failure.InnerException is { } inner && failure is BrokerUnreachableException ? inner.Message : failure.Message;
        return new EstreamStorageException(
            $"Stream '{stream}' is not reachable: {reason} Check the brokers, the user and the certificates; the connection is tried "
            + "again.",
            stream, IsMissing(failure) ? StorageFailure.NotFound : StorageFailure.Other, failure);
    }

    // A broker also answers 404 while the nodes of a queue are down. Only the text says that no node knows the queue.
    public static bool IsMissing(Exception failure) =>
        failure is OperationInterruptedException { ShutdownReason: { ReplyCode: 404 } reason }
        && reason.ReplyText.Contains("no queue", StringComparison.OrdinalIgnoreCase);

    private static ConnectionFactory CreateFactory(ReplicationCluster cluster, TimeSpan heartbeat, TimeSpan timeout) => new()
    {
        UserName = cluster.User,
        Password = cluster.Password,
        VirtualHost = cluster.VirtualHost,
        AutomaticRecoveryEnabled = false,
        TopologyRecoveryEnabled = false,
        RequestedHeartbeat = heartbeat,
        RequestedConnectionTimeout = timeout,
        ContinuationTimeout = timeout,
        HandshakeContinuationTimeout = timeout,
    };

    private static List<AmqpTcpEndpoint> Endpoints(ReplicationCluster cluster)
    {
        AmqpTcpEndpoint[] endpoints = [.. cluster.Brokers.Select(broker =>
            new AmqpTcpEndpoint(broker.Host, broker.Port, TlsOptions(cluster, broker.Host)))];
        Random.Shared.Shuffle(endpoints);
        return [.. endpoints];
    }

    private static SslOption TlsOptions(ReplicationCluster cluster, string host)
    {
        SslOption option = new() { Enabled = cluster.UseTls, ServerName = host };
        if (cluster.ClientCertificate is { } certificate)
        {
            option.Certs = [certificate];
        }

        if (cluster.Authorities.Count > 0)
        {
            option.CertificateValidationCallback = (_, presented, chain, errors) => IsTrusted(cluster, presented, chain, errors);
        }

        return option;
    }

    private static bool IsTrusted(ReplicationCluster cluster, X509Certificate? presented, X509Chain? chain, SslPolicyErrors errors)
    {
        // The chain is built again with the given authorities; a wrong name or a missing certificate stays an error.
        if (presented is null || (errors & ~SslPolicyErrors.RemoteCertificateChainErrors) != SslPolicyErrors.None)
        {
            return false;
        }

        using X509Chain own = new();
        own.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        own.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        own.ChainPolicy.CustomTrustStore.AddRange(cluster.Authorities.ToArray());
        if (chain is not null)
        {
            own.ChainPolicy.ExtraStore.AddRange(chain.ChainElements.Select(element => element.Certificate).ToArray());
        }

        using X509Certificate2 certificate = new(presented);
        return own.Build(certificate);
    }
}
