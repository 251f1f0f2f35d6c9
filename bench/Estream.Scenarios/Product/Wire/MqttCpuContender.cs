using System.Diagnostics;
using Estream.Scenarios.Harness;
using Estream.Scenarios.Workloads;

namespace Estream.Scenarios.Product;

/// <summary>
/// The cost of a server of `mqtt-ingest`: the time of a round is the processor time that its process has used, all threads and the
/// kernel's part included, from the first message to the last one processed.
/// </summary>
internal sealed class MqttCpuContender : IContender
{
    private static readonly TimeSpan s_roundLimit = TimeSpan.FromSeconds(100);

    private readonly long _messages;
    private readonly IMqttServer _server;
    private readonly Process _process;
    private readonly ChildProcess _sender;

    public MqttCpuContender(ContenderContext context, Func<string, IMqttServer> start)
    {
        _messages = context.Size.Of(50, 1) * MqttWorkload.BlockMessages;
        _server = start(context.Directory);
        _process = Process.GetProcessById(_server.ProcessId);
        _sender = MqttSender.Start(_server.Port);
    }

    public RunResult Run()
    {
        TimeSpan before = Used();
        _sender.Send($"send {_messages}");
        _server.Await(_messages);
        long used = (Used() - before).Ticks * TimeSpan.NanosecondsPerTick;
        _sender.Expect("sent", s_roundLimit);
        _server.RequireWhole();

        // The kernel counts in steps of 10 ms, which a tiny round may not fill.
        return new RunResult(_messages, Math.Max(1, used));
    }

    public void Dispose()
    {
        _sender.Dispose();
        _process.Dispose();
        _server.Dispose();
    }

    private TimeSpan Used()
    {
        _process.Refresh();
        return _process.TotalProcessorTime;
    }
}

/// <summary>A server for the publisher of `mqtt-ingest`, in a child process, so that its processor time can be separated from that of other
/// processes.</summary>
internal interface IMqttServer : IDisposable
{
    int Port { get; }

    int ProcessId { get; }

    /// <summary>Returns when the server has processed this many more messages.</summary>
    void Await(long messages);

    /// <summary>Rejects the row if an awaited message is missing.</summary>
    void RequireWhole();
}
