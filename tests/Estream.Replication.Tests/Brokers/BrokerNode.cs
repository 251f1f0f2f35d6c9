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
    private readonly BrokerPlace _place;
    private ChildProcess? _process;

    public BrokerNode(string folder, int number, int epmdPort, BrokerPlace? place = null)
    {
        _place = place ?? BrokerPlace.Loopback;
        Name = $"node{number}@{_place.Host}";
        _folder = folder;
        _epmdPort = epmdPort;
    }

    public string Name { get; }

    public int Port { get; } = FreePort.Next();

    public int TlsPort { get; } = FreePort.Next();

    public DnsEndPoint EndPoint => new(_place.Address, Port);

    /// <summary>The folder of everything that the node stores.</summary>
    public string Data => Path.Combine(_folder, "data");

    public bool IsRunning => _process is { HasExited: false };

    public static bool IsInstalled => File.Exists(Server);

    /// <summary>Writes the configuration of a node of a cluster.</summary>
    /// <param name="nodes">All nodes of the cluster.</param>
    /// <param name="cookie">The secret that the nodes share.</param>
    /// <param name="tlsFiles">The start of the names of the certificate files; null for no TLS.</param>
    public void Configure(IReadOnlyList<BrokerNode> nodes, string cookie, string? tlsFiles)
    {
        _ = Directory.CreateDirectory(Path.Combine(_folder, "home"));
        string cookieFile = Path.Combine(_folder, "home", ".erlang.cookie");
        SecretFiles.Write(cookieFile, cookie);
        File.WriteAllText(Path.Combine(_folder, "plugins"), "[].");
        string peers = string.Join('\n', nodes.Select((node, i) => $"cluster_formation.classic_config.nodes.{i + 1} = {node.Name}"));
        string tls = tlsFiles is null ? "" : $"""
            listeners.ssl.1 = 127.0.0.1:{TlsPort}
            ssl_options.cacertfile = {tlsFiles}-ca.crt
            ssl_options.certfile = {tlsFiles}.crt
            ssl_options.keyfile = {tlsFiles}.key
            """;
        File.WriteAllText(Path.Combine(_folder, "rabbit.conf"), $"""
            listeners.tcp.1 = {_place.Address}:{Port}
            {tls}
            {_place.Settings}
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
        string[] command = [.. _place.Launcher, Server];
        _process = ChildProcess.Start(command[0], command[1..], _folder, Variables());
    }

    /// <summary>Runs a tool of the brokers, such as <c>rabbitmqctl</c>, against this node, and returns its output.</summary>
    public string Control(string tool, params string[] arguments) => RunTool(tool, arguments).EnsureSuccess().Output;

    /// <summary>Returns the output of a tool. Returns an empty text if the node does not answer, for example because it pauses after a
    /// network failure.</summary>
    public string TryControl(string tool, params string[] arguments)
    {
        ProcessResult result = RunTool(tool, arguments);
        return result.ExitCode == 0 ? result.Output : "";
    }

    private ProcessResult RunTool(string tool, string[] arguments)
    {
        string[] command = [.. _place.Launcher, Path.Combine(Path.GetDirectoryName(Server)!, tool), "-q", "-n", Name, .. arguments];
        return ChildProcess.Run(command[0], command[1..], _folder, Variables());
    }

    private Dictionary<string, string?> Variables()
    {
        return new()
        {
            ["HOME"] = Path.Combine(_folder, "home"),
            ["RABBITMQ_NODENAME"] = Name,
            ["RABBITMQ_USE_LONGNAME"] = _place.UsesLongNames ? "true" : null,
            ["RABBITMQ_NODE_PORT"] = $"{Port}",
            ["RABBITMQ_DIST_PORT"] = $"{_distributionPort}",
            ["RABBITMQ_MNESIA_BASE"] = Data,
            ["RABBITMQ_LOG_BASE"] = Path.Combine(_folder, "log"),
            ["RABBITMQ_CONFIG_FILE"] = Path.Combine(_folder, "rabbit.conf"),
            ["RABBITMQ_CONF_ENV_FILE"] = Path.Combine(_folder, "none"),
            ["RABBITMQ_ENABLED_PLUGINS_FILE"] = Path.Combine(_folder, "plugins"),
            ["RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS"] = $"+S 1:1 +sbwt none +sbwtdcpu none +sbwtdio none {_place.ErlangArguments}",
            ["ERL_EPMD_PORT"] = $"{_epmdPort}",
            ["ERL_EPMD_ADDRESS"] = _place.Address,
        };
    }

    public void WaitUntilReady(TimeSpan? limit = null)
    {
        Eventually.True(() => Answers() || !IsRunning, $"{Name} answers", limit ?? TimeSpan.FromMinutes(10));
        Assert.True(IsRunning, $"{Name} ended. {_process?.Output}{_process?.Error}");
    }

    /// <summary>Kills the node and its helpers with SIGKILL.</summary>
    public void Kill()
    {
        _process?.Dispose();
        _process = null;
    }

    public void Dispose() => Kill();

    /// <summary>Whether the node accepts a client now.</summary>
    public bool Answers()
    {
        try
        {
            using TcpClient client = new(_place.Address, Port);
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

/// <summary>Where a node runs.</summary>
/// <param name="Host">The host in the name of the node.</param>
/// <param name="Address">The address on which it listens.</param>
internal sealed record BrokerPlace(string Host, string Address)
{
    public static BrokerPlace Loopback { get; } = new("localhost", "127.0.0.1")
    {
        ErlangArguments = "-kernel inet_dist_use_interface {127,0,0,1}",
    };

    /// <summary>A program with arguments that starts another program.</summary>
    public IReadOnlyList<string> Launcher { get; init; } = [];

    public string ErlangArguments { get; init; } = "";

    /// <summary>Further lines of the configuration.</summary>
    public string Settings { get; init; } = "";

    /// <summary>Whether the host is an address or a name with a domain.</summary>
    public bool UsesLongNames { get; init; }
}
