using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Estream.Scenarios.Harness;
using Estream.Scenarios.Workloads;

namespace Estream.Scenarios.Peers;

/// <summary>
/// System.Threading.Channels with 64-byte messages on one thread: 1024 are written, then 1024 read, and only the
/// requested half is timed. A channel is neither durable nor visible to another process; the row shows the cost of a
/// hand-off inside a process.
/// </summary>
internal sealed class ChannelContender(ContenderContext context, ChannelContender.Half half) : IContender
{
    private readonly LogWorkload _workload = new(context.Size);
    private readonly Channel<ChannelMessage> _channel = Channel.CreateUnbounded<ChannelMessage>(
        new UnboundedChannelOptions { SingleReader = true, SingleWriter = true });

    private ulong _stamp;
    private ulong _last;
    private ulong _sum;

    internal enum Half
    {
        Write,
        Read,
    }

    public RunResult Run()
    {
        long messages = half == Half.Write
            ? _workload.AppendedMessages
            : _workload.ReadMessages;
        _sum = 0;
        long writing = 0;
        long reading = 0;
        RoundTimer timer = RoundTimer.Start();
        for (long done = 0; done < messages; done += LogWorkload.BatchMessages)
        {
            int count = (int)Math.Min(LogWorkload.BatchMessages, messages - done);
            long start = Stopwatch.GetTimestamp();
            Write(count);
            long middle = Stopwatch.GetTimestamp();
            Read(count);
            writing += middle - start;
            reading += Stopwatch.GetTimestamp() - middle;
        }

        RunResult both = timer.Stop(messages);
        double share = (double)(half == Half.Write ? writing : reading) / (writing + reading);
        return both with
        {
            ElapsedNanos = (long)(both.ElapsedNanos * share),
            WaitedNanos = (long)(both.WaitedNanos!.Value * share),
            Check = half == Half.Write ? _last : _sum,
        };
    }

    public void Dispose() => _channel.Writer.Complete();

    private void Write(int count)
    {
        ChannelWriter<ChannelMessage> writer = _channel.Writer;
        ChannelMessage message = default;
        for (int i = 0; i < count; i++)
        {
            message[0] = _stamp;
            message[ChannelMessage.Last] = _stamp;
            Advance();
            writer.TryWrite(message);
        }
    }

    private void Read(int count)
    {
        ChannelReader<ChannelMessage> reader = _channel.Reader;
        for (int i = 0; i < count; i++)
        {
            reader.TryRead(out ChannelMessage message);
            _last = message[0];
            _sum += message[0] + message[ChannelMessage.Last];
        }
    }

    /// <summary>`append` always increments the stamp; `read` restarts at the first message after the last one.</summary>
    private void Advance()
    {
        _stamp++;
        if (half == Half.Read && _stamp == (ulong)_workload.StoredMessages)
        {
            _stamp = 0;
        }
    }
}

/// <summary>A message of the workload's size, passed by value as words.</summary>
[InlineArray(LogWorkload.PayloadBytes / sizeof(ulong))]
internal struct ChannelMessage
{
    /// <summary>The index of the last word.</summary>
    public const int Last = (LogWorkload.PayloadBytes / sizeof(ulong)) - 1;

    private ulong _word;
}
