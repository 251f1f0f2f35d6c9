using System.Diagnostics;
using System.Net.Sockets;
using System.Security.Cryptography;
using Estream.Scenarios.Harness;

namespace Estream.Scenarios.Peers.Brokers;

/// <summary>RabbitMQ brokers on loopback, shared by the contenders of this process. In a tiny run, all cases share them.</summary>
internal sealed class RabbitCluster : IDisposable
{
    private const string Server = "/usr/lib/rabbitmq/bin/rabbitmq-server";

    private static readonly TimeSpan s_startLimit = TimeSpan.FromMinutes(2);

    private static RabbitCluster? s_shared;

    private readonly List<Process> _processes = [];
    private readonly string _directory;
    private int _users = 1;

    private RabbitCluster(string directory, int brokers)
    {
        _directory = directory;
        _ = Directory.CreateDirectory(directory);
        int names = LoopbackPort.Next();
        string cookie = Convert.ToHexString(RandomNumberGenerator.GetBytes(16));
        Ports = [.. Enumerable.Range(0, brokers).Select(_ => LoopbackPort.Next())];
        try
        {
            _processes.Add(Run(new ProcessStartInfo("epmd", ["-port", $"{names}", "-address", "127.0.0.1"])));
            for (int i = 0; i < brokers; i++)
            {
                string folder = Path.Combine(directory, $"broker{i + 1}");
                _processes.Add(StartBroker(Directory.CreateDirectory(folder).FullName, i, names, cookie));
            }

            WaitUntilReady();
        }
        catch
        {
            Stop();
            throw;
        }
    }

    /// <summary>Whether the brokers are installed.</summary>
    public static bool IsInstalled => File.Exists(Server);

    /// <summary>Whether brokers keep running after their last user, until <see cref="StopShared"/>. On a busy machine this saves most of
    /// the time of a tiny run.</summary>
    public static bool AreKept { get; set; }

    public IReadOnlyList<int> Ports { get; }

    /// <summary>The processor time that a broker has used, with its helper processes.</summary>
    public TimeSpan UsedBy(int broker) => ProcessTree.UsedBy(ProcessOf(broker));

    /// <summary>The id of the process that runs a broker.</summary>
    public int ProcessOf(int broker) => _processes[1 + broker].Id;

    /// <summary>Starts the brokers, or returns the running ones. Replaces them if one has died while no contender used them.</summary>
    /// <param name="context">The contender. The files of the brokers are beside its directory, which other contenders outlive.</param>
    /// <param name="brokers">The number of brokers.</param>
    public static RabbitCluster Open(ContenderContext context, int brokers)
    {
        if (s_shared is { _users: 0 } kept && kept._processes.Exists(process => process.HasExited))
        {
            StopShared();
        }

        if (s_shared is { } shared)
        {
            shared._users++;
            return shared;
        }

        return s_shared = new RabbitCluster($"{context.Directory}-brokers", brokers);
    }

    /// <summary>Stops the shared brokers, if any run.</summary>
    public static void StopShared()
    {
        RabbitCluster? shared = s_shared;
        s_shared = null;
        shared?.Stop();
    }

    public void Dispose()
    {
        if (--_users == 0 && !AreKept)
        {
            StopShared();
        }
    }

    private void Stop()
    {
        foreach (Process process in _processes)
        {
            process.Kill(entireProcessTree: true);
            process.WaitForExit();
            process.Dispose();
        }

        _processes.Clear();
        Directory.Delete(_directory, recursive: true);
    }

    private static string NameOf(int broker) => $"bench{broker + 1}@localhost";

    private Process StartBroker(string folder, int number, int names, string cookie)
    {
        string home = Directory.CreateDirectory(Path.Combine(folder, "home")).FullName;
        string cookieFile = Path.Combine(home, ".erlang.cookie");
        FileStreamOptions ownerOnly = new() { Mode = FileMode.Create, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            ownerOnly.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        using (StreamWriter writer = new(cookieFile, ownerOnly))
        {
            writer.Write(cookie);
        }

        File.WriteAllText(Path.Combine(folder, "plugins"), "[].");
        string peers = string.Join('\n', Ports.Select((_, i) => $"cluster_formation.classic_config.nodes.{i + 1} = {NameOf(i)}"));
        File.WriteAllText(Path.Combine(folder, "rabbit.conf"), $"""
            listeners.tcp.1 = 127.0.0.1:{Ports[number]}
            cluster_formation.peer_discovery_backend = classic_config
            cluster_formation.randomized_startup_delay_range.min = 0
            cluster_formation.randomized_startup_delay_range.max = 1
            {peers}

            """);
        var start = new ProcessStartInfo(Server) { WorkingDirectory = folder };
        start.Environment["HOME"] = home;
        start.Environment["RABBITMQ_NODENAME"] = NameOf(number);
        start.Environment["RABBITMQ_NODE_PORT"] = $"{Ports[number]}";
        start.Environment["RABBITMQ_DIST_PORT"] = $"{LoopbackPort.Next()}";
        start.Environment["RABBITMQ_MNESIA_BASE"] = Path.Combine(folder, "data");
        start.Environment["RABBITMQ_LOG_BASE"] = Path.Combine(folder, "log");
        start.Environment["RABBITMQ_CONFIG_FILE"] = Path.Combine(folder, "rabbit.conf");
        start.Environment["RABBITMQ_CONF_ENV_FILE"] = Path.Combine(folder, "none");
        start.Environment["RABBITMQ_ENABLED_PLUGINS_FILE"] = Path.Combine(folder, "plugins");
        start.Environment["RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS"] = "+sbwt none +sbwtdcpu none +sbwtdio none "
            + "-kernel inet_dist_use_interface {127,0,0,1}";
        start.Environment["ERL_EPMD_PORT"] = $"{names}";
        start.Environment["ERL_EPMD_ADDRESS"] = "127.0.0.1";
        return Run(start);
    }

    // The output of a broker is not read, but must not fill a pipe.
    private static Process Run(ProcessStartInfo start)
    {
        Process process = SelfProcess.Start(start);
        process.OutputDataReceived += (_, _) => { };
        process.BeginOutputReadLine();
        return process;
    }

    private void WaitUntilReady()
    {
        long start = Stopwatch.GetTimestamp();
        foreach (int port in Ports)
        {
            while (!Answers(port))
            {
                if (Stopwatch.GetElapsedTime(start) > s_startLimit || _processes.Exists(process => process.HasExited))
                {
                    throw new ScenarioException("a RabbitMQ broker did not start; see its message above");
                }

                Thread.Sleep(100);
            }
        }
    }

    /// <summary>Whether a broker accepts clients: it answers the header of AMQP 0-9-1.</summary>
    private static bool Answers(int port)
    {
        try
        {
            using TcpClient client = new("127.0.0.1", port);
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
