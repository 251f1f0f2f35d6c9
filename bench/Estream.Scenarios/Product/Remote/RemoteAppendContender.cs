using System.Diagnostics;
using Estream.Client;
using Estream.Scenarios.Harness;
using Estream.Scenarios.Workloads;

namespace Estream.Scenarios.Product;

/// <summary>The <c>estream</c> row of `remote-append`: an appender of <c>Estream.Client</c> with default options, and a host in another
/// process.</summary>
internal sealed class RemoteAppendContender : IContender
{
    private readonly int _messages;
    private readonly byte[] _message = RemoteWorkload.Message();
    private readonly RemoteHost _host;
    private readonly EstreamClient _client;
    private readonly RemoteAppender _appender;
    private long _appended;

    public RemoteAppendContender(string directory, string level, int messages)
    {
        _messages = messages;
        _host = new RemoteHost(directory, level);
        _client = _host.Connect();
        _appender = _client.Queue(RemoteWorkload.Queue).CreateAppender();
    }

    public RunResult Run()
    {
        long allocated = GC.GetTotalAllocatedBytes(precise: true);
        long start = Stopwatch.GetTimestamp();
        AppendAsync().GetAwaiter().GetResult();
        long elapsed = RoundTimer.NanosOf(Stopwatch.GetTimestamp() - start);
        allocated = GC.GetTotalAllocatedBytes(precise: true) - allocated;
        _appended += _messages;
        RequireStored();
        return new RunResult(_messages, elapsed) { AllocatedBytes = allocated, Check = (ulong)_messages };
    }

    public void Dispose()
    {
        _appender.DisposeAsync().AsTask().GetAwaiter().GetResult();
        _client.DisposeAsync().AsTask().GetAwaiter().GetResult();
        _host.Dispose();
    }

    private async Task AppendAsync()
    {
        for (int i = 0; i < _messages; i++)
        {
            await _appender.AppendAsync(_message).ConfigureAwait(false);
        }

        await _appender.FlushAsync().ConfigureAwait(false);
    }

    private void RequireStored()
    {
        long stored = _client.Queue(RemoteWorkload.Queue).GetInfoAsync().GetAwaiter().GetResult().NextSequence;
        if (stored != _appended)
        {
            throw new ScenarioException($"the queue has {stored} messages instead of {_appended}");
        }
    }
}
