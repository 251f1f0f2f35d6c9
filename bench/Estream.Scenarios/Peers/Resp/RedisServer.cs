using System.Diagnostics;
using Estream.Scenarios.Harness;

namespace Estream.Scenarios.Peers;

/// <summary>How Redis writes its append-only file before it answers.</summary>
internal enum AppendOnlyFile
{
    /// <summary>No file.</summary>
    None,

    /// <summary>Written to the page cache: survives a crash of the process.</summary>
    PageCache,

    /// <summary>Written and flushed (<c>appendfsync always</c>): survives a power cut.</summary>
    Flushed,
}

/// <summary>Runs the Redis server of the distribution. It writes no snapshots and does not rewrite its append-only file.</summary>
internal sealed class RedisServer : IRespServer
{
    private readonly ChildProcess _server;

    public RedisServer(string directory, AppendOnlyFile file)
    {
        Port = LoopbackPort.Next();
        string configuration = Path.Combine(directory, "redis.conf");
        File.WriteAllText(configuration, $"""
            port {Port}
            bind 127.0.0.1
            dir {directory}
            logfile {Path.Combine(directory, "redis.log")}
            loglevel warning
            save ""
            appendonly {(file == AppendOnlyFile.None ? "no" : "yes")}
            appendfsync {(file == AppendOnlyFile.Flushed ? "always" : "no")}
            auto-aof-rewrite-percentage 0

            """);
        var start = new ProcessStartInfo(Installed
            ?? throw new ScenarioException("redis-server is not installed: apt-get install -y redis-server"), [configuration]);
        _server = new ChildProcess(SelfProcess.Start(start), "the Redis server");
        LoopbackPort.WaitUntilListening(Port, "redis-server");
    }

    /// <summary>Whether the Redis server is installed.</summary>
    public static bool IsInstalled => Installed is not null;

    public int Port { get; }

    private static string? Installed => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
        .Select(directory => Path.Combine(directory, "redis-server")).FirstOrDefault(File.Exists);

    public void Dispose()
    {
        // The server ignores the end of its input.
        _server.Kill();
        _server.Dispose();
    }
}
