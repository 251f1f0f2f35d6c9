using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using Estream.Core;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace Estream.Replication.Internal;

/// <summary>A RabbitMQ stream as a log. A reader sees only entries that a majority of the brokers with the stream has.</summary>
internal sealed class RabbitLog(ReplicationCluster cluster, string stream) : IBatchLog
{
    private static readonly TimeSpan s_connectTimeout = TimeSpan.FromSeconds(5);

    public string Name => stream;

    public async Task<IBatchSession> ConnectAsync(long offset, CancellationToken cancellation)
    {
        IConnection? connection = null;
        try
        {
            connection = await CreateFactory().CreateConnectionAsync(Endpoints(), "estream", cancellation).ConfigureAwait(false);
            return await RabbitSession.OpenAsync(connection, cluster, stream, offset, cancellation).ConfigureAwait(false);
        }
        catch (Exception failure) when (IsFailure(failure, cancellation))
        {
            if (connection is not null)
            {
                await CloseAsync(connection).ConfigureAwait(false);
            }

            throw Failed(stream, failure);
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
            stream, StorageFailure.Other, failure);
    }

    private ConnectionFactory CreateFactory() => new()
    {
        UserName = cluster.User,
        Password = cluster.Password,
        VirtualHost = cluster.VirtualHost,
        AutomaticRecoveryEnabled = false,
        TopologyRecoveryEnabled = false,
        RequestedHeartbeat = cluster.Heartbeat,
        RequestedConnectionTimeout = s_connectTimeout,
        ContinuationTimeout = s_connectTimeout,
        HandshakeContinuationTimeout = s_connectTimeout,
    };

    private List<AmqpTcpEndpoint> Endpoints()
    {
        AmqpTcpEndpoint[] endpoints = [.. cluster.Brokers.Select(broker =>
            new AmqpTcpEndpoint(broker.Host, broker.Port, TlsOptions(broker.Host)))];
        Random.Shared.Shuffle(endpoints);
        return [.. endpoints];
    }

    private SslOption TlsOptions(string host)
    {
        SslOption option = new() { Enabled = cluster.UseTls, ServerName = host };
        if (cluster.ClientCertificate is { } certificate)
        {
            option.Certs = [certificate];
        }

        if (cluster.Authorities.Count > 0)
        {
            option.CertificateValidationCallback = (_, presented, chain, errors) => IsTrusted(presented, chain, errors);
        }

        return option;
    }

    private bool IsTrusted(X509Certificate? presented, X509Chain? chain, SslPolicyErrors errors)
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
