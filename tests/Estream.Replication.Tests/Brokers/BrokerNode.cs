using System.Net;
using System.Net.Sockets;
using Estream.Testing;

namespace Estream.Replication.Tests.Brokers;

/// <summary>One RabbitMQ node with its own folders, ports and cookie.</summary>
internal sealed class BrokerNode : IDisposable
{
    private const string Server = "/usr/lib/rabbitmq/bin/rabbitmq-server";

    private readonly string _folder;
    private readonly int _epmdPort;
    private readonly int _distributionPort = FreePort.Next();
    private ChildProcess? _process;

    public BrokerNode(string folder, int number, int epmdPort)
    {
        Name = $"node{number}@localhost";
        _folder = folder;
        _epmdPort = epmdPort;
    }

    public string Name { get; }

    public int Port { get; } = FreePort.Next();

    public int TlsPort { get; } = FreePort.Next();

    public DnsEndPoint EndPoint => new("127.0.0.1", Port);

    public bool IsRunning => _process is { HasExited: false };

    public static bool IsInstalled => File.Exists(Server);

    /// <summary>Writes the configuration of a node of a cluster.</summary>
    public void Configure(IReadOnlyList<BrokerNode> nodes, string cookie, string tlsFiles)
    {
        _ = Directory.CreateDirectory(Path.Combine(_folder, "home"));
        string cookieFile = Path.Combine(_folder, "home", ".erlang.cookie");
        SecretFiles.Write(cookieFile, cookie);
        File.WriteAllText(Path.Combine(_folder, "plugins"), "[].");
        string peers = string.Join('\n', nodes.Select((node, i) => $"cluster_formation.classic_config.nodes.{i + 1} = {node.Name}"));
        File.WriteAllText(Path.Combine(_folder, "rabbit.conf"), $"""
            listeners.tcp.1 = 127.0.0.1:{Port}
            listeners.ssl.1 = 127.0.0.1:{TlsPort}
            ssl_options.cacertfile = {tlsFiles}-ca.crt
            ssl_options.certfile = {tlsFiles}.crt
            ssl_options.keyfile = {tlsFiles}.key
            cluster_formation.peer_discovery_backend = classic_config
            cluster_formation.randomized_startup_delay_range.min = 0
            cluster_formation.randomized_startup_delay_range.max = 1
            cluster_partition_handling = pause_minority
            {peers}

            """);
    }

    public void Start()
    {
        Kill();
        _process = ChildProcess.Start(Server, [], _folder, new Dictionary<string, string?>
        {
            ["HOME"] = Path.Combine(_folder, "home"),
            ["RABBITMQ_NODENAME"] = Name,
            ["RABBITMQ_NODE_PORT"] = $"{Port}",
            ["RABBITMQ_DIST_PORT"] = $"{_distributionPort}",
            ["RABBITMQ_MNESIA_BASE"] = Path.Combine(_folder, "data"),
            ["RABBITMQ_LOG_BASE"] = Path.Combine(_folder, "log"),
            ["RABBITMQ_CONFIG_FILE"] = Path.Combine(_folder, "rabbit.conf"),
            ["RABBITMQ_CONF_ENV_FILE"] = Path.Combine(_folder, "none"),
            ["RABBITMQ_ENABLED_PLUGINS_FILE"] = Path.Combine(_folder, "plugins"),
            ["RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS"] = 
                "+S 1:1 +sbwt none +sbwtdcpu none +sbwtdio none -kernel inet_dist_use_interface {127,0,0,1}",
            ["ERL_EPMD_PORT"] = $"{_epmdPort}",
            ["ERL_EPMD_ADDRESS"] = "127.0.0.1",
        });
    }

    public void WaitUntilReady()
    {
        Eventually.True(() => Answers() || !IsRunning, $"{Name} answers", TimeSpan.FromMinutes(2));
        Assert.True(IsRunning, $"{Name} ended. {_process?.Output}{_process?.Error}");
    }

    /// <summary>Kills the node and its helpers with SIGKILL.</summary>
    public void Kill()
    {
        _process?.Dispose();
        _process = null;
    }

    public void Dispose() => Kill();

    private bool Answers()
    {
        try
        {
            using TcpClient client = new("127.0.0.1", Port);
            client.GetStream().Write("AMQP\0\0\u0009\u0001"u8);
            client.ReceiveTimeout = 1_000;
            return client.GetStream().ReadByte() >= 0;
        }
        catch (Exception failure) when (failure is SocketException or IOException)
        {
            return false;
        }
    }
}
