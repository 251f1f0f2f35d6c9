using System.Buffers;
using System.Diagnostics;
using System.IO.Pipelines;
using System.Net;
using System.Net.Sockets;
using Estream.Scenarios.Harness;
using Estream.Scenarios.Workloads;
using Estream.Wire.Internal;

namespace Estream.Scenarios.Product;

/// <summary>
/// The <c>estream</c> row of `socket-receive`: reads each connection as the MQTT endpoint does, by an asynchronous loop over a pipe
/// reader, on the thread of the socket loop. Measures the processor time of all threads of the process except the sender.
/// </summary>
internal sealed class SocketReceiveContender : IContender
{
    private const int ReadBytes = 16 * 1024;

    private readonly SocketWorkload _workload;
    private readonly Socket[] _senders;
    private readonly Socket[] _receivers;
    private readonly Task[] _loops;
    private readonly SemaphoreSlim _done = new(0);
    private readonly byte[] _burst;
    private long _left;

    public SocketReceiveContender(SocketWorkload workload)
    {
        _workload = workload;
        _burst = new byte[workload.Burst * SocketWorkload.MessageBytes];
        using Socket listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen(SocketWorkload.Connections);
        _senders = new Socket[SocketWorkload.Connections];
        _receivers = new Socket[SocketWorkload.Connections];
        for (int i = 0; i < SocketWorkload.Connections; i++)
        {
            _senders[i] = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            _senders[i].Connect(listener.LocalEndPoint!);
            _receivers[i] = listener.Accept();
        }

        _loops = [.. _receivers.Select(ReceiveAsync)];
    }

    public RunResult Run()
    {
        Volatile.Write(ref _left, _workload.Messages * SocketWorkload.MessageBytes);
        TimeSpan before = Environment.CpuUsage.TotalTime;
        long sender = SchedulerTimes.OfThisThread().RanNanos;
        Send();
        _done.Wait();
        sender = SchedulerTimes.OfThisThread().RanNanos - sender;
        TimeSpan used = Environment.CpuUsage.TotalTime - before;
        return new RunResult(_workload.Messages, Math.Max(1, (used.Ticks * TimeSpan.NanosecondsPerTick) - sender))
        {
            Check = (ulong)_workload.Messages,
        };
    }

    public void Dispose()
    {
        Array.ForEach(_senders, socket => socket.Dispose());
        Task.WaitAll(_loops);
        Array.ForEach(_receivers, socket => socket.Dispose());
        _done.Dispose();
    }

    private void Send()
    {
        long start = Stopwatch.GetTimestamp();
        for (long write = 0; write < _workload.Messages / _workload.Burst; write++)
        {
            TimeSpan ahead = new((write * _workload.IntervalNanos / TimeSpan.NanosecondsPerTick) - Stopwatch.GetElapsedTime(start).Ticks);
            if (ahead > TimeSpan.Zero)
            {
                Thread.Sleep(ahead);
            }

            _ = _senders[write % SocketWorkload.Connections].Send(_burst);
        }
    }

    private async Task ReceiveAsync(Socket socket)
    {
        await using Stream stream = LoopStream.Over(socket);
        if (stream is LoopStream loop)
        {
            loop.RunsOnLoop = true;
        }

        PipeReader reader = PipeReader.Create(stream, new StreamPipeReaderOptions(bufferSize: ReadBytes, useZeroByteReads: true));
        while (true)
        {
            ReadResult result = await reader.ReadAsync().ConfigureAwait(false);
            ReadOnlySequence<byte> bytes = result.Buffer;
            if (bytes.Length > 0 && Interlocked.Add(ref _left, -bytes.Length) == 0)
            {
                _ = _done.Release();
            }

            reader.AdvanceTo(bytes.End);
            if (result.IsCompleted)
            {
                return;
            }
        }
    }
}
